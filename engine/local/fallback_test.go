package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/llm/openaichat"
)

// two is an engine with the providers "poor", which refuses the account as long as it is
// bad, and "test".
func two(t *testing.T, m *script, poor *refusing, o local.Options) *local.Engine {
	if o.Journal == nil {
		o.Journal = checktest.Memory(t)
	}
	o.Models = llm.Catalog{"poor": poor, "test": m, "keyless": keyless{m}}
	o.Model = "poor/one"
	return local.New(&o)
}

func broke() *refusing { return &refusing{calls: map[string]int{}, bad: map[string]bool{"one": true}} }

// startAs starts a run with options.
func startAs(t *testing.T, e pawl.Engine, f pawl.Flow, o *pawl.StartOptions) pawl.RunID {
	t.Helper()
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// asked are the models that a run's attempts asked, by the step.
func asked(rec pawl.RunRecord) string {
	var all []string
	for _, s := range rec.Steps {
		for _, at := range s.Attempts {
			all = append(all, string(s.Key)+":"+at.Model)
		}
	}
	return strings.Join(all, " ")
}

// TestFallbackOnARefusedAccount: the next model is asked, and the steps that come begin
// with it, whichever of the refused provider's models they would ask.
func TestFallbackOnARefusedAccount(t *testing.T) {
	for name, c := range map[string]struct {
		q     pawl.Question[string]
		start pawl.StartOptions
		want  string
	}{
		"of the question": {text("A").Fallback("test/a", "test/b"), pawl.StartOptions{}, "a:poor/one a:test/a a#2:test/a do: a#3:test/a"},
		"of the run":      {text("A"), pawl.StartOptions{Fallback: []string{"test/r"}}, "a:poor/one a:test/r a#2:test/r do: a#3:test/r"},
		"of both":         {text("A").Fallback("poor/two", "test/a"), pawl.StartOptions{Fallback: []string{"test/r"}}, "a:poor/one a:test/a a#2:test/a do: a#3:test/a"},
		"dropped":         {text("A").Fallback("test/a"), pawl.StartOptions{Model: "poor/one", Fallback: []string{"test/r"}}, "a:poor/one a:test/r a#2:test/r do: a#3:test/r"},
	} {
		t.Run(name, func(t *testing.T) {
			f := pawl.New("f", "Asks thrice.", func(r *pawl.Run, in topic) (string, error) {
				one := pawl.Ask(r, "a", c.q)
				two := pawl.Ask(r, "a", c.q.Model("poor/other"))
				pawl.Do(r, "do", 1, nothing)
				return one + two + pawl.Ask(r, "a", c.q), nil
			})
			m := &script{}
			e := two(t, m, broke(), local.Options{})
			rec := follow(t, e, startAs(t, e, f, &c.start))
			if got := asked(rec); rec.Status != pawl.StatusDone || got != c.want {
				t.Errorf("run is %s (%s) and asked %s, want %s", rec.Status, rec.Reason, got, c.want)
			}
			if len(rec.Blockers) != 0 || rec.Model != "poor/one" || !slices.Equal(rec.Fallback, append([]string{}, c.start.Fallback...)) {
				t.Errorf("model %s, fallback %v, blockers %+v", rec.Model, rec.Fallback, rec.Blockers)
			}
		})
	}
}

// A question that is forced upon a model stands still with it.
func TestForcedModelDropsFallback(t *testing.T) {
	f := pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) {
		return pawl.Ask(r, "a", text("A").Fallback("test/a")), nil
	})
	m := &script{}
	e := two(t, m, broke(), local.Options{})
	rec := follow(t, e, startAs(t, e, f, &pawl.StartOptions{Model: "poor/one"}))
	if rec.Status != pawl.StatusFailed || rec.Error.Kind != "quota" || len(m.Requests) != 0 {
		t.Fatalf("run is %s and asked %s", rec.Status, asked(rec))
	}
	direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectResume, Fallback: []string{"test/r"}})
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || asked(rec) != "a:poor/one a:poor/one a:test/r" || rec.Fallback[0] != "test/r" {
		t.Errorf("resumed with a fallback: run is %s and asked %s", rec.Status, asked(rec))
	}
	refused(t, e.Direct(t.Context(), startAs(t, e, f, nil), pawl.Directive{What: pawl.DirectResume, Fallback: []string{""}}), pawl.ErrInput, "unknown model")
}

// TestFallbackIsNoPartOfTheQuestion: an answer is kept, and not stale, whatever stands in
// for its model later, and whichever answered.
func TestFallbackIsNoPartOfTheQuestion(t *testing.T) {
	j := checktest.Memory(t)
	flow := func(q pawl.Question[string], ends error) pawl.Flow {
		return pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) { return pawl.Ask(r, "a", q), ends })
	}
	m := &script{}
	e := two(t, m, broke(), local.Options{Journal: j, Strict: true})
	rec := follow(t, e, startAs(t, e, flow(text("A").Fallback("test/a"), errors.New("stop here")), nil))
	for _, q := range []pawl.Question[string]{text("A"), text("A").Fallback("test/b").Tries(2).Repairs(0), text("A").Fallback("keyless/x")} {
		e = two(t, m, broke(), local.Options{Journal: j, Strict: true, Flows: []pawl.Flow{flow(q, errors.New("stop here"))}})
		resume(t, e, rec.ID)
		rec = follow(t, e, rec.ID)
		if rec.Error == nil || rec.Error.Message != "stop here" || rec.Steps[0].Stale || asked(rec) != "a:poor/one a:test/a" {
			t.Errorf("run is %s (%s), stale %v, asked %s", rec.Status, rec.Reason, rec.Steps[0].Stale, asked(rec))
		}
	}
}

// TestFallbackIsChecked: what is to stand in is looked at beforehand.
func TestFallbackIsChecked(t *testing.T) {
	dollar := &pawl.Budget{USD: new(1.0)}
	prices := llm.Prices{"poor/one": {Input: 1, Output: 1}, "test/a": {Input: 1, Output: 1}}
	prompted := func(header string) pawl.Flow {
		p := pawl.PromptText[topic, string]("purpose: Asking\n" + header + "\n---\n# user\nAbout {{.Topic}}")
		return pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) { return pawl.Ask(r, "a", p.With(in)), nil }, pawl.Prompts(p))
	}
	plain := prompted("")
	for _, c := range []struct {
		flow  pawl.Flow
		start pawl.StartOptions
		kind  pawl.ErrorKind // empty: it is started
		says  string
	}{
		{plain, pawl.StartOptions{Fallback: []string{"test/a"}}, "", ""},
		{plain, pawl.StartOptions{Fallback: []string{"test/a", "nope/x"}}, pawl.ErrInput, `fallback: unknown model "nope/x"`},
		{plain, pawl.StartOptions{Fallback: []string{"keyless/x"}}, "auth", "fallback: auth: no key"},
		{plain, pawl.StartOptions{Fallback: []string{"keyless/x"}, Queue: true}, "", ""},
		{plain, pawl.StartOptions{Fallback: []string{"test/a"}, Budget: dollar}, "", ""},
		{plain, pawl.StartOptions{Fallback: []string{"test/b"}, Budget: dollar}, pawl.ErrInput, "what calls of test/b cost is not known"},
		{plain, pawl.StartOptions{Fallback: []string{"test/b"}, Budget: &pawl.Budget{Calls: new(int64(9))}}, "", ""},
		{plain, pawl.StartOptions{Model: "test/b", Fallback: []string{"test/a"}, Budget: dollar}, pawl.ErrInput, "what calls of test/b cost is not known"},
		{prompted("fallback: test/a, test/b"), pawl.StartOptions{}, "", ""},
		{prompted("fallback: test/a, nope/x"), pawl.StartOptions{}, pawl.ErrInput, `prompt "asking": fallback: unknown model "nope/x"`},
		{prompted("fallback: keyless/x"), pawl.StartOptions{}, "auth", `prompt "asking": fallback: auth: no key`},
		{prompted("fallback: keyless/x"), pawl.StartOptions{Model: "test/a"}, "", ""}, // dropped
		{prompted("fallback: test/b"), pawl.StartOptions{Budget: dollar}, pawl.ErrInput, "what calls of test/b cost is not known"},
	} {
		e := two(t, &script{}, broke(), local.Options{Prices: prices})
		_, err := e.Start(t.Context(), c.flow, json.RawMessage(`{}`), &c.start)
		if c.kind == "" && err != nil {
			t.Errorf("%+v: %v", c.start, err)
		} else if c.kind != "" {
			refused(t, err, c.kind, c.says)
		}
		if runs, err := e.List(t.Context(), pawl.RunFilter{}); err != nil || (len(runs) > 0) != (c.kind == "") {
			t.Errorf("%+v: %d runs are left, %v", c.start, len(runs), err)
		}
		e.Close(t.Context())
	}
}

// What a question names in code is looked at when it is asked, before its first call.
func TestFallbackOfAQuestionIsChecked(t *testing.T) {
	prices := llm.Prices{"test/one": {Input: 1, Output: 1}}
	flow := func(model string) pawl.Flow {
		return pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) {
			out, err := pawl.TryAsk(r, "a", text("A").Model("test/one").Fallback(model))
			return out, err
		})
	}
	for model, want := range map[string]struct {
		kind pawl.ErrorKind
		says string
	}{
		"nope/x":    {"invalid", `fallback nope/x: unknown model "nope/x"`},
		"keyless/x": {"auth", "fallback keyless/x: auth: no key"},
	} {
		m := &script{}
		e := two(t, m, broke(), local.Options{})
		if rec := finish(t, e, flow(model)); rec.Status != pawl.StatusFailed || rec.Error.Kind != want.kind || !strings.HasPrefix(rec.Error.Message, want.says) || len(m.Requests) != 0 {
			t.Errorf("%s: run is %s: %+v after %d calls", model, rec.Status, rec.Error, len(m.Requests))
		}
	}
	m := &script{}
	e := two(t, m, broke(), local.Options{Prices: prices})
	rec := follow(t, e, startWith(t, e, flow("test/two"), &pawl.Budget{USD: new(1.0)}))
	if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Kind != pawl.BlockerBudget || !strings.Contains(rec.Reason, "give test/two a price") || len(m.Requests) != 0 {
		t.Errorf("run is %s (%s) after %d calls", rec.Status, rec.Reason, len(m.Requests))
	}
}

// TestFallbackSurvives: a round that has come to the second model goes on with it in
// another process.
func TestFallbackSurvives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		f := pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", text("A").Fallback("test/a").Gate("never so", func(s string) error {
				if s == "so" {
					return errors.New("is so")
				}
				return nil
			})), nil
		})
		m := &script{Latency: time.Minute, Replies: map[string][]any{"a": {"so"}}}
		e := two(t, m, broke(), local.Options{Journal: j})
		id := start(t, e, f)
		time.Sleep(90 * time.Second) // of the bubble: its answer was turned down, and the next call is in flight
		cut, cancel := context.WithCancel(t.Context())
		cancel()
		e.Close(cut)
		poor := broke()
		e = two(t, m, poor, local.Options{Journal: j, Flows: []pawl.Flow{f}})
		defer e.Close(t.Context())
		resume(t, e, id)
		rec := follow(t, e, id)
		if got := asked(rec); rec.Status != pawl.StatusDone || got != "a:poor/one a:test/a a:test/a a:test/a" || poor.count("one") != 0 {
			t.Errorf("run is %s (%s) and asked %s", rec.Status, rec.Reason, got)
		}
		if last := m.Requests[len(m.Requests)-1]; len(last.Messages) != 3 {
			t.Errorf("the last request has %d messages, want the answer that was turned down with it", len(last.Messages))
		}
	})
}

// TestFallbackBesideALimiter: a step that waits for a place among the calls of a model
// whose account is refused meanwhile asks the next one.
func TestFallbackBesideALimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		poor := broke()
		poor.latency = time.Second
		f := pawl.New("f", "Fans out.", func(r *pawl.Run, in topic) (int, error) {
			return len(pawl.Map(r, "m", make([]int, 70), func(r *pawl.Run, _ int) (string, error) {
				return pawl.Ask(r, "w", text("W").Fallback("test/a")), nil
			}, pawl.Limit(70))), nil
		})
		m := &script{}
		rec := finish(t, two(t, m, poor, local.Options{}), f)
		if rec.Status != pawl.StatusDone || string(rec.Output) != "70" || poor.count("one") != 64 || len(m.Requests) != 70 {
			t.Errorf("run is %s (%s): %d calls of the one, %d of the other", rec.Status, rec.Reason, poor.count("one"), len(m.Requests))
		}
	})
}

// TestFallbackOverSockets: a provider's 401 and 429 on the wire have the next one answer.
func TestFallbackOverSockets(t *testing.T) {
	limited := responsestest.Status(http.StatusTooManyRequests, "rate_limit_exceeded", "slow down").Header("Retry-After-Ms", "1")
	for name, c := range map[string]struct {
		reply responsestest.Reply
		tries int
		calls int
	}{
		"401":                   {responsestest.Status(http.StatusUnauthorized, "invalid_api_key", "wrong key"), 5, 1},
		"429 for want of money": {responsestest.Status(http.StatusTooManyRequests, "insufficient_quota", "no credit"), 5, 1},
		"429":                   {limited, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			bad, good := responsestest.New(t), responsestest.New(t)
			bad.On(func(responsestest.Call) responsestest.Reply { return c.reply })
			good.On(func(call responsestest.Call) responsestest.Reply {
				return responsestest.Text(fmt.Sprintf("answer of %s", call.Model))
			})
			e := local.New(&local.Options{Journal: checktest.Memory(t), Model: "openai/gpt-5.4-mini", Models: llm.Catalog{
				"openai":      openai.New(&openai.Options{APIKey: "sk-test", BaseURL: bad.URL()}),
				"openai-chat": openaichat.New(&openaichat.Options{BaseURL: good.URL()}),
			}})
			defer e.Close(t.Context())
			q := text("A").Fallback("openai-chat/llama").Tries(c.tries)
			f := pawl.New("f", "Asks twice.", func(r *pawl.Run, in topic) (string, error) {
				return pawl.Ask(r, "a", q) + ", " + pawl.Ask(r, "b", q), nil
			})
			rec := finish(t, e, f)
			if rec.Status != pawl.StatusDone || string(rec.Output) != `"answer of llama, answer of llama"` {
				t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
			}
			if n := len(bad.Calls()); n != c.calls || len(good.Calls()) != 2 {
				t.Errorf("%d and %d calls, want %d and 2", n, len(good.Calls()), c.calls)
			}
		})
	}
}

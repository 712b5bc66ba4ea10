package local_test

import (
	"context"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// The limit of an answer is one number: what the call says, else the prompt, else the
// model's default. It is sent, journaled and reserved.
func TestTheLimitIsOneNumber(t *testing.T) {
	prompt := pawl.PromptText[say, string]("purpose: Saying\nmax_tokens: 700\n---\n# user\n{{.Text}}")
	f := pawl.New("limits", "Asks.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Ask(r, "call", prompt.With(say{"a"}).MaxTokens(80))
		pawl.Ask(r, "header", prompt.With(say{"a"}))
		return pawl.Ask(r, "default", text("Ask")), nil
	}, pawl.Prompts(prompt))
	j, m := checktest.Memory(t), &script{}
	rec := finish(t, newEngine(j, m), f)
	events, err := j.Read(t.Context(), rec.ID, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := map[pawl.Key]int{"call": 80, "header": 700, "default": 16_384}
	n := 0
	for _, ev := range events {
		if ev.Type != pawl.EventIntent {
			continue
		}
		in, err := journal.Decode[journal.Intent](ev)
		if err != nil {
			t.Fatal(err)
		}
		sent := m.Requests[n]
		n++
		input := replay.Estimate(sent.Messages, sent.Schema, 0, nil, "").Tokens
		if w := want[ev.Key]; sent.MaxTokens != w || in.Request.MaxTokens != w || in.Reserve.Tokens != input+int64(w) {
			t.Errorf("%s: sent %d, journaled %d, reserved %d with %d of input; wants %d", ev.Key, sent.MaxTokens, in.Request.MaxTokens, in.Reserve.Tokens, input, w)
		}
	}
	if n != len(want) || rec.Status != pawl.StatusDone {
		t.Errorf("run is %s after %d calls", rec.Status, n)
	}
}

type say struct{ Text string }

// A limit that is changed, added or taken away makes no result stale, not even strictly.
func TestALimitIsNoPartOfTheQuestion(t *testing.T) {
	limit := 0
	f := pawl.New("one", "Asks.", func(r *pawl.Run, in topic) (string, error) {
		q := text("Ask")
		if limit > 0 {
			q = q.MaxTokens(limit)
		}
		got := pawl.Ask(r, "a", q)
		pawl.Input[string](r, "say", "And?")
		return got, nil
	})
	j, m := checktest.Memory(t), &script{}
	id := finish(t, newEngine(j, m), f).ID // it waits for a person
	for _, limit = range []int{0, 500, 900, 0} {
		e := local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Flows: []pawl.Flow{f}, Strict: true})
		resume(t, e, id)
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Key != "say" || rec.Steps[0].Stale || len(m.Requests) != 1 {
			t.Errorf("limit %d: run is %s (%s), %+v", limit, rec.Status, rec.Reason, rec.Steps[0])
		}
	}
}

// Some servers count the limit as part of the request, and refuse it where their model
// has no room for both: a model that is not known is asked once more with less.
func TestALimitThatDoesNotFitTheModel(t *testing.T) {
	var limits []int
	room := 10_000
	m := llm.Func(func(_ context.Context, r llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		limits = append(limits, r.MaxTokens)
		if r.MaxTokens > room {
			return llm.Response{}, &llm.Error{Kind: llm.ContextLength, Message: "requested too many"}
		}
		return llm.Response{Text: "yes"}, nil
	})
	rec := finish(t, newEngine(checktest.Memory(t), m), asks)
	if rec.Status != pawl.StatusDone || len(limits) != 2 || limits[1] != 4096 {
		t.Errorf("run is %s (%s), the limits were %v", rec.Status, rec.Reason, limits)
	}
	limits, room = nil, 0
	if rec = finish(t, newEngine(checktest.Memory(t), m), asks); rec.Status != pawl.StatusFailed || rec.Error.Kind != "context_length" || len(limits) != 2 {
		t.Errorf("run is %s (%s), the limits were %v", rec.Status, rec.Reason, limits)
	}
}

// An answer that took all it might take is cut short, and asked for once more with twice
// as much, although its server called it complete.
func TestAnAnswerAtTheLimitIsAskedAgain(t *testing.T) {
	var limits []int
	m := llm.Func(func(_ context.Context, r llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		limits = append(limits, r.MaxTokens)
		if r.MaxTokens == 40 {
			return llm.Response{Text: "The tid", Usage: &llm.Usage{OutputTokens: 40}}, nil
		}
		return llm.Response{Text: "The tides rise.", Usage: &llm.Usage{OutputTokens: 60}}, nil
	})
	f := pawl.New("one", "Asks.", func(r *pawl.Run, in topic) (string, error) {
		return pawl.Ask(r, "a", text("Ask").MaxTokens(40)), nil
	})
	rec := finish(t, newEngine(checktest.Memory(t), m), f)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"The tides rise."` || len(limits) != 2 || limits[1] != 80 {
		t.Errorf("run is %s with %s, the limits were %v", rec.Status, rec.Output, limits)
	}
	if at := rec.Steps[0].Attempts[0]; at.Error == nil || at.Error.Kind != "truncated" || at.Raw == nil || *at.Raw != "The tid" || at.Usage == nil {
		t.Errorf("attempt %+v", at)
	}
}

package local_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/openaichat"
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

// A server that takes less is asked with that from then on, and it is this number that is
// sent, journaled and reserved. Of the attempt that found it out its end says so; it was one
// call in two requests, the second of which was answered.
func TestTheLimitThatAServerTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 8192
		srv := responsestest.NewInMemory(t)
		srv.On(func(c responsestest.Call) responsestest.Reply {
			if c.MaxTokens > most {
				return responsestest.Status(400, "", "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]")
			}
			return responsestest.Text("A text.")
		})
		f := pawl.New("limits", "Asks.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "first", text("Ask")) + pawl.Ask(r, "second", text("Ask")), nil
		})
		j := checktest.Memory(t)
		e := local.New(&local.Options{Journal: j, Model: "openai-chat/m", Models: llm.Catalog{
			"openai-chat": openaichat.New(&openaichat.Options{BaseURL: srv.URL(), HTTPClient: srv.Client()}),
		}})
		defer e.Close(t.Context())
		rec := finish(t, e, f)
		var sent []int
		for _, c := range srv.Calls() {
			sent = append(sent, c.MaxTokens)
		}
		if want := []int{16_384, most, most}; !slices.Equal(sent, want) {
			t.Errorf("sent %v, wants %v", sent, want)
		}
		if u := rec.Usage; rec.Status != pawl.StatusDone || u.ModelCalls != 2 || rec.Steps[0].Attempts[0].Requests != 2 || rec.Steps[1].Attempts[0].Requests != 1 {
			t.Errorf("run is %s, %+v, attempts %+v %+v", rec.Status, u, rec.Steps[0].Attempts, rec.Steps[1].Attempts)
		}
		events, err := j.Read(t.Context(), rec.ID, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range events {
			switch ev.Type {
			case pawl.EventIntent:
				in, err := journal.Decode[journal.Intent](ev)
				want := map[pawl.Key]int{"first": 16_384, "second": most}[ev.Key]
				if err != nil || in.Request.MaxTokens != want || in.Reserve.Tokens <= int64(want) || in.Reserve.Tokens > int64(want)+100 {
					t.Errorf("%s: journaled %d, reserved %d; wants %d", ev.Key, in.Request.MaxTokens, in.Reserve.Tokens, want)
				}
			case pawl.EventAttempt:
				if at, err := journal.Decode[journal.Attempt](ev); err != nil || at.MostTokens != most {
					t.Errorf("%s ends with %+v, %v", ev.Key, at, err)
				}
			}
		}
	})
}

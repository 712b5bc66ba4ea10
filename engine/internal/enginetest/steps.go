package enginetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

func repairs(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"outline": {
		"not json", `{"title":"T","sections":["a","b"]}`, `{"title":"T","sections":["a","b","c"]}`}}}
	f := pawl.New("chain", "Chains.", func(r *pawl.Run, in Topic) (string, error) {
		o := pawl.Ask(r, "outline", pawl.Messages[Outline]("Planning outline", llm.User("plan "+in.Topic)))
		return pawl.Ask(r, "draft", Text("Writing "+strings.Join(o.Sections, ","))), nil
	})
	e := open(m)
	rec := Finish(t, e, f)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"answer of draft"` {
		t.Fatalf("status %s, output %s, error %+v", rec.Status, rec.Output, rec.Error)
	}
	at := rec.Steps[0].Attempts
	if len(at) != 3 || at[0].Outcome != pawl.OutcomeRejected || at[2].Outcome != pawl.OutcomeAccepted {
		t.Fatalf("attempts %+v", at)
	}
	if !strings.Contains(at[1].Gates[0].Detail, "sections: has 2 items, wants 3 to 5") {
		t.Errorf("complaint %q", at[1].Gates[0].Detail)
	}
	last := m.Requests[2].Messages
	if len(last) != 5 || last[1].Text() != "not json" || !strings.Contains(last[4].Text(), "wants 3 to 5") {
		t.Errorf("repair request %+v", last)
	}
	if rec.Usage.ModelCalls != 4 || *rec.Usage.OutputTokens != 20 {
		t.Errorf("usage %+v", rec.Usage)
	}
}

func transientFailures(t *testing.T, open store) {
	down := error(&llm.Error{Kind: llm.Overloaded, Message: "down"})
	m := &Script{Replies: map[string][]any{"a": {down, down, down, down, down}}}
	e := open(m, ABC)
	begin := time.Now()
	rec := Finish(t, e, ABC)
	took(t, begin, 12*time.Second, 18*time.Second) // 1+2+4+8 s, off by 20 %
	if rec.Status != pawl.StatusFailed || m.Calls("a") != 5 || !strings.Contains(rec.Error.Message, "still failing after 5 attempts: overloaded: down") {
		t.Fatalf("%s after %d calls: %+v", rec.Status, m.Calls("a"), rec.Error)
	}
	Resume(t, e, rec.ID)
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || rec.Steps[0].Attempts[5].Number != 6 {
		t.Errorf("%s: %+v", rec.Status, rec.Steps[0].Attempts)
	}
}

func truncatedAnswers(t *testing.T, open store) {
	cut := error(&llm.Error{Kind: llm.Truncated, Message: "cut", Partial: "{", Usage: &llm.Usage{OutputTokens: 100}})
	f := pawl.New("one", "Asks.", func(r *pawl.Run, in Topic) (string, error) {
		return pawl.Ask(r, "a", Text("A").MaxTokens(100)) + pawl.Ask(r, "b", Text("B")), nil
	})
	m := &Script{Replies: map[string][]any{"a": {cut}, "b": {cut, cut}}}
	rec := Finish(t, open(m), f)
	if m.Requests[0].MaxTokens != 100 || m.Requests[1].MaxTokens != 200 || m.Requests[2].MaxTokens != 16_384 || m.Requests[3].MaxTokens != 32_768 {
		t.Errorf("limits %d %d %d %d", m.Requests[0].MaxTokens, m.Requests[1].MaxTokens, m.Requests[2].MaxTokens, m.Requests[3].MaxTokens)
	}
	if rec.Status != pawl.StatusFailed || rec.Error.Kind != "truncated" || rec.Error.Step != "b" || m.Calls("b") != 2 {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}

func hungModels(t *testing.T, open store) {
	n := 0
	hung := llm.Func(func(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		if n++; n == 1 {
			<-ctx.Done()
			return llm.Response{}, &llm.Error{Kind: llm.Timeout, Message: "no answer"}
		}
		return llm.Response{Text: "late"}, nil
	})
	begin := time.Now()
	rec := Finish(t, open(hung), pawl.New("one", "Asks.", func(r *pawl.Run, in Topic) (string, error) {
		return pawl.Ask(r, "a", Text("A")), nil
	}))
	if d := time.Since(begin); rec.Status != pawl.StatusDone || d < 3*time.Minute || d > 3*time.Minute+2*time.Second {
		t.Errorf("%s after %v", rec.Status, d)
	}
}

func failureResumes(t *testing.T, open store) {
	refusal := &llm.Error{Kind: llm.Refused, Message: "no", Hint: "ask for something else"}
	m := &Script{Replies: map[string][]any{"b": {refusal}}}
	f := pawl.New("abc", "Does a, b, c.", func(r *pawl.Run, in Topic) (string, error) {
		return pawl.Ask(r, "a", Text("A")) + pawl.Ask(r, "b", Text("B")) + pawl.Ask(r, "c", Text("C")), nil
	})
	e := open(m)
	rec := Finish(t, e, f)
	if rec.Status != pawl.StatusFailed || rec.Error == nil || rec.Error.Step != "b" || rec.Error.Kind != "refused" || len(rec.Blockers) != 1 {
		t.Fatalf("record %+v", rec)
	}
	if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Who: "me"}); err != nil {
		t.Fatal(err)
	}
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || rec.Error != nil || len(rec.Decisions) != 1 {
		t.Fatalf("record %+v", rec)
	}
	if m.Calls("a") != 1 || m.Calls("b") != 2 || m.Calls("c") != 1 {
		t.Errorf("calls %d %d %d", m.Calls("a"), m.Calls("b"), m.Calls("c"))
	}
}

// recoverSeesNothing: a flow that recovers from everything cannot keep a
// failed step from ending its branch.
func recoverSeesNothing(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"a": {pawl.ErrGate}}}
	saw := any("nothing")
	f := pawl.New("greedy", "Recovers.", func(r *pawl.Run, in Topic) (int, error) {
		func() {
			defer func() {
				if p := recover(); p != nil {
					saw = p
				}
				defer func() { pawl.Ask(r, "cleanup", Text("C")) }() // journals nothing
			}()
			pawl.Ask(r, "a", Text("A"))
		}()
		return 1, nil
	})
	rec := Finish(t, open(m), f)
	if rec.Status != pawl.StatusFailed || saw != "nothing" || Keys(rec) != "a:failed" {
		t.Errorf("%s, recovered %v, steps %s", rec.Status, saw, Keys(rec))
	}
}

// doneHasNoBlockers: what stood in the way of a finished run is gone.
func doneHasNoBlockers(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"p/x/a": {&llm.Error{Kind: llm.Refused}}}}
	broken := true
	f := pawl.New("both", "Fails twice.", func(r *pawl.Run, in Topic) (int, error) {
		pawl.Parallel(r, "p",
			pawl.Go("x", func(r *pawl.Run) error { pawl.Ask(r, "a", Text("A")); return nil }),
			pawl.Go("y", func(r *pawl.Run) error {
				pawl.Ask(r, "b", Text("B"))
				if broken {
					return errors.New("broken")
				}
				return nil
			}))
		return 1, nil
	})
	e := open(m)
	rec := Finish(t, e, f)
	if rec.Status != pawl.StatusFailed {
		t.Fatalf("%s", rec.Status)
	}
	broken = false
	Resume(t, e, rec.ID)
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || len(rec.Blockers) != 0 || rec.Error != nil {
		t.Errorf("%s, blockers %+v, error %+v", rec.Status, rec.Blockers, rec.Error)
	}
}

package local_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// TestHugeThings: whatever is too large, be it of the flow, a model or a person, its run
// comes to rest and says what; what is for readers alone is cut.
func TestHugeThings(t *testing.T) {
	if testing.Short() {
		t.Skip("makes texts of many MiB; without -short")
	}
	big := strings.Repeat("x", 9<<20)
	escaped := strings.Repeat("\x01", 4<<20) // takes six times as much in JSON
	pass := func(string) error { return nil }
	for name, c := range map[string]struct {
		flow func(r *pawl.Run, _ topic) (string, error)
		says string // of the run's error; empty: it is done
	}{
		"question": {func(r *pawl.Run, _ topic) (string, error) {
			return pawl.Approve(r, "ok", "p", big).Value, nil
		}, "what step \"ok\" asks takes 9437184 bytes"},
		"question that is escaped": {func(r *pawl.Run, _ topic) (string, error) {
			return pawl.Approve(r, "ok", "p", escaped).Value, nil
		}, "what step \"ok\" asks takes"},
		"reasons": {func(r *pawl.Run, _ topic) (string, error) {
			return pawl.Approve(r, "ok", "p", "q?", pawl.Reasons(big, big+"2")).Value, nil
		}, "what step \"ok\" asks takes"},
		"proposal": {func(r *pawl.Run, _ topic) (string, error) {
			return pawl.Approve(r, "ok", big+big, "q?").Value, nil
		}, "what step \"ok\" shows a person takes"},
		"purpose of a do": {func(r *pawl.Run, _ topic) (string, error) {
			return pawl.Do(r, "d", 1, func(context.Context, int) (string, error) { return "", nil }, pawl.Purpose(big+big)), nil
		}, ""},
		"purpose of an ask": {func(r *pawl.Run, _ topic) (string, error) {
			return pawl.Ask(r, "a", pawl.Messages[string](big+big, llm.User("x"))), nil
		}, ""},
		"names of many branches": {func(r *pawl.Run, _ topic) (string, error) {
			var all []pawl.Branch
			for i := range 1000 {
				all = append(all, pawl.Go(fmt.Sprintf("b%060d", i), func(*pawl.Run) error { return nil }))
			}
			pawl.Parallel(r, "p", all...)
			return "", nil
		}, ""},
		"gate's name": {func(r *pawl.Run, _ topic) (string, error) { return pawl.Ask(r, "a", text("A").Gate(big, pass)), nil }, "the names of its gates take"},
		"messages": {func(r *pawl.Run, _ topic) (string, error) {
			return pawl.Ask(r, "a", text("A").Then(make([]llm.Message, 10_000)...)), nil
		}, "the request has 10001 messages"},
		"name of a model": {func(r *pawl.Run, _ topic) (string, error) {
			return pawl.Ask(r, "a", text("A").Model("test/"+big+big)), nil
		}, "intent event of step \"a\""},
		"output": {func(*pawl.Run, topic) (string, error) { return escaped, nil }, "the flow's output takes"},
		"result of a do": {func(r *pawl.Run, _ topic) (string, error) {
			return pawl.Do(r, "d", 1, func(context.Context, int) (string, error) { return big + big, nil }), nil
		}, "the result takes"},
		"error":                  {func(*pawl.Run, topic) (string, error) { return "", errors.New(escaped) }, "... (cut)"},
		"flow that calls itself": {func(r *pawl.Run, in topic) (string, error) { return callItself(r, in) }, "scopes are nested too deep"},
	} {
		t.Run(name, func(t *testing.T) {
			m := llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
				return llm.Response{Text: "yes"}, nil
			})
			rec := finish(t, newEngine(checktest.Memory(t), m), pawl.New("huge", "Makes something huge.", c.flow))
			switch {
			case c.says == "" && rec.Status != pawl.StatusDone:
				t.Errorf("run is %s: %.300s", rec.Status, rec.Reason)
			case c.says != "" && (rec.Status != pawl.StatusFailed || !strings.Contains(rec.Error.Message, c.says)):
				t.Errorf("run is %s: %.300s, want %q", rec.Status, rec.Reason, c.says)
			}
		})
	}
}

var endless *pawl.FlowOf[topic, string]

func init() { endless = pawl.New("endless", "Calls itself.", callItself) }

func callItself(r *pawl.Run, in topic) (string, error) {
	return pawl.Call(r, strings.Repeat("n", 60), endless, in), nil
}

// TestAnswerOfAHugeID: an id or a count of tokens that no provider means costs no answer.
func TestAnswerOfAHugeID(t *testing.T) {
	m := llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
		return llm.Response{Text: "yes", ID: strings.Repeat("x", 17<<20), Usage: &llm.Usage{InputTokens: math.MaxInt64, OutputTokens: -5}}, nil
	})
	two := pawl.New("two", "Asks twice.", func(r *pawl.Run, _ topic) (string, error) {
		return pawl.Ask(r, "a", text("A")) + pawl.Ask(r, "b", text("B")), nil
	})
	rec := finish(t, newEngine(checktest.Memory(t), m), two)
	if rec.Status != pawl.StatusDone || *rec.Usage.InputTokens != 2<<40 || *rec.Usage.OutputTokens != 0 {
		t.Errorf("run is %s (%.200s), usage %+v", rec.Status, rec.Reason, rec.Usage)
	}
}

// TestHugeWords: what a person says is refused with its size, and nothing of it is kept.
func TestHugeWords(t *testing.T) {
	e := newEngine(checktest.Memory(t), &script{})
	id := start(t, e, pawl.New("f", "Asks a person.", func(r *pawl.Run, _ topic) (string, error) {
		return pawl.Input[string](r, "v", "What?", pawl.AnswerAfter(time.Hour, "nothing")), nil
	}))
	follow(t, e, id)
	long, huge := strings.Repeat("x", 64<<10+1), []byte(`"`+strings.Repeat("x", 15<<20)+`"`)
	refused(t, e.Decide(t.Context(), id, pawl.Decision{Key: "v", What: pawl.DecideAnswer, Who: "me", Value: huge}), pawl.ErrInput, "the value takes 15728642 bytes")
	refused(t, e.Decide(t.Context(), id, pawl.Decision{Key: "v", What: pawl.DecideAnswer, Who: "me", Value: []byte(`"x"`), Comment: long}), pawl.ErrInput, "the comment is 65537 bytes long")
	refused(t, e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectGuide, Text: long}), pawl.ErrInput, "the guidance is 65537 bytes long")
	refused(t, e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause, Text: long}), pawl.ErrInput, "bytes long")
	many := make([]string, 2)
	for i := range many {
		many[i] = "test/" + strings.Repeat("x", 9<<20)
	}
	refused(t, e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Fallback: many}), pawl.ErrStep, "at most 16777216 fit")
	if rec := follow(t, e, id); rec.Status != pawl.StatusFailed || len(rec.Guidance) != 0 || len(rec.Decisions) != 0 {
		t.Errorf("run is %s (%.200s), %+v", rec.Status, rec.Reason, rec.Decisions)
	}
	resume(t, e, id)
	follow(t, e, id)
	decide(t, e, id, pawl.Decision{Key: "v", What: pawl.DecideAnswer, Value: []byte(`"x"`)})
	if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%.200s)", rec.Status, rec.Reason)
	}
}

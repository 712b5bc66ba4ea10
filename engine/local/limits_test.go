package local_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
)

// What the journal cannot hold fails the run, which says so, instead of leaving
// it to be taken up for ever.
func TestOversizedQuestions(t *testing.T) {
	long := strings.Repeat("x", journal.MaxValueBytes)
	for name, f := range map[string]pawl.Flow{
		"proposal": pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (bool, error) {
			return pawl.Approve(r, "ok", long, "OK?").Approved, nil
		}),
		"question": pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (bool, error) {
			return pawl.Approve(r, "ok", "x", long).Approved, nil
		}),
		"default": pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Input[string](r, "ok", "What?", pawl.AnswerAfter(time.Hour, long)), nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "question" {
				t.Skip("takes long under the race detector")
			}
			e := newEngine(checktest.Memory(t), &script{})
			rec := finish(t, e, f)
			if rec.Status != pawl.StatusFailed || !strings.Contains(rec.Reason, "the journal holds at most") {
				t.Errorf("run is %s (%.200s)", rec.Status, rec.Reason)
			}
			enginetest.CheckStanding(t, e, rec)
		})
	}
	e := newEngine(checktest.Memory(t), &script{})
	rec := finish(t, e, publish)
	err := e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: long})
	refused(t, err, pawl.ErrInput, "who")
	err = e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Comment: long})
	refused(t, err, pawl.ErrInput, "the comment is")
	decide(t, e, rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove})
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%.200s)", rec.Status, rec.Reason)
	}
	rec = finish(t, e, publish)
	refused(t, e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectGuide, Text: "x", Who: long}), pawl.ErrInput, "who")
}

// TestOversizedValues: what the journal cannot hold fails the step or the flow,
// or is cut, and the run stays resumable.
func TestOversizedValues(t *testing.T) {
	huge := strings.Repeat("x", journal.MaxValueBytes+1)
	for name, tt := range map[string]struct {
		fn   func(r *pawl.Run) (string, error)
		want pawl.Status
	}{
		"prompt": {func(r *pawl.Run) (string, error) { return pawl.Ask(r, "q", text(huge)), nil }, pawl.StatusFailed},
		"output": {func(r *pawl.Run) (string, error) { return huge, nil }, pawl.StatusFailed},
		"error":  {func(r *pawl.Run) (string, error) { return "", errors.New(huge) }, pawl.StatusFailed},
		"note":   {func(r *pawl.Run) (string, error) { r.Note("%s", huge); return "", nil }, pawl.StatusDone},
		"complaint": {func(r *pawl.Run) (string, error) {
			return pawl.Ask(r, "q", text("Q").Gate("g", func(string) error { return errors.New(huge) })), nil
		}, pawl.StatusFailed},
		"do error": {func(r *pawl.Run) (string, error) {
			return pawl.Do(r, "d", 1, func(context.Context, int) (string, error) { return "", errors.New(huge) }), nil
		}, pawl.StatusFailed},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(checktest.Memory(t), &script{})
			rec := finish(t, e, pawl.New("huge", "Is huge.", func(r *pawl.Run, in topic) (string, error) { return tt.fn(r) }))
			if rec.Status != tt.want {
				t.Errorf("%s: %.200s", rec.Status, rec.Reason)
			}
		})
	}
}

// TestOversizedResult: what the journal cannot keep fails its step and no more.
func TestOversizedResult(t *testing.T) {
	huge := strings.Repeat("\x01", journal.MaxValueBytes/6+1) // six bytes each in JSON
	m := &script{Replies: map[string][]any{"b": {huge}}}
	e := newEngine(checktest.Memory(t), m, abc)
	rec := finish(t, e, abc)
	if rec.Status != pawl.StatusFailed || rec.Error.Step != "b" || !strings.Contains(rec.Error.Message, "the journal holds at most") {
		t.Fatalf("%s %+v", rec.Status, rec.Error)
	}
	resume(t, e, rec.ID)
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}

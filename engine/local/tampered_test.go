package local_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
)

// tampered is a journal in which something has changed what was answered.
type tampered struct {
	journal.Journal
	withheld bool // the digest of the true body is kept, as if the body was withheld
}

func (j tampered) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	events, err := j.Journal.Read(ctx, id, after, limit)
	for i := range events {
		if events[i].Type == pawl.EventAttempt {
			if j.withheld {
				events[i].BodyDigest = journal.Digest(events[i].Body)
			}
			events[i].Body = bytes.Replace(events[i].Body, []byte("true answer"), []byte("false one!!"), 1)
		}
	}
	return events, err
}

// TestTamperedRunDoesNotGoOn: a history that something else has changed can be looked at,
// and nobody goes on with it, also who has looked at it before.
func TestTamperedRunDoesNotGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		flow := pawl.New("asks", "Asks twice.", func(r *pawl.Run, _ struct{}) (string, error) {
			pawl.Do(r, "first", 0, func(context.Context, int) (string, error) { return "true answer", nil })
			return pawl.Do(r, "second", 0, func(context.Context, int) (string, error) {
				return "", &pawl.Error{Kind: pawl.ErrStep, Message: "not yet"}
			}), nil
		})
		e := newEngine(j, nil, flow)
		id, err := e.Start(t.Context(), flow, []byte("{}"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if rec, err := e.Wait(t.Context(), id); err != nil || rec.Status != pawl.StatusFailed {
			t.Fatalf("%+v, %v", rec, err)
		}
		before, err := j.Read(t.Context(), id, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		for withheld, want := range map[bool]string{false: "does not match its hash", true: "has another body than was recorded"} {
			other := newEngine(tampered{j, withheld}, nil, flow)
			for range 2 {
				if rec, err := other.Get(t.Context(), id); err != nil || rec.Status != pawl.StatusFailed {
					t.Errorf("looked at: %+v, %v", rec, err)
				}
				err := other.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "ann"})
				if !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), want) {
					t.Errorf("resume: %v, wants %q", err, want)
				}
			}
		}
		after, err := j.Read(t.Context(), id, pawl.Seq(len(before)), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range after {
			if ev.Type != pawl.EventClaimed {
				t.Errorf("it has gone on: %+v", ev)
			}
		}
	})
}

// TestTamperedBase: nothing is taken over from a history that something else has changed,
// neither by a run that begins nor by one that had begun before.
func TestTamperedBase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		flow := pawl.New("asks", "Asks once.", func(r *pawl.Run, _ struct{}) (string, error) {
			return pawl.Do(r, "first", 0, func(context.Context, int) (string, error) { return "true answer", nil }), nil
		})
		e := newEngine(j, nil, flow)
		defer e.Close(t.Context())
		was := finish(t, e, flow)
		base := &pawl.StartOptions{Base: &pawl.Base{Run: was.ID}}
		queued := &pawl.StartOptions{Base: base.Base, Queue: true}
		begun, err := e.Start(t.Context(), flow, nil, queued)
		if err != nil {
			t.Fatal(err)
		}
		for _, withheld := range []bool{false, true} {
			other := newEngine(tampered{j, withheld}, nil, flow)
			defer other.Close(t.Context())
			_, started := other.Start(t.Context(), flow, nil, base)
			_, planned := other.Plan(t.Context(), flow, nil, base)
			resumed := other.Direct(t.Context(), begun, pawl.Directive{What: pawl.DirectResume, Who: "ann"})
			for what, err := range map[string]error{"start": started, "plan": planned, "resume": resumed} {
				if !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "run "+string(was.ID)+" cannot be a base") {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
		if rec, err := e.Get(t.Context(), begun); err != nil || len(rec.Steps) > 0 {
			t.Errorf("%s, %v", keys(rec), err)
		}
	})
}

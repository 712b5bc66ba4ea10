package enginetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
)

// twice decides at every key in two engines, or twice in one, at once: one wins,
// and the other learns who did.
func twice(t *testing.T, c Cell, a, b pawl.Engine) {
	id := c.Start(t, a, "A")
	for _, round := range c.Rounds {
		for i, k := range slices.Backward(round) {
			c.Stands(t, a, id, round[:i+1], c.Rests())
			errs := map[string]error{}
			var mu sync.Mutex
			var both sync.WaitGroup
			for who, e := range map[string]pawl.Engine{"anna": a, "bob": b} {
				both.Go(func() {
					d := c.Lift(c.Key(k))
					d.Who = who
					err := e.Decide(t.Context(), id, d)
					mu.Lock()
					errs[who] = err
					mu.Unlock()
				})
			}
			both.Wait()
			won, lost := "anna", "bob"
			if errs[won] != nil {
				won, lost = lost, won
			}
			if errs[won] != nil {
				t.Fatalf("nobody won at %q: %v", k, errs)
			}
			Refused(t, errs[lost], pawl.ErrConflict, fmt.Sprintf("%s by %s at ", c.Lift(k).What, won))
		}
	}
	c.IsDone(t, a, id, c.Count())
}

// Event is what can come between a question and its answer. Engines first and second are on one
// store, and know the cell's flow.
type Event struct {
	Name   string
	Beside Beside
	Fits   func(Blocking) bool // nil: all
	Play   func(t *testing.T, c Cell, first, second pawl.Engine)
}

// Events are those that every engine must bear.
var Events = []Event{
	{"decided twice in one engine", NothingBeside, nil, func(t *testing.T, c Cell, first, second pawl.Engine) { twice(t, c, first, first) }},
	{"decided twice in two processes", NothingBeside, nil, func(t *testing.T, c Cell, first, second pawl.Engine) { twice(t, c, first, second) }},
	{"decided on an ended run", NothingBeside, nil, func(t *testing.T, c Cell, first, second pawl.Engine) {
		id := c.Start(t, first, "A")
		c.DecideRest(t, first, id, 0)
		c.IsDone(t, first, id, c.Count())
		for _, e := range []pawl.Engine{first, second} {
			for _, round := range c.Rounds {
				for _, k := range round {
					d := c.Lift(c.Key(k))
					err := e.Decide(t.Context(), id, d)
					Refused(t, err, pawl.ErrConflict, "is done")
					Refused(t, err, pawl.ErrConflict, fmt.Sprintf("%s by anna at ", d.What))
				}
			}
		}
		c.IsDone(t, first, id, c.Count())
	}},

	{"a value that does not fit", NothingBeside, func(b Blocking) bool { return b.Bad != nil }, func(t *testing.T, c Cell, first, second pawl.Engine) {
		id := c.Start(t, first, "A")
		for _, round := range c.Rounds {
			for i, k := range slices.Backward(round) {
				before := c.Stands(t, first, id, round[:i+1], c.Rests())
				for value, says := range c.Bad {
					d := c.Lift(c.Key(k))
					d.Value = []byte(value)
					err := first.Decide(t.Context(), id, d)
					Refused(t, err, pawl.ErrInput, says)
					if !errors.As(err, new(*pawl.Error)) || pawl.AsError(err, "").Step != c.Key(k) {
						t.Errorf("%v does not say which step", err)
					}
				}
				after := c.Stands(t, first, id, round[:i+1], c.Rests())
				for j := range before.Blockers {
					if b, a := before.Blockers[j], after.Blockers[j]; a.Digest != b.Digest || a.Since != b.Since || a.Key != b.Key {
						t.Errorf("refused decisions made %+v of %+v", a, b)
					}
				}
				Decide(t, first, id, c.Lift(c.Key(k)))
			}
		}
		c.IsDone(t, first, id, c.Count())
	}},
	{"canceled while open", NothingBeside, nil, func(t *testing.T, c Cell, first, second pawl.Engine) {
		id := c.Start(t, first, "A")
		c.Stands(t, first, id, c.Rounds[0], c.Rests())
		Direct(t, second, id, pawl.Directive{What: pawl.DirectCancel, Text: "no more"})
		rec := c.Stands(t, first, id, nil, pawl.StatusCanceled)
		for _, e := range []pawl.Engine{first, second} {
			Refused(t, e.Decide(t.Context(), id, c.Lift(c.Key(c.Rounds[0][0]))), pawl.ErrConflict, "is canceled: by anna: no more")
		}
		if again := Status(t, first, id); again.LastSeq != rec.LastSeq || len(again.Decisions) != 0 {
			t.Errorf("refused decisions changed the run: %+v", again.Decisions)
		}
	}},
	{"being canceled while open", HoldsBeside, nil, func(t *testing.T, c Cell, first, second pawl.Engine) {
		id := c.Start(t, first, "A")
		c.Stands(t, first, id, c.Rounds[0], c.Rests())
		Direct(t, second, id, pawl.Directive{What: pawl.DirectCancel})
		for _, e := range []pawl.Engine{first, second} {
			Refused(t, e.Decide(t.Context(), id, c.Lift(c.Key(c.Rounds[0][0]))), pawl.ErrConflict, "is being canceled")
		}
		close(c.Office.Door(string(id)))
		if rec := c.Stands(t, first, id, nil, pawl.StatusCanceled); len(rec.Decisions) != 0 {
			t.Errorf("decisions %+v", rec.Decisions)
		}
	}},
	{"sibling fails while open", FailsBeside, nil, func(t *testing.T, c Cell, first, second pawl.Engine) {
		id := c.Start(t, first, "A")
		c.DecideRest(t, first, id, 0)
		rec := c.Stands(t, first, id, nil, pawl.StatusFailed)
		if len(rec.Blockers) != 1 || rec.Blockers[0].Key != "w/side/x" || c.Office.Called(id, "w/side/x") != 1 {
			t.Errorf("blockers %+v after %d calls", rec.Blockers, c.Office.Called(id, "w/side/x"))
		}
		Decide(t, first, id, pawl.Decision{Key: "w/side/x", What: pawl.DecideRetry})
		c.IsDone(t, first, id, c.Count()+1)
	}},
	{"paused while open", NothingBeside, func(b Blocking) bool { return !b.Kind.IsFailure() }, func(t *testing.T, c Cell, first, second pawl.Engine) {
		id := c.Start(t, first, "A")
		c.Stands(t, first, id, c.Rounds[0], c.Rests())
		Direct(t, second, id, pawl.Directive{What: pawl.DirectPause})
		c.Stands(t, first, id, c.Rounds[0], pawl.StatusPaused)
		before := len(c.Office.CallsOf(id))
		for i, k := range slices.Backward(c.Rounds[0]) {
			Decide(t, second, id, c.Lift(c.Key(k)))
			rec := c.Until(t, first, id, func(rec pawl.RunRecord) bool { return rec.Status == pawl.StatusPaused })
			if rec.Reason != "pause asked for by anna" || slices.Contains(blocked(rec), c.Key(k)) || len(rec.Decisions) != len(c.Rounds[0])-i {
				t.Errorf("run is %s (%s), blocked at %v", rec.Status, rec.Reason, blocked(rec))
			}
			CheckStanding(t, first, rec)
		}
		if n := len(c.Office.CallsOf(id)); n != before {
			t.Errorf("%d calls while paused", n-before)
		}
		Direct(t, first, id, pawl.Directive{What: pawl.DirectResume})
		c.DecideRest(t, first, id, 1)
		c.IsDone(t, first, id, c.Count())
	}},
}

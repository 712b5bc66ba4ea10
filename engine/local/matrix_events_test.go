package local_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
)

// event is as enginetest.Event, on this engine's scene.
type event struct {
	name   string
	beside enginetest.Beside
	fits   func(enginetest.Blocking) bool // nil: all
	play   func(t *testing.T, c enginetest.Cell, s *scene)
}

// allEvents are those that every engine must bear, and this engine's own.
func allEvents() (all []event) {
	for _, ev := range enginetest.Events {
		all = append(all, event{ev.Name, ev.Beside, ev.Fits, func(t *testing.T, c enginetest.Cell, s *scene) { ev.Play(t, c, s.first, s.second) }})
	}
	return append(all, events...)
}

// events are what can come between a question and its answer in this engine alone.
var events = []event{
	{"recorded on an ended run", enginetest.NothingBeside, nil, func(t *testing.T, c enginetest.Cell, s *scene) {
		id := c.Start(t, s.first, "A")
		c.DecideRest(t, s.first, id, 0)
		c.IsDone(t, s.first, id, c.Count())
		for _, e := range []*local.Engine{s.first, s.second} {
			for _, round := range c.Rounds {
				for _, k := range round {
					d := c.Lift(c.Key(k))
					refused(t, e.Record(t.Context(), id, d), pawl.ErrConflict, "is done")
				}
			}
		}
		c.IsDone(t, s.first, id, c.Count())
	}},

	{"what was shown has changed", enginetest.NothingBeside, func(b enginetest.Blocking) bool {
		return b.Kind == pawl.BlockerApproval || b.Kind == pawl.BlockerInput
	}, func(t *testing.T, c enginetest.Cell, s *scene) {
		id := c.Start(t, s.first, "A")
		changed := newEngine(s.journal, s.office, c.Flow("B"))
		for r, round := range c.Rounds {
			is := c.Rests()
			shown := c.Stands(t, s.first, id, round, is)
			for i, k := range slices.Backward(round) {
				d := c.Lift(c.Key(k))
				if r == 0 {
					d.Digest = shown.Blockers[slices.IndexFunc(shown.Blockers, func(b pawl.Blocker) bool { return b.Key == d.Key })].Digest
					err := changed.Decide(t.Context(), id, d)
					refused(t, err, pawl.ErrConflict, "is not what was shown")
				}
				now := c.Stands(t, changed, id, round[:i+1], is)
				d.Digest = now.Blockers[slices.IndexFunc(now.Blockers, func(b pawl.Blocker) bool { return b.Key == d.Key })].Digest
				decide(t, changed, id, d)
			}
		}
		c.IsDone(t, s.first, id, c.Count())
	}},

	{"engine closed while open", enginetest.NothingBeside, nil, func(t *testing.T, c enginetest.Cell, s *scene) {
		e := newEngine(s.journal, s.office)
		id := c.Start(t, e, "A")
		c.Stands(t, e, id, c.Rounds[0], c.Rests())
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		refused(t, e.Decide(t.Context(), id, c.Lift(c.Key(c.Rounds[0][0]))), pawl.ErrStopped, "closed")
		c.DecideRest(t, s.second, id, 0)
		c.IsDone(t, s.second, id, c.Count())
	}},

	{"engine closed beside work", enginetest.HoldsBeside, nil, func(t *testing.T, c enginetest.Cell, s *scene) {
		e := newEngine(s.journal, s.office)
		id := c.Start(t, e, "A")
		c.Stands(t, e, id, c.Rounds[0], pawl.StatusRunning)
		c.Until(t, e, id, func(rec pawl.RunRecord) bool { // or the cut would make it again
			return !slices.ContainsFunc(rec.Steps, func(s pawl.StepRecord) bool {
				return s.Status == pawl.StepRunning && !s.Kind.Scope() && !strings.HasPrefix(string(s.Key), "w/side/")
			})
		})
		now, cut := context.WithCancel(t.Context())
		cut()
		if err := e.Close(now); err != nil {
			t.Fatal(err)
		}
		close(s.office.Door(string(id)))
		if rec := status(t, s.second, id); rec.Status != pawl.StatusQueued || s.office.Called(id, "w/side/y") != 0 {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
		w := newEngine(s.journal, s.office, c.Flow("A"))
		if err := w.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		if s.office.Called(id, "w/side/y") != 1 {
			t.Error("what its blocker does not stand in the way of has not gone on")
		}
		c.RestsAt = pawl.StatusWaiting
		if c.Kind.IsFailure() {
			c.RestsAt = pawl.StatusFailed
		}
		c.DecideRest(t, s.second, id, 0)
		c.IsDone(t, s.second, id, c.Count())
	}},
}

// TestMatrixOfEvents: whatever comes between a question and its answer.
func TestMatrixOfEvents(t *testing.T) {
	for _, o := range openings {
		for i, ev := range allEvents() {
			t.Run(o.name+" "+ev.name, func(t *testing.T) {
				s := newScene(t, o)
				var cells []enginetest.Cell
				var flows []pawl.Flow
				for n, p := range enginetest.Places {
					for m, k := range enginetest.Blockings {
						if !o.sampled(n + m + i) {
							continue
						}
						if ev.fits == nil || ev.fits(k) {
							c := enginetest.Cell{Place: p, Blocking: k, Beside: ev.beside, Office: s.office}
							cells, flows = append(cells, c), append(flows, c.Flow("A"))
						}
					}
				}
				s.second = newEngine(s.open(), s.office, flows...)
				var all sync.WaitGroup
				for _, c := range cells {
					all.Go(func() { t.Run(c.Name(), func(t *testing.T) { ev.play(t, c, s) }) })
				}
				all.Wait()
			})
		}
	}
}

// TestMatrixOfDeadlines: nobody decides in time, and the default counts: while the
// run's process holds it, has put it to rest, has died, or does so only after
// that; and a decision that comes later is refused.
func TestMatrixOfDeadlines(t *testing.T) {
	const patience = 10 * time.Minute
	for i, how := range []string{"asleep", "held", "restarted", "down", "working elsewhere"} {
		for n, p := range enginetest.Places {
			for m, k := range enginetest.Overdue(patience) {
				if !openings[0].sampled(n + 2*m + i) {
					continue
				}
				c := enginetest.Cell{Place: p, Blocking: k}
				if how == "held" {
					c.Beside = enginetest.HoldsBeside
				}
				t.Run(how+" "+c.Name(), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { expire(t, c, how, patience) }) })
			}
		}
	}
}

func expire(t *testing.T, c enginetest.Cell, how string, patience time.Duration) {
	c.Office = enginetest.NewOffice()
	j := checktest.Memory(t)
	dead := &mortal{Journal: j}
	e := newEngine(dead, c.Office)
	other := newEngine(j, c.Office, c.Flow("A"))
	defer other.Close(t.Context())
	if how == "working elsewhere" {
		defer working(t, newEngine(j, c.Office, c.Flow("A")), nil)()
	}
	id := c.Start(t, e, "A")
	synctest.Wait()
	c.Stands(t, e, id, c.Rounds[0], c.Rests())
	due := time.Duration(len(c.Rounds)) * patience
	switch how {
	case "restarted", "down", "working elsewhere":
		time.Sleep(patience / 2)
		e.Close(t.Context())
		dead.die(t)
		e = other
		if how == "restarted" {
			due -= patience / 2
			if err := other.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
				t.Fatal(err)
			}
			go other.Work(t.Context(), nil)
		}
	}
	time.Sleep(due + time.Minute)
	synctest.Wait()
	if how == "down" { // a decision comes before anybody sees that it is too late
		d := c.Lift(c.Key(c.Rounds[0][0]))
		refused(t, other.Decide(t.Context(), id, d), pawl.ErrConflict, "by the deadline at ")
		time.Sleep(time.Duration(len(c.Rounds)) * patience)
		synctest.Wait()
	}
	if how == "held" {
		close(c.Office.Door(string(id)))
	}
	c.IsExpired(t, e, other, id)
}

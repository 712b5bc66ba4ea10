package local_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
)

// decideRest decides at the keys of all rounds from one on.
func (c matrixCase) decideRest(t *testing.T, e *local.Engine, id pawl.RunID, from int) {
	t.Helper()
	for _, round := range c.rounds[from:] {
		c.stands(t, e, id, round, c.rests())
		for _, k := range round {
			decide(t, e, id, c.lift(c.key(k)))
		}
	}
}

// twice decides at every key in two engines, or twice in one, at once: one wins,
// and the other learns who did.
func twice(t *testing.T, c matrixCase, a, b *local.Engine) {
	id := c.start(t, a, "A")
	for _, round := range c.rounds {
		for i, k := range slices.Backward(round) {
			c.stands(t, a, id, round[:i+1], c.rests())
			errs := map[string]error{}
			var mu sync.Mutex
			var both sync.WaitGroup
			for who, e := range map[string]*local.Engine{"anna": a, "bob": b} {
				both.Go(func() {
					d := c.lift(c.key(k))
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
			refused(t, errs[lost], pawl.ErrConflict, fmt.Sprintf("%s by %s at ", c.lift(k).What, won))
		}
	}
	c.isDone(t, a, id, c.count())
}

// events are what can come between a question and its answer.
var events = []struct {
	name   string
	beside beside
	fits   func(blocking) bool // nil: all
	play   func(t *testing.T, c matrixCase, s *scene)
}{
	{"decided twice in one engine", nothingBeside, nil, func(t *testing.T, c matrixCase, s *scene) { twice(t, c, s.first, s.first) }},
	{"decided twice in two processes", nothingBeside, nil, func(t *testing.T, c matrixCase, s *scene) { twice(t, c, s.first, s.second) }},

	{"decided on an ended run", nothingBeside, nil, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		c.decideRest(t, s.first, id, 0)
		c.isDone(t, s.first, id, c.count())
		for _, e := range []*local.Engine{s.first, s.second} {
			for _, round := range c.rounds {
				for _, k := range round {
					d := c.lift(c.key(k))
					err := e.Decide(t.Context(), id, d)
					refused(t, err, pawl.ErrConflict, "is done")
					refused(t, err, pawl.ErrConflict, fmt.Sprintf("%s by anna at ", d.What))
					refused(t, e.Record(t.Context(), id, d), pawl.ErrConflict, "is done")
				}
			}
		}
		c.isDone(t, s.first, id, c.count())
	}},

	{"a value that does not fit", nothingBeside, func(b blocking) bool { return b.bad != nil }, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		for _, round := range c.rounds {
			for i, k := range slices.Backward(round) {
				before := c.stands(t, s.first, id, round[:i+1], c.rests())
				for value, says := range c.bad {
					d := c.lift(c.key(k))
					d.Value = []byte(value)
					err := s.first.Decide(t.Context(), id, d)
					refused(t, err, pawl.ErrInput, says)
					if !errors.As(err, new(*pawl.Error)) || pawl.AsError(err, "").Step != c.key(k) {
						t.Errorf("%v does not say which step", err)
					}
				}
				after := c.stands(t, s.first, id, round[:i+1], c.rests())
				for j := range before.Blockers {
					if b, a := before.Blockers[j], after.Blockers[j]; a.Digest != b.Digest || a.Since != b.Since || a.Key != b.Key {
						t.Errorf("refused decisions made %+v of %+v", a, b)
					}
				}
				decide(t, s.first, id, c.lift(c.key(k)))
			}
		}
		c.isDone(t, s.first, id, c.count())
	}},

	{"what was shown has changed", nothingBeside, func(b blocking) bool {
		return b.kind == pawl.BlockerApproval || b.kind == pawl.BlockerInput
	}, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		changed := newEngine(s.journal, s.office, c.flow("B"))
		for r, round := range c.rounds {
			is := c.rests()
			shown := c.stands(t, s.first, id, round, is)
			for i, k := range slices.Backward(round) {
				d := c.lift(c.key(k))
				if r == 0 {
					d.Digest = shown.Blockers[slices.IndexFunc(shown.Blockers, func(b pawl.Blocker) bool { return b.Key == d.Key })].Digest
					err := changed.Decide(t.Context(), id, d)
					refused(t, err, pawl.ErrConflict, "is not what was shown")
				}
				now := c.stands(t, changed, id, round[:i+1], is)
				d.Digest = now.Blockers[slices.IndexFunc(now.Blockers, func(b pawl.Blocker) bool { return b.Key == d.Key })].Digest
				decide(t, changed, id, d)
			}
		}
		c.isDone(t, s.first, id, c.count())
	}},

	{"canceled while open", nothingBeside, nil, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		c.stands(t, s.first, id, c.rounds[0], c.rests())
		direct(t, s.second, id, pawl.Directive{What: pawl.DirectCancel, Text: "no more"})
		rec := c.stands(t, s.first, id, nil, pawl.StatusCanceled)
		for _, e := range []*local.Engine{s.first, s.second} {
			refused(t, e.Decide(t.Context(), id, c.lift(c.key(c.rounds[0][0]))), pawl.ErrConflict, "is canceled: by anna: no more")
		}
		if again := status(t, s.first, id); again.LastSeq != rec.LastSeq || len(again.Decisions) != 0 {
			t.Errorf("refused decisions changed the run: %+v", again.Decisions)
		}
	}},

	{"being canceled while open", holdsBeside, nil, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		c.stands(t, s.first, id, c.rounds[0], c.rests())
		direct(t, s.second, id, pawl.Directive{What: pawl.DirectCancel})
		for _, e := range []*local.Engine{s.first, s.second} {
			refused(t, e.Decide(t.Context(), id, c.lift(c.key(c.rounds[0][0]))), pawl.ErrConflict, "is being canceled")
		}
		close(s.office.door(string(id)))
		if rec := c.stands(t, s.first, id, nil, pawl.StatusCanceled); len(rec.Decisions) != 0 {
			t.Errorf("decisions %+v", rec.Decisions)
		}
	}},

	{"sibling fails while open", failsBeside, nil, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		c.decideRest(t, s.first, id, 0)
		rec := c.stands(t, s.first, id, nil, pawl.StatusFailed)
		if len(rec.Blockers) != 1 || rec.Blockers[0].Key != "w/side/x" || c.office.called(id, "w/side/x") != 1 {
			t.Errorf("blockers %+v after %d calls", rec.Blockers, c.office.called(id, "w/side/x"))
		}
		decide(t, s.first, id, pawl.Decision{Key: "w/side/x", What: pawl.DecideRetry})
		c.isDone(t, s.first, id, c.count()+1)
	}},

	{"paused while open", nothingBeside, func(b blocking) bool { return !b.kind.IsFailure() }, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		c.stands(t, s.first, id, c.rounds[0], c.rests())
		direct(t, s.second, id, pawl.Directive{What: pawl.DirectPause})
		c.stands(t, s.first, id, c.rounds[0], pawl.StatusPaused)
		before := len(s.office.callsOf(id))
		for i, k := range slices.Backward(c.rounds[0]) {
			decide(t, s.second, id, c.lift(c.key(k)))
			rec := c.until(t, s.first, id, func(rec pawl.RunRecord) bool { return rec.Status == pawl.StatusPaused })
			if rec.Reason != "pause asked for by anna" || slices.Contains(blocked(rec), c.key(k)) || len(rec.Decisions) != len(c.rounds[0])-i {
				t.Errorf("run is %s (%s), blocked at %v", rec.Status, rec.Reason, blocked(rec))
			}
			checkStanding(t, s.first, rec)
		}
		if n := len(s.office.callsOf(id)); n != before {
			t.Errorf("%d calls while paused", n-before)
		}
		direct(t, s.first, id, pawl.Directive{What: pawl.DirectResume})
		c.decideRest(t, s.first, id, 1)
		c.isDone(t, s.first, id, c.count())
	}},

	{"engine closed while open", nothingBeside, nil, func(t *testing.T, c matrixCase, s *scene) {
		e := newEngine(s.journal, s.office)
		id := c.start(t, e, "A")
		c.stands(t, e, id, c.rounds[0], c.rests())
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		refused(t, e.Decide(t.Context(), id, c.lift(c.key(c.rounds[0][0]))), pawl.ErrStopped, "closed")
		c.decideRest(t, s.second, id, 0)
		c.isDone(t, s.second, id, c.count())
	}},

	{"engine closed beside work", holdsBeside, nil, func(t *testing.T, c matrixCase, s *scene) {
		e := newEngine(s.journal, s.office)
		id := c.start(t, e, "A")
		c.stands(t, e, id, c.rounds[0], pawl.StatusRunning)
		c.until(t, e, id, func(rec pawl.RunRecord) bool { // or the cut would make it again
			return !slices.ContainsFunc(rec.Steps, func(s pawl.StepRecord) bool {
				return s.Status == pawl.StepRunning && !s.Kind.Scope() && !strings.HasPrefix(string(s.Key), "w/side/")
			})
		})
		now, cut := context.WithCancel(t.Context())
		cut()
		if err := e.Close(now); err != nil {
			t.Fatal(err)
		}
		close(s.office.door(string(id)))
		if rec := status(t, s.second, id); rec.Status != pawl.StatusQueued || s.office.called(id, "w/side/y") != 0 {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
		w := newEngine(s.journal, s.office, c.flow("A"))
		if err := w.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		if s.office.called(id, "w/side/y") != 1 {
			t.Error("what its blocker does not stand in the way of has not gone on")
		}
		c.restsAt = pawl.StatusWaiting
		if c.kind.IsFailure() {
			c.restsAt = pawl.StatusFailed
		}
		c.decideRest(t, s.second, id, 0)
		c.isDone(t, s.second, id, c.count())
	}},
}

func (o *office) callsOf(id pawl.RunID) (all []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for call := range o.calls {
		if strings.HasPrefix(call, string(id)+"/") {
			all = append(all, call)
		}
	}
	return all
}

// TestMatrixOfEvents: whatever comes between a question and its answer.
func TestMatrixOfEvents(t *testing.T) {
	for _, o := range openings {
		for i, ev := range events {
			t.Run(o.name+" "+ev.name, func(t *testing.T) {
				s := newScene(t, o)
				var cells []matrixCase
				var flows []pawl.Flow
				for n, p := range places {
					for m, k := range blockings {
						if !o.sampled(n + m + i) {
							continue
						}
						if ev.fits == nil || ev.fits(k) {
							c := matrixCase{place: p, blocking: k, beside: ev.beside, office: s.office}
							cells, flows = append(cells, c), append(flows, c.flow("A"))
						}
					}
				}
				s.second = newEngine(s.open(), s.office, flows...)
				var all sync.WaitGroup
				for _, c := range cells {
					all.Go(func() { t.Run(c.name(), func(t *testing.T) { ev.play(t, c, s) }) })
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
	kinds := []blocking{{
		name: "approval", kind: pawl.BlockerApproval,
		ask: func(r *pawl.Run, name, title string) string {
			a := pawl.Approve(r, name, post{Title: title, Words: 1}, "Publish it?", pawl.Reasons("late"), pawl.RejectAfter(patience))
			return fmt.Sprintf("%v %s %s %v", a.Approved, a.Value.Title, a.Reason, a.Expired)
		},
		lift: func(key pawl.Key) pawl.Decision { return pawl.Decision{Key: key, What: pawl.DecideApprove} },
		got:  func(pawl.Key) string { return "false A late true" },
	}, {
		name: "input", kind: pawl.BlockerInput,
		ask: func(r *pawl.Run, name, title string) string {
			return pawl.Input[post](r, name, "Which post?", pawl.AnswerAfter(patience, post{Title: "none"})).Title
		},
		lift: func(key pawl.Key) pawl.Decision {
			return pawl.Decision{Key: key, What: pawl.DecideAnswer, Value: titled(key)}
		},
		got: func(pawl.Key) string { return "none" },
	}}
	for i, how := range []string{"asleep", "held", "restarted", "down", "working elsewhere"} {
		for n, p := range places {
			for m, k := range kinds {
				if !openings[0].sampled(n + 2*m + i) {
					continue
				}
				c := matrixCase{place: p, blocking: k}
				if how == "held" {
					c.beside = holdsBeside
				}
				t.Run(how+" "+c.name(), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { expire(t, c, how, patience) }) })
			}
		}
	}
}

func expire(t *testing.T, c matrixCase, how string, patience time.Duration) {
	c.office = newOffice()
	j := checktest.Memory(t)
	dead := &mortal{Journal: j}
	e := newEngine(dead, c.office)
	other := newEngine(j, c.office, c.flow("A"))
	defer other.Close(t.Context())
	if how == "working elsewhere" {
		defer working(t, newEngine(j, c.office, c.flow("A")), nil)()
	}
	id := c.start(t, e, "A")
	synctest.Wait()
	c.stands(t, e, id, c.rounds[0], c.rests())
	due := time.Duration(len(c.rounds)) * patience
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
		d := c.lift(c.key(c.rounds[0][0]))
		refused(t, other.Decide(t.Context(), id, d), pawl.ErrConflict, "by the deadline at ")
		time.Sleep(time.Duration(len(c.rounds)) * patience)
		synctest.Wait()
	}
	if how == "held" {
		close(c.office.door(string(id)))
	}
	c.isDone(t, e, id, c.count())
	for _, d := range status(t, e, id).Decisions {
		if !d.Expired || d.Who != "the deadline" {
			t.Errorf("decision %+v", d)
		}
		err := other.Decide(t.Context(), id, c.lift(d.Key))
		refused(t, err, pawl.ErrConflict, "by the deadline at ")
	}
}

package local_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
)

// The matrix of people in the loop: every place x every kind x every way, and
// what can come between.

// opening is a store that a matrix is played on. open opens it once more, as
// another process would.
type opening struct {
	name string
	new  func(t *testing.T) (open func() journal.Journal)
}

var openings = []opening{
	{"memory", func(t *testing.T) func() journal.Journal {
		m := checktest.Memory(t)
		return func() journal.Journal { return m }
	}},
	{"sqlite", func(t *testing.T) func() journal.Journal {
		dir := filepath.Join(t.TempDir(), "data")
		var mu sync.Mutex
		first := openStore(t, dir)
		checktest.AtEnd(t, first)
		return func() journal.Journal {
			mu.Lock()
			defer mu.Unlock()
			return openStore(t, dir)
		}
	}},
}

// ways are how a decision reaches a run.
var ways = []struct {
	name   string
	beside enginetest.Beside
	play   func(t *testing.T, c enginetest.Cell, s *scene)
}{
	{"same engine", enginetest.NothingBeside, func(t *testing.T, c enginetest.Cell, s *scene) {
		id := c.Start(t, s.first, "A")
		c.DecideAll(t, s.first, s.first, id, pawl.Engine.Decide)
	}},
	{"restart", enginetest.NothingBeside, func(t *testing.T, c enginetest.Cell, s *scene) {
		j := s.open()
		e := newEngine(j, s.office)
		id := c.Start(t, e, "A")
		for _, round := range c.Rounds {
			c.Stands(t, e, id, round, c.Rests())
			for _, k := range round {
				if err := e.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				if _, kept := j.(*journal.Memory); !kept {
					if err := j.Close(); err != nil {
						t.Fatal(err)
					}
				}
				j = s.open()
				e = newEngine(j, s.office, c.Flow("A"))
				decide(t, e, id, c.Lift(c.Key(k)))
				c.Until(t, e, id, func(rec pawl.RunRecord) bool { return rec.Status.AtRest() })
			}
		}
		c.IsDone(t, e, id, c.Count())
	}},
	{"another process works", enginetest.NothingBeside, func(t *testing.T, c enginetest.Cell, s *scene) {
		id := c.Start(t, s.worker, "A")
		c.DecideAll(t, s.second, s.second, id, pawl.Engine.Decide)
	}},
	{"another process holds", enginetest.HoldsBeside, func(t *testing.T, c enginetest.Cell, s *scene) {
		id := c.Start(t, s.first, "A")
		c.DecideAll(t, s.second, s.second, id, pawl.Engine.Decide)
		if n := claims(t, s.journal, id); n != 1 {
			t.Errorf("the run was claimed %d times", n)
		}
	}},
	{"recorded", enginetest.NothingBeside, func(t *testing.T, c enginetest.Cell, s *scene) {
		id := c.Start(t, s.first, "A")
		clerk := newEngine(s.journal, s.office) // knows no flow
		c.DecideAll(t, s.first, clerk, id, func(_ pawl.Engine, ctx context.Context, id pawl.RunID, d pawl.Decision) error {
			if err := clerk.Record(ctx, id, d); err != nil {
				return err
			}
			w := newEngine(s.journal, s.office, c.Flow("A"))
			defer w.Close(t.Context())
			return w.Work(ctx, &local.WorkOptions{Drain: true})
		})
	}},
}

// scene is a store and the engines on it.
type scene struct {
	office        *enginetest.Office
	open          func() journal.Journal
	journal       journal.Journal
	first, second *local.Engine // second has a handle of its own
	worker        *local.Engine // that works, with a handle of its own; nil: none does
}

func newScene(t *testing.T, o opening) *scene {
	s := &scene{office: enginetest.NewOffice(), open: o.new(t)}
	s.journal = s.open()
	s.first, s.second = newEngine(s.journal, s.office), newEngine(s.open(), s.office)
	return s
}

// works has an engine of its own take up the runs of these flows.
func (s *scene) works(t *testing.T, flows []pawl.Flow) {
	s.worker = newEngine(s.open(), s.office, flows...)
	done := make(chan error, 1)
	go func() { done <- s.worker.Work(t.Context(), nil) }()
	t.Cleanup(func() {
		s.worker.Close(context.WithoutCancel(t.Context()))
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// sampled reports whether a cell whose coordinates have this sum is played: with
// -short every fifth is, which is each place in each way, and half of them on a disk.
func (o opening) sampled(sum int) bool {
	every := 5
	if o.name != "memory" {
		every = 10
	}
	return !testing.Short() || sum%every == 0
}

// TestMatrixOfWays: wherever a run stands still, and whichever way the decision
// takes, it reaches the step that asked and no other, once, and what was finished
// is not executed again.
func TestMatrixOfWays(t *testing.T) {
	for _, o := range openings {
		for i, w := range ways {
			t.Run(o.name+" "+w.name, func(t *testing.T) {
				s := newScene(t, o)
				var cells []enginetest.Cell
				var flows []pawl.Flow
				for n, p := range enginetest.Places {
					for m, k := range enginetest.Blockings {
						if o.sampled(n + m + i) {
							c := enginetest.Cell{Place: p, Blocking: k, Beside: w.beside, Office: s.office}
							cells, flows = append(cells, c), append(flows, c.Flow("A"))
						}
					}
				}
				if w.name == "another process works" {
					s.works(t, flows)
				}
				s.second = newEngine(s.open(), s.office, flows...)
				var all sync.WaitGroup // more than processors: they wait for each other
				for _, c := range cells {
					all.Go(func() { t.Run(c.Name(), func(t *testing.T) { w.play(t, c, s) }) })
				}
				all.Wait()
			})
		}
	}
}

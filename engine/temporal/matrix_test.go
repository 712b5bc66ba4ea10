package temporal_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/llm"
)

// cells are those of the matrix of people in the loop that fit; with -short every fifth is
// played, others for each way.
func cells(o *enginetest.Office, way int, fits func(enginetest.Blocking) bool) (all []enginetest.Cell, flows []pawl.Flow) {
	for n, p := range enginetest.Places {
		for m, b := range enginetest.Blockings {
			if testing.Short() && (n+m+way)%5 != 0 || fits != nil && !fits(b) {
				continue
			}
			c := enginetest.Cell{Place: p, Blocking: b, Office: o}
			all, flows = append(all, c), append(flows, c.Flow("A"))
		}
	}
	return all, flows
}

// played are runs of flows on a queue of their own: in an engine that works, and in another process,
// as it were, that does not.
type played struct {
	o             temporal.Options
	works, steers *temporal.Engine
}

func play(t *testing.T, m llm.Model, flows []pawl.Flow) played {
	o := temporal.Options{Client: server(t), Queue: "test-" + string(pawl.NewRunID()), Build: "one", Models: models(m), Model: "test/one", Prices: enginetest.Prices, Flows: flows}
	e, err := temporal.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(context.WithoutCancel(t.Context())) })
	return played{o, open(t, o), e}
}

// all plays cells, ten of them at once.
func all(t *testing.T, cells []enginetest.Cell, play func(t *testing.T, c enginetest.Cell)) {
	var played sync.WaitGroup
	places := make(chan struct{}, 10) // more than processors: they wait for Temporal
	for _, c := range cells {
		places <- struct{}{}
		played.Go(func() {
			defer func() { <-places }()
			t.Run(c.Name(), func(t *testing.T) { play(t, c) })
		})
	}
	played.Wait()
}

// TestMatrixOfWays: wherever a run stands still, and whichever way the decision takes, it reaches
// the step that asked and no other, once, and what was finished is not executed again.
func TestMatrixOfWays(t *testing.T) { onServers(t, testMatrixOfWays) }

func testMatrixOfWays(t *testing.T) {
	for i, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			o := enginetest.NewOffice()
			of, flows := cells(o, i, nil)
			p := play(t, o, flows)
			decides := way.open(t, p)
			all(t, of, func(t *testing.T, c enginetest.Cell) {
				id := c.Start(t, p.works, "A")
				c.DecideAll(t, p.works, p.works, id, func(_ pawl.Engine, ctx context.Context, id pawl.RunID, d pawl.Decision) error {
					return decides(ctx, id, d)
				})
			})
		})
	}
	t.Run("restart", func(t *testing.T) { // as another build, which takes them over
		o := enginetest.NewOffice()
		of, flows := cells(o, len(ways), nil)
		p := play(t, o, flows)
		ids := make([]pawl.RunID, len(of))
		for i, c := range of {
			ids[i] = c.Start(t, p.works, "A")
		}
		for i, c := range of {
			c.Stands(t, p.works, ids[i], c.Rounds[0], c.Rests())
		}
		if err := p.works.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.o.Build = "two"
		e := open(t, p.o)
		all(t, of, func(t *testing.T, c enginetest.Cell) {
			for i := range of {
				if of[i].Name() == c.Name() {
					c.DecideAll(t, e, e, ids[i], pawl.Engine.Decide)
				}
			}
		})
	})
}

// TestMatrixOfEvents: whatever comes between a question and its answer. What needs a step that is
// under way all the time is left out: it keeps a task of the workflow open, and takes 8 seconds for
// each decision.
func TestMatrixOfEvents(t *testing.T) { onServers(t, testMatrixOfEvents) }

func testMatrixOfEvents(t *testing.T) {
	for i, ev := range enginetest.Events {
		if ev.Beside == enginetest.HoldsBeside {
			continue
		}
		t.Run(ev.Name, func(t *testing.T) {
			o := enginetest.NewOffice()
			of, _ := cells(o, i, ev.Fits)
			var flows []pawl.Flow
			for n := range of {
				of[n].Beside = ev.Beside
				flows = append(flows, of[n].Flow("A"))
			}
			p := play(t, o, flows)
			all(t, of, func(t *testing.T, c enginetest.Cell) { ev.Play(t, c, p.works, p.steers) })
		})
	}
}

// TestMatrixOfDeadlines: nobody decides in time, and the default counts: while a worker is there,
// and while there is none, whose successor finds the time come; and a decision that comes later is
// refused.
func TestMatrixOfDeadlines(t *testing.T) { onServers(t, testMatrixOfDeadlines) }

func testMatrixOfDeadlines(t *testing.T) {
	const patience = 10 * time.Second // of a server's clock, so that it is waited for
	for i, how := range []string{"working", "down"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			o := enginetest.NewOffice()
			var of []enginetest.Cell
			var flows []pawl.Flow
			for n, p := range enginetest.Places {
				for m, b := range enginetest.Overdue(patience) {
					if !testing.Short() || (n+2*m+i)%5 == 0 {
						c := enginetest.Cell{Place: p, Blocking: b, Office: o}
						of, flows = append(of, c), append(flows, c.Flow("A"))
					}
				}
			}
			p := play(t, o, flows)
			ids := map[string]pawl.RunID{}
			for _, c := range of {
				ids[c.Name()] = c.Start(t, p.works, "A")
			}
			e := p.works
			if how == "down" {
				var due time.Time
				for _, c := range of {
					c.Until(t, p.works, ids[c.Name()], func(rec pawl.RunRecord) bool { return len(rec.Blockers)+len(rec.Decisions) > 0 })
					due = time.Now().Add(patience)
				}
				if err := p.works.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				standing := 0
				for _, c := range of {
					if rec := enginetest.Status(t, p.steers, ids[c.Name()]); rec.Status == pawl.StatusWaiting {
						standing++
					}
				}
				if standing == 0 {
					t.Error("all times came while there was a worker: the machine is too slow for this test")
				}
				enginetest.Until(t, "the time of all questions has come", func() bool { return time.Now().After(due) })
				e = open(t, p.o)
			}
			all(t, of, func(t *testing.T, c enginetest.Cell) { c.IsExpired(t, e, p.steers, ids[c.Name()]) })
		})
	}
}

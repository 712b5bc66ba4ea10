package temporal

import (
	"context"
	"iter"
	"math"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// Events implements pawl.Engine. It waits at Temporal for what is added to the workflow's
// history.
func (e *Engine) Events(ctx context.Context, id pawl.RunID, after pawl.Seq) iter.Seq2[pawl.Event, error] {
	return func(yield func(pawl.Event, error) bool) {
		if err := e.keeper.follow(ctx, id, after, func(ev pawl.Event) bool { return yield(ev, nil) }); err != nil {
			yield(pawl.Event{}, err)
		}
	}
}

// Wait implements pawl.Engine.
func (e *Engine) Wait(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	if err := e.keeper.follow(ctx, id, math.MaxInt64, func(pawl.Event) bool { return true }); err != nil {
		return pawl.RunRecord{}, err
	}
	return e.Get(ctx, id)
}

// follow tells the events behind a place until the run is at rest, or told returns false.
func (k *keeper) follow(ctx context.Context, id pawl.RunID, after pawl.Seq, told func(pawl.Event) bool) error {
	waiting, done := context.WithCancel(ctx)
	defer done()
	go k.warn(waiting, id)
	now, err := k.read(ctx, id)
	if err != nil {
		return err
	}
	st := &replay.State{}
	tell := func(run *kept) (bool, error) {
		for _, ev := range run.events[min(int(st.Seq), len(run.events)):] {
			if err := st.Apply(ev); err != nil {
				return false, pawl.AsError(err, pawl.ErrDatabase)
			}
			if ev.Seq > after && !told(ev) {
				return true, nil
			}
		}
		return run.rests(st), nil
	}
	if done, err := tell(now); done || err != nil {
		return err
	}
	for run, seen := now.workflowRun, now.length; ; seen = 0 {
		grows := &kept{workflowRun: run}
		for he, err := range k.history(ctx, id, run, true) {
			if err != nil {
				return err
			}
			if err := grows.add(k.converter, he); err != nil {
				return unreadable(id, err)
			}
			if he.GetEventId() <= seen {
				continue
			}
			if done, err := tell(grows); done || err != nil {
				return err
			}
		}
		next, err := k.read(ctx, id) // continued as new, or taken over, or ended
		if err != nil {
			return err
		}
		if next.workflowRun == run {
			return nil
		}
		run = next.workflowRun
	}
}

// rests reports whether a run in that state is at rest, and will not go on by itself: one that
// sleeps does.
func (k *kept) rests(st *replay.State) bool {
	switch {
	case k.held(), k.next != "":
		return false
	case k.closed, k.imported:
		return true
	case st.Listed().Status == pawl.StatusQueued: // another execution goes on
		return false
	}
	return !st.Listed().Sleeps() || st.AsksPerson()
}

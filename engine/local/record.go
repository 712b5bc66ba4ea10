package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Record records a decision for whoever goes on with the run, and executes nothing: one
// for each blocker. It needs no flow. The value is checked against what was shown; the
// flow's own checks are made when it asks, and if they turn the value down the question
// is open again. The run is queued then, unless it is paused. A run that is being
// executed is told, and takes the decision like any other.
func (e *Engine) Record(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
	d.At = now()
	c, err := exec.Decide(id, d)
	if err != nil {
		return err
	}
	unlock, err := e.lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	for {
		row, err := e.row(ctx, id)
		if err == nil {
			err = e.steerable(ctx, row, c)
		}
		if err == nil {
			err = e.isUndecided(ctx, id, d.Key)
		}
		if err != nil {
			return err
		}
		if row.Held || e.remote {
			return e.tell(ctx, id, c)
		}
		claim, err := e.journal.Claim(ctx, id, false)
		if errors.Is(err, pawl.ErrConflict) {
			continue // somebody was faster
		}
		if err != nil {
			return pawl.AsError(err, pawl.ErrStorage)
		}
		return e.recordOn(ctx, claim, row, c)
	}
}

// tell leaves a decision to the process that executes the run, and returns what that
// says of it. If it gives the run back first, the decision is stored for whoever takes
// the run up.
func (e *Engine) tell(ctx context.Context, id pawl.RunID, c exec.Command) error {
	n, err := e.journal.Submit(ctx, c.Stored)
	for mark := journal.Mark(0); err == nil; mark, err = e.change(ctx, mark) {
		if done, err := e.handled(ctx, id, n); done || err != nil {
			return err
		}
		if row, err := e.row(ctx, id); err != nil {
			return err
		} else if !row.Held { // it may have been handled in between
			_, err := e.handled(ctx, id, n)
			return err
		}
	}
	return asStorage(err)
}

// recordOn is Record for a run that was claimed for it.
func (e *Engine) recordOn(ctx context.Context, claim *journal.Claim, row journal.Row, c exec.Command) error {
	ctx = context.WithoutCancel(ctx)
	st, err := e.foldToGoOn(ctx, claim.Run)
	if err != nil {
		return errors.Join(err, e.journal.Release(ctx, claim))
	}
	before := replay.Unheld(row.Summary)
	err = exec.New(ctx, e.deps, nil, claim, st, nil, &before).Record(c)
	return errors.Join(err, e.journal.Release(ctx, claim)) // which does nothing if all went well
}

// isUndecided refuses a decision beside one that whoever executes the run was told of
// and has not taken yet.
func (e *Engine) isUndecided(ctx context.Context, id pawl.RunID, key pawl.Key) error {
	pending, err := e.journal.Pending(ctx, id)
	if err != nil {
		return asStorage(err)
	}
	for _, p := range pending {
		if d := p.Decision; d != nil && d.Key == key && d.What != pawl.DecideRaise {
			return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Step: key,
				Message: fmt.Sprintf("step %q was decided already: %s by %s at %s, and it waits to be taken", key, d.What, d.Who, p.At.Format("2006-01-02 15:04:05 MST"))}
		}
	}
	return nil
}

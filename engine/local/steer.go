package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Decide implements pawl.Engine.
func (e *Engine) Decide(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
	d.At = now()
	c, err := exec.Decide(id, d)
	if err != nil {
		return err
	}
	return e.steer(ctx, id, c)
}

// Direct implements pawl.Engine.
func (e *Engine) Direct(ctx context.Context, id pawl.RunID, d pawl.Directive) error {
	c, err := exec.Direct(e.models, id, d)
	if err != nil {
		return err
	}
	return e.steer(ctx, id, c)
}

// Deliver implements pawl.Engine.
func (e *Engine) Deliver(ctx context.Context, address, delivery string, value json.RawMessage) error {
	var to journal.Callback
	if _, err := to.Find(ctx, e.journal, address); err != nil {
		return err
	}
	c, err := exec.Deliver(to.Run, pawl.Decision{Key: to.Key, What: pawl.DecideAnswer, Who: "delivery " + delivery, At: now(), Digest: to.Seen, Delivery: delivery, Value: value})
	if err != nil {
		return err
	}
	if err := e.steer(ctx, to.Run, c); !errors.Is(err, exec.ErrDelivered) {
		return err
	}
	return nil
}

// steer does something to a run where it is executed, which is here if nobody
// else does. It returns when what was done is durable.
func (e *Engine) steer(ctx context.Context, id pawl.RunID, c exec.Command) error {
	unlock, err := e.lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	for {
		again, err := e.steerLocked(ctx, id, c)
		if again {
			continue
		}
		if errors.Is(err, pawl.ErrConflict) { // of its end its history says more than the journal does
			if row, rerr := e.row(ctx, id); rerr == nil && row.Summary.Ended() {
				return e.steerable(ctx, row, c)
			}
		}
		return err
	}
}

// steerLocked reports whether another process was faster, so that it is to be
// tried again.
func (e *Engine) steerLocked(ctx context.Context, id pawl.RunID, c exec.Command) (again bool, err error) {
	if r := e.run(id); r != nil {
		if len(c.Prompts()) > 0 && !c.Take {
			return false, &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s is being executed; it gets other prompts when it is at rest", id)}
		}
		err := r.Do(ctx, c)
		if lost := errors.Is(err, journal.ErrLost); err != exec.ErrAtRest && !(lost && c.Take) {
			return false, err
		}
		if err := wait(ctx, r.Done()); err != nil {
			return false, err
		}
	}
	if e.isClosed() {
		return false, errClosed()
	}
	row, err := e.row(ctx, id)
	if err != nil {
		return false, err
	}
	if err := e.steerable(ctx, row, c); err != nil {
		return false, err
	}
	if err := e.checkDirected(ctx, row, c); err != nil {
		return false, err
	}
	if elsewhere, err := e.elsewhere(ctx, row, c); elsewhere || err != nil {
		return false, err
	}
	if !c.Bare && e.flow(row.Flow) == nil {
		return false, noFlow(id, row.Flow)
	}
	claim, err := e.journal.Claim(ctx, id, c.Take)
	switch {
	case err != nil && errors.Is(err, pawl.ErrConflict) && !c.Here:
		return true, nil // the one who has it is told
	case err != nil:
		return false, pawl.AsError(err, pawl.ErrStorage)
	}
	var stored []journal.Command // for whoever executes the run next
	if !c.Bare {
		if stored, err = e.journal.Pending(ctx, id); err != nil {
			return false, errors.Join(asStorage(err), e.journal.Release(ctx, claim))
		}
	}
	var done <-chan error
	before := replay.Unheld(row.Summary)
	r, err := e.execute(ctx, c, claim, &before, func(r *exec.Run) {
		r.Queue(stored...)
		done = r.Submit(c)
	})
	if err != nil {
		return false, err
	}
	if err := r.Await(ctx, done); err != exec.ErrAtRest {
		return false, err
	}
	return r.Err() == nil, r.Err() // at rest before it was asked: that is seen the next time
}

func noFlow(id pawl.RunID, flow string) error {
	return &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: fmt.Sprintf("run %s is of flow %q, which this program does not have", id, flow)}
}

// steerable says what speaks against steering a run that is not executed here,
// before it is claimed.
func (e *Engine) steerable(ctx context.Context, row journal.Row, c exec.Command) error {
	if err := e.giveBack(ctx, row.ID); err != nil {
		return err
	}
	if row.Imported {
		return errImported(row.ID)
	}
	if c.Check == nil {
		if row.Summary.Ended() {
			return row.Summary.ErrEnded(row.ID)
		}
		return nil
	}
	st, err := e.foldToGoOn(ctx, row.ID)
	if err != nil {
		return err
	}
	defer e.cache.put(st)
	if err := c.Check(st); err != nil || !st.Ended() {
		return err
	}
	return st.Listed().ErrEnded(row.ID)
}

// giveBack gives a claim back that the journal did not take at first. It is
// called with the run locked.
func (e *Engine) giveBack(ctx context.Context, id pawl.RunID) error {
	e.mu.Lock()
	left := e.unreleased[id]
	e.mu.Unlock()
	if left == nil {
		return nil
	}
	if err := e.journal.Release(ctx, left); err != nil {
		return pawl.AsError(err, pawl.ErrStorage)
	}
	e.mu.Lock()
	delete(e.unreleased, id)
	e.mu.Unlock()
	return nil
}

func errImported(id pawl.RunID) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s was imported: it is never gone on with or decided here", id),
		Hint: "start a run with it as its base"}
}

// lock makes sure that one caller at a time claims a run.
func (e *Engine) lock(ctx context.Context, id pawl.RunID) (unlock func(), err error) {
	for {
		e.mu.Lock()
		busy := e.claiming[id]
		if busy == nil {
			free := make(chan struct{})
			e.claiming[id] = free
			e.mu.Unlock()
			return func() {
				e.mu.Lock()
				delete(e.claiming, id)
				e.mu.Unlock()
				close(free)
			}, nil
		}
		e.mu.Unlock()
		if err := wait(ctx, busy); err != nil {
			return nil, err
		}
	}
}

// wait blocks until c is closed.
func wait(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return exec.Stopped(ctx)
	}
}

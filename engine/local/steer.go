package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Decide implements pawl.Engine.
func (e *Engine) Decide(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
	if d.What != pawl.DecideRetry {
		return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("unknown decision %q", d.What), Run: id}
	}
	return e.steer(ctx, id, steering{
		check: func(st *replay.State) error { _, err := openBlocker(st, d); return err },
		act:   func(a *activation) error { return a.decide(d) },
	})
}

// Direct implements pawl.Engine.
func (e *Engine) Direct(ctx context.Context, id pawl.RunID, d pawl.Directive) error {
	switch d.What {
	case pawl.DirectPause:
		if a := e.activation(id); a != nil {
			if err := a.do(ctx, func(a *activation) error { return a.pause(d) }); err != errOver {
				return err
			}
		}
		row, err := e.row(ctx, id)
		if err != nil {
			return err
		}
		return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s is %s and not executed here", id, row.Summary.Status)}
	case pawl.DirectResume:
		if d.Model != "" {
			if _, _, err := e.models.Lookup(d.Model); err != nil {
				return pawl.AsError(err, pawl.ErrInput)
			}
		}
		return e.steer(ctx, id, steering{take: d.Take, act: func(a *activation) error { return a.resumed(d) }})
	}
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("unknown directive %q", d.What), Run: id}
}

// steering is what is to be done to a run.
type steering struct {
	check func(*replay.State) error // before a run at rest is touched; nil: nothing to check
	act   func(*activation) error   // in the run's own goroutine
	take  bool                      // from another process if need be
}

// steer does something to a run where it is executed, which is here if nobody
// else does. It returns when what was done is durable.
func (e *Engine) steer(ctx context.Context, id pawl.RunID, s steering) error {
	unlock, err := e.lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	if a := e.activation(id); a != nil {
		err := a.do(ctx, s.act)
		if lost := errors.Is(err, journal.ErrLost); err != errOver && !(lost && s.take) {
			return err
		}
		if err := wait(ctx, a.over); err != nil {
			return err
		}
	}
	row, err := e.row(ctx, id)
	if err != nil {
		return err
	}
	if err := e.steerable(ctx, row, s); err != nil {
		return err
	}
	e.mu.Lock()
	f := e.flows[row.Flow]
	e.mu.Unlock()
	if f == nil {
		return noFlow(id, row.Flow)
	}
	claim, err := e.journal.Claim(ctx, id, s.take)
	if err != nil {
		return pawl.AsError(err, pawl.ErrStorage)
	}
	done := make(chan error, 1)
	prior := abandoned(row.Summary)
	if _, err := e.activate(ctx, f, claim, &prior, func(a *activation) { a.answer(done, s.act(a)) }); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ended(ctx)
	}
}

func noFlow(id pawl.RunID, flow string) error {
	return &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: fmt.Sprintf("run %s is of flow %q, which this program does not have", id, flow)}
}

// steerable says what speaks against steering a run that is not executed here,
// before it is claimed.
func (e *Engine) steerable(ctx context.Context, row journal.Row, s steering) error {
	if err := e.giveBack(ctx, row.ID); err != nil {
		return err
	}
	if row.Summary.Status == pawl.StatusDone || row.Summary.Status == pawl.StatusCanceled {
		return over(row.ID, row.Summary.Status)
	}
	if s.check == nil {
		return nil
	}
	st, err := e.fold(ctx, row.ID)
	if err != nil {
		return err
	}
	defer e.recall.put(st)
	return s.check(st)
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

func over(id pawl.RunID, s pawl.Status) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s is %s", id, s)}
}

// lock makes sure that one caller at a time claims a run.
func (e *Engine) lock(ctx context.Context, id pawl.RunID) (unlock func(), err error) {
	for {
		e.mu.Lock()
		busy := e.steering[id]
		if busy == nil {
			free := make(chan struct{})
			e.steering[id] = free
			e.mu.Unlock()
			return func() {
				e.mu.Lock()
				delete(e.steering, id)
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

// errOver says that an activation ended before it could do what was asked.
var errOver = errors.New("the run has come to rest")

// do has the run's goroutine do something and waits until that is durable. It
// returns errOver, when all of the activation is down, if it came too late.
func (a *activation) do(ctx context.Context, act func(*activation) error) error {
	done := make(chan error, 1)
	a.inbox.put(func() {
		if !a.finished {
			a.answer(done, act(a))
		}
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ended(ctx)
	case <-a.over: // perhaps it was done with its last breath
		select {
		case err := <-done:
			return err
		default:
			return errOver
		}
	}
}

// wait blocks until c is closed.
func wait(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// ended is the error of a caller who no longer waits.
func ended(ctx context.Context) error {
	return &pawl.Error{Kind: pawl.ErrStopped, Message: "no longer waited for: " + ctx.Err().Error(), Err: ctx.Err()}
}

// answer tells whoever waits: an error at once, success when it is durable.
func (a *activation) answer(done chan<- error, err error) {
	if err != nil {
		done <- err
		return
	}
	a.waiters = append(a.waiters, done)
}

func (a *activation) pause(d pawl.Directive) error {
	if a.pausing {
		return nil
	}
	a.pausing = true
	a.draft(pawl.EventDirective, "", journal.Directive{What: d.What, Who: d.Who})
	return nil
}

// resumed lets the run go on: a failed step is tried again.
func (a *activation) resumed(d pawl.Directive) error {
	a.pausing, a.refused, a.prior = false, nil, nil
	a.draft(pawl.EventDirective, "", journal.Directive{What: d.What, Who: d.Who, Model: d.Model})
	for _, b := range a.st.Blockers() {
		a.retry(b, pawl.Decision{What: pawl.DecideRetry, Who: d.Who})
	}
	a.then(a.restart)
	return nil
}

// decide lifts a blocker. A paused run stays paused.
func (a *activation) decide(d pawl.Decision) error {
	b, err := openBlocker(a.st, d)
	if err != nil {
		return err
	}
	if a.prior != nil && a.prior.Status != pawl.StatusPaused {
		a.prior = nil
	}
	a.retry(b, d)
	a.then(a.restart)
	return nil
}

// openBlocker returns the blocker that a decision is about.
func openBlocker(st *replay.State, d pawl.Decision) (pawl.Blocker, error) {
	for _, b := range st.Blockers() {
		switch {
		case b.Key != d.Key:
		case d.Digest != "" && d.Digest != b.Digest:
			return b, &pawl.Error{Kind: pawl.ErrConflict, Run: st.Run, Step: d.Key, Message: fmt.Sprintf("what stands in the way of %q is not what was shown", d.Key)}
		default:
			return b, nil
		}
	}
	return pawl.Blocker{}, &pawl.Error{Kind: pawl.ErrConflict, Run: st.Run, Step: d.Key, Message: fmt.Sprintf("nothing stands in the way of %q", d.Key)}
}

func (a *activation) retry(b pawl.Blocker, d pawl.Decision) {
	a.refused = nil
	a.draft(pawl.EventDecision, b.Key, journal.Decision{What: d.What, Who: d.Who, Comment: d.Comment, Digest: b.Digest})
}

func now() pawl.Time { return pawl.At(time.Now()) }

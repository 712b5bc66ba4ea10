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
	d.At = now()
	s, err := deciding(id, d)
	if err != nil {
		return err
	}
	return e.steer(ctx, id, s)
}

// Direct implements pawl.Engine.
func (e *Engine) Direct(ctx context.Context, id pawl.RunID, d pawl.Directive) error {
	s, err := e.directing(id, d)
	if err != nil {
		return err
	}
	return e.steer(ctx, id, s)
}

// steering is what is to be done to a run.
type steering struct {
	post journal.Post // how another process is told

	check func(*replay.State) error // before a run at rest is touched; nil: nothing to check
	act   func(*activation) error   // in the run's own goroutine

	late bool // act needs flow code to stand where it asked; otherwise it comes before any
	bare bool // act needs no flow code at all
	here bool // this process is to execute the run then
	take bool // from another process if need be
}

// steer does something to a run where it is executed, which is here if nobody
// else does. It returns when what was done is durable.
func (e *Engine) steer(ctx context.Context, id pawl.RunID, s steering) error {
	unlock, err := e.lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	for {
		again, err := e.steerLocked(ctx, id, s)
		if again {
			continue
		}
		if err != nil && errors.Is(err, pawl.ErrConflict) {
			return e.overBy(ctx, id, s, err)
		}
		return err
	}
}

// overBy is why a run could not be steered: if it came to its end, what its
// history says of that, which is more than the journal does.
func (e *Engine) overBy(ctx context.Context, id pawl.RunID, s steering, err error) error {
	if row, rerr := e.row(ctx, id); rerr == nil && row.Summary.Ended() {
		return e.steerable(ctx, row, s)
	}
	return err
}

// steerLocked reports whether another process was faster, so that it is to be
// tried again.
func (e *Engine) steerLocked(ctx context.Context, id pawl.RunID, s steering) (again bool, err error) {
	if a := e.activation(id); a != nil {
		err := a.do(ctx, s)
		if lost := errors.Is(err, journal.ErrLost); err != errOver && !(lost && s.take) {
			return false, err
		}
		if err := wait(ctx, a.over); err != nil {
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
	if err := e.steerable(ctx, row, s); err != nil {
		return false, err
	}
	if elsewhere, err := e.elsewhere(ctx, id, s); elsewhere || err != nil {
		return false, err
	}
	e.mu.Lock()
	f := e.flows[row.Flow]
	e.mu.Unlock()
	if f == nil && !s.bare {
		return false, noFlow(id, row.Flow)
	}
	claim, err := e.journal.Claim(ctx, id, s.take)
	switch {
	case err != nil && errors.Is(err, pawl.ErrConflict) && !s.here:
		return true, nil // the one who has it is told
	case err != nil:
		return false, pawl.AsError(err, pawl.ErrStorage)
	}
	var first []func(*activation) // what was recorded for whoever executes the run next
	if !s.bare {
		posts, err := e.journal.Pending(ctx, id)
		if err != nil {
			return false, errors.Join(asStorage(err), e.journal.Release(ctx, claim))
		}
		first = carrying(posts)
	}
	done := make(chan error, 1)
	first = append(first, func(a *activation) { a.take(s, func(err error) { a.answer(done, err) }) })
	prior := abandoned(row.Summary)
	a, err := e.activate(ctx, f, claim, &prior, first...)
	if err != nil {
		return false, err
	}
	if err := a.outcome(ctx, done); err != errOver {
		return false, err
	}
	return a.err == nil, a.err // at rest before it was asked: that is seen the next time
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
	if s.check == nil {
		if row.Summary.Ended() {
			return over(row.ID, row.Summary.Status)
		}
		return nil
	}
	st, err := e.fold(ctx, row.ID)
	if err != nil {
		return err
	}
	defer e.recall.put(st)
	if err := s.check(st); err != nil || !st.Ended() {
		return err
	}
	return over(row.ID, st.Status)
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
func (a *activation) do(ctx context.Context, s steering) error {
	done := make(chan error, 1)
	a.inbox.put(func() {
		if !a.finished {
			a.take(s, func(err error) { a.answer(done, err) })
		}
	})
	return a.outcome(ctx, done)
}

// outcome waits for the answer to something that the run was asked.
func (a *activation) outcome(ctx context.Context, done <-chan error) error {
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

// request is something that a run was asked to do once its flow code stands still.
type request struct {
	steering
	reply func(error)
}

// take does what is asked, or has it done when flow code stands where it asked.
// reply is told of an error at once, and of success before it is durable.
func (a *activation) take(s steering, reply func(error)) {
	if s.late {
		a.begins = !a.canceling
		a.later = append(a.later, request{s, reply})
		return
	}
	reply(s.act(a))
}

// goOn lets a run at rest go on, since a decision was taken. Until then its flow
// code has executed as far as it is recorded, and nothing has begun. One that was
// paused begins nothing now either.
func (a *activation) goOn() {
	if a.prior != nil && a.prior.Status == pawl.StatusPaused {
		a.pausing, a.pauseReason = true, a.prior.Reason
	}
	a.prior = nil
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

func now() pawl.Time { return pawl.At(time.Now()) }

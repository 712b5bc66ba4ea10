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
	return e.steer(ctx, id, false, func(a *activation) error { return a.decide(d) })
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
		return e.notHere(ctx, id)
	case pawl.DirectResume:
		if d.Model != "" {
			if _, _, err := e.models.Lookup(d.Model); err != nil {
				return &pawl.Error{Kind: pawl.ErrInput, Message: err.Error(), Run: id, Err: err}
			}
		}
		return e.steer(ctx, id, d.Take, func(a *activation) error { return a.resumed(d) })
	}
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("unknown directive %q", d.What), Run: id}
}

// steer does something to a run where it is executed, which is here if nobody
// else does. It returns when what was done is durable.
func (e *Engine) steer(ctx context.Context, id pawl.RunID, take bool, act func(*activation) error) error {
	if a := e.activation(id); a != nil {
		if err := a.do(ctx, act); err != errOver {
			return err
		}
	}
	row, err := e.row(ctx, id)
	if err != nil {
		return err
	}
	switch row.Summary.Status {
	case pawl.StatusDone, pawl.StatusCanceled:
		return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s is %s", id, row.Summary.Status)}
	}
	e.mu.Lock()
	f := e.flows[row.Flow]
	e.mu.Unlock()
	if f == nil {
		return &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: fmt.Sprintf("run %s is of flow %q, which this program does not have", id, row.Flow)}
	}
	claim, err := e.journal.Claim(ctx, id, take)
	if err != nil {
		return pawl.AsError(err, pawl.ErrStorage)
	}
	done := make(chan error, 1)
	err = e.activate(ctx, f, claim, func(a *activation) { a.answer(done, act(a)) })
	if err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errOver says that an activation ended before it could do what was asked.
var errOver = errors.New("the run has come to rest")

// do has the run's goroutine do something and waits until that is durable. It
// returns errOver, when all of the activation is down, if it came too late.
func (a *activation) do(ctx context.Context, act func(*activation) error) error {
	done := make(chan error, 1)
	if a.inbox.put(func() { a.answer(done, act(a)) }) {
		select {
		case err := <-done:
			return err
		case <-a.over: // perhaps it was done with its last breath
			select {
			case err := <-done:
				return err
			default:
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return wait(ctx, a.over, errOver)
}

func (e *Engine) notHere(ctx context.Context, id pawl.RunID) error {
	row, err := e.row(ctx, id)
	if err != nil {
		return err
	}
	return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s is %s and not executed here", id, row.Summary.Status)}
}

// wait returns err when done is closed.
func wait(ctx context.Context, done <-chan struct{}, err error) error {
	select {
	case <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
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
	a.pausing = false
	a.draft(pawl.EventDirective, "", journal.Directive{What: d.What, Who: d.Who, Model: d.Model})
	if d.Model != "" {
		a.st.Model = replay.Model{Name: d.Model, Forced: true}
	}
	for _, b := range a.st.Blockers() {
		a.retry(b, pawl.Decision{What: pawl.DecideRetry, Who: d.Who})
	}
	a.then(a.restart)
	return nil
}

func (a *activation) decide(d pawl.Decision) error {
	for _, b := range a.st.Blockers() {
		if b.Key != d.Key {
			continue
		}
		if d.Digest != "" && d.Digest != b.Digest {
			return &pawl.Error{Kind: pawl.ErrConflict, Run: a.id, Step: d.Key, Message: fmt.Sprintf("what stands in the way of %q is not what was shown", d.Key)}
		}
		a.retry(b, d)
		a.then(a.restart)
		return nil
	}
	return &pawl.Error{Kind: pawl.ErrConflict, Run: a.id, Step: d.Key, Message: fmt.Sprintf("nothing stands in the way of %q", d.Key)}
}

func (a *activation) retry(b pawl.Blocker, d pawl.Decision) {
	a.refused = nil
	a.draft(pawl.EventDecision, b.Key, journal.Decision{What: d.What, Who: d.Who, Comment: d.Comment, Digest: b.Digest})
}

func now() pawl.Time { return pawl.At(time.Now()) }

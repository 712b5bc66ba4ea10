package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// Start implements pawl.Engine.
func (e *Engine) Start(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	if o == nil {
		o = &pawl.StartOptions{}
	}
	n, err := e.prepare(ctx, f, input, o, !o.Queue && !e.remote)
	if err != nil {
		return "", err
	}
	if e.isClosed() {
		return "", errClosed()
	}
	if n.base != nil && n.base.Result != nil {
		if _, err := e.rehearse(ctx, n); err != nil {
			return "", err
		}
	}
	e.know(n.own, n.replaced)
	id := n.row.ID
	claim, err := e.journal.Create(ctx, n.row, n.first)
	switch {
	case err != nil && o.ID != "" && errors.Is(err, pawl.ErrConflict):
		return id, e.startedBefore(ctx, id, n)
	case err != nil:
		return "", pawl.AsError(err, pawl.ErrStorage)
	case claim == nil:
		e.nudge()
		return id, nil
	}
	st, err := begun(claim, n.first)
	if err != nil {
		e.journal.Release(ctx, claim)
		return "", err
	}
	_, err = e.executeFrom(ctx, n.flow, claim, st, nil, nil)
	return id, err
}

// begun returns the state of a run that was just created and claimed, as whoever
// reads it would have it.
func begun(claim *journal.Claim, first []journal.Draft) (*replay.State, error) {
	events, _, err := journal.Seal(journal.Claim{Run: claim.Run}, first)
	if err != nil {
		return nil, err
	}
	st, err := replay.Fold(events)
	if err == nil {
		st.Claimed(*claim)
	}
	return st, err
}

// startedBefore returns nil if the run of that id is what is to be created.
func (e *Engine) startedBefore(ctx context.Context, id pawl.RunID, n *newRun) error {
	before, err := e.created(ctx, id)
	if err != nil {
		return err
	}
	set, err := e.set(ctx, id)
	if err != nil {
		return err
	}
	created := n.created
	was, err := schema.Canonical(before.Input)
	if err != nil {
		return pawl.AsError(err, pawl.ErrDatabase)
	}
	is, err := schema.Canonical(created.Input)
	if err != nil {
		return pawl.AsError(err, pawl.ErrInput)
	}
	if before.Flow != created.Flow || !bytes.Equal(was, is) {
		return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s exists already, with another flow or input", id)}
	}
	if !isSameBase(before.Base, set, n) {
		return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s exists already, with another base, forked elsewhere or with another result", id)}
	}
	return nil
}

// isSameBase reports whether a run that began on was, with set in the place of a step's
// result, has the base of one that is to be created.
func isSameBase(was *journal.Base, set json.RawMessage, n *newRun) bool {
	is := n.created.Base
	if was == nil || is == nil {
		return was == is
	}
	same := was.Run == is.Run && was.At == is.At && (set == nil) == (n.base.Result == nil)
	if !same || set == nil {
		return same
	}
	one, err := schema.Canonical(set)
	other, bad := schema.Canonical(n.base.Result)
	return err == nil && bad == nil && bytes.Equal(one, other)
}

// created reads how a run began.
func (e *Engine) created(ctx context.Context, id pawl.RunID) (journal.Created, error) {
	events, err := e.journal.Read(ctx, id, 0, 1)
	if err != nil {
		return journal.Created{}, pawl.AsError(err, pawl.ErrStorage)
	}
	created, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		return created, pawl.AsError(err, pawl.ErrDatabase)
	}
	return created, nil
}

// set reads which result was set for a step of a run when it began; nil: none was.
func (e *Engine) set(ctx context.Context, id pawl.RunID) (json.RawMessage, error) {
	for after := pawl.Seq(1); ; after++ {
		events, err := e.journal.Read(ctx, id, after, 1)
		if err != nil {
			return nil, pawl.AsError(err, pawl.ErrStorage)
		}
		if len(events) == 0 {
			return nil, nil
		}
		switch ev := events[0]; ev.Type {
		case pawl.EventGuidance: // which the base was given
		case pawl.EventOverride:
			body, err := journal.Decode[journal.Override](ev)
			if err != nil {
				return nil, pawl.AsError(err, pawl.ErrDatabase)
			}
			return body.Value, nil
		default:
			return nil, nil
		}
	}
}

// execute reads a claimed run and begins to do a command on it. The run was listed as
// before when it was claimed, and what prepare has it do is to make it go on.
func (e *Engine) execute(ctx context.Context, c exec.Command, claim *journal.Claim, before *journal.Summary, prepare func(*exec.Run)) (*exec.Run, error) {
	ctx = context.WithoutCancel(ctx)
	st, err := e.foldClaimed(ctx, c, claim)
	if err == nil && st.Ended() { // it did just before it was claimed
		err = st.Listed().ErrEnded(claim.Run)
	}
	var f pawl.Flow
	if err == nil {
		if f, err = e.flowOf(ctx, st, c.Prompts()); err != nil && c.Bare {
			f, err = nil, nil
		}
	}
	if d := c.Stored.Directive; err == nil && !c.Bare && st.Model().Name == "" && (d == nil || d.Model == "") {
		if err = noDefault(); e.model != "" {
			err = e.checkTaken(st, f.Describe())
		}
	}
	if err != nil {
		e.journal.Release(ctx, claim)
		return nil, err
	}
	return e.executeFrom(ctx, f, claim, st, before, prepare)
}

// foldClaimed is foldToGoOn for who has just claimed the run to do a command on it. What was
// read for the command's check is not read again where the claim stands right behind it.
func (e *Engine) foldClaimed(ctx context.Context, c exec.Command, claim *journal.Claim) (*replay.State, error) {
	if c.Check != nil {
		st := e.cache.take(claim.Run)
		if st.Seq > 0 && st.Seq+1 == claim.Seq && st.Tampered == nil {
			st.Claimed(*claim)
			return st, nil
		}
	}
	return e.foldToGoOn(ctx, claim.Run)
}

// executeFrom executes a run that has been read up to its claim. before as in exec.New.
func (e *Engine) executeFrom(ctx context.Context, f pawl.Flow, claim *journal.Claim, st *replay.State, before *journal.Summary, prepare func(*exec.Run)) (*exec.Run, error) {
	ctx = context.WithoutCancel(ctx)
	base, err := e.baseOf(ctx, st)
	if err != nil {
		e.journal.Release(ctx, claim)
		return nil, err
	}
	r := exec.New(ctx, e.deps, f, claim, st, base, before)
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		e.journal.Release(ctx, claim)
		return nil, errClosed()
	}
	delete(e.dropped, claim.Run)
	e.timers.forget(claim.Run)
	e.running[claim.Run] = r
	if e.listening == nil {
		e.listening = make(chan struct{})
		e.calls.Go(func() { e.listen(ctx) })
	}
	e.mu.Unlock()
	if prepare != nil {
		prepare(r)
	}
	go r.Execute()
	return r, nil
}

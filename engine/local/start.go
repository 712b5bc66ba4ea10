package local

import (
	"bytes"
	"cmp"
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Start implements pawl.Engine.
func (e *Engine) Start(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	if o == nil {
		o = &pawl.StartOptions{}
	}
	base, err := e.base(ctx, f, o.Base)
	if err != nil {
		return "", err
	}
	if base != nil {
		input = orBase(input, base.st.Created.Input)
	}
	if !o.Checked {
		checked, err := f.CheckInput(input)
		if err != nil {
			return "", pawl.AsError(err, pawl.ErrInput)
		}
		input = checked
	}
	if err := replay.CheckBudget(o.Budget); err != nil {
		return "", err
	}
	if o.ID != "" && !o.ID.Valid() {
		return "", &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("run id %q: wants 12 characters of 0-9 and a-v", o.ID)}
	}
	info := f.Describe()
	model := replay.Model{Name: cmp.Or(o.Model, e.model), Forced: o.Model != "", Fallback: o.Fallback}
	if base != nil {
		model = base.model(o)
	}
	// Of a run that others execute, they must have the keys.
	if err := e.checkModels(info, model); err != nil && !(o.Queue && errors.Is(err, pawl.ErrorKind(llm.Auth))) {
		return "", err
	}
	if err := e.checkPrices(info, model, o.Budget); err != nil {
		return "", err
	}
	id := cmp.Or(o.ID, pawl.NewRunID())
	created := journal.Created{Flow: f.Name(), Fingerprint: info.Fingerprint, Model: model.Name, Forced: model.Forced, Fallback: model.Fallback, Seed: seed(), Secret: crand.Text(), Input: input,
		Who: o.Who, Program: e.program, Budget: o.Budget, Step: o.Step, Break: o.Break}
	if base != nil {
		created.Seed, created.Base = base.st.Created.Seed, base.body(model)
	}
	e.mu.Lock()
	closed := e.closed
	e.flows[f.Name()] = f
	e.mu.Unlock()
	if closed {
		return "", errClosed()
	}
	run := journal.NewRun{ID: id, Flow: f.Name(), Model: model.Name, Summary: journal.Summary{Status: pawl.StatusRunning}}
	if o.Queue {
		run.Queued, run.Summary = true, journal.Summary{Status: pawl.StatusQueued, Reason: replay.NotBegun}
	}
	first := []journal.Draft{{Type: pawl.EventCreated, At: now(), Body: created}}
	if base != nil {
		first = append(first, base.drafts(o.Who)...)
	}
	claim, err := e.journal.Create(ctx, run, first)
	switch {
	case err != nil && o.ID != "" && errors.Is(err, pawl.ErrConflict):
		return id, e.startedBefore(ctx, id, created)
	case err != nil:
		return "", pawl.AsError(err, pawl.ErrStorage)
	case claim == nil:
		return id, nil
	}
	if base != nil {
		e.cache.put(base.st) // it is read again at once
	}
	st, err := begun(claim, first)
	if err != nil {
		e.journal.Release(ctx, claim)
		return "", err
	}
	_, err = e.executeFrom(ctx, f, claim, st, nil, nil)
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
		err = st.Claimed(*claim)
	}
	return st, err
}

// startedBefore returns nil if the run of that id is what is to be created.
func (e *Engine) startedBefore(ctx context.Context, id pawl.RunID, created journal.Created) error {
	before, err := e.created(ctx, id)
	if err != nil {
		return err
	}
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
	return nil
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

func seed() uint64 {
	var b [8]byte
	crand.Read(b[:]) // never fails, see crypto/rand
	return binary.BigEndian.Uint64(b[:])
}

// execute reads a claimed run and begins to execute it. If before is not nil the run
// was listed like that when it was claimed, and what prepare has it do is to make it
// go on.
func (e *Engine) execute(ctx context.Context, f pawl.Flow, claim *journal.Claim, before *journal.Summary, prepare func(*exec.Run)) (*exec.Run, error) {
	ctx = context.WithoutCancel(ctx)
	st, err := e.fold(ctx, claim.Run)
	if err == nil && st.Ended() { // it did just before it was claimed
		err = errEnded(claim.Run, st.Listed())
	}
	if err != nil {
		e.journal.Release(ctx, claim)
		return nil, err
	}
	return e.executeFrom(ctx, f, claim, st, before, prepare)
}

// executeFrom is execute for a run that has been read up to its claim.
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

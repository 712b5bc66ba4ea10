package local

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// takeUp claims a run that may go on and that nobody executes, or one at rest for
// which there are stored commands, and executes it.
func (e *Engine) takeUp(ctx context.Context, id pawl.RunID) (*exec.Run, error) {
	unlock, err := e.lock(ctx, id)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return e.takeUpLocked(ctx, id)
}

// takeUpLocked is takeUp for a caller that has locked the run.
func (e *Engine) takeUpLocked(ctx context.Context, id pawl.RunID) (*exec.Run, error) {
	if err := e.giveBack(ctx, id); err != nil {
		return nil, err
	}
	st, err := e.foldToGoOn(ctx, id)
	if err != nil {
		return nil, err
	}
	var before *journal.Summary
	var stored []journal.Command
	// A run that has only slept is not asked for commands: it would take as long again.
	if says := replay.Unheld(st.Listed()); says.Status != pawl.StatusWaiting || len(st.Blockers()) > 0 || !says.Idle(now()) {
		if stored, err = e.journal.Pending(ctx, id); err != nil {
			return nil, asStorage(err)
		}
		if !says.Idle(now()) {
			if before = &says; len(stored) == 0 || st.Ended() {
				return nil, fasterElsewhere(id)
			}
		}
	}
	f, err := e.flowOf(ctx, st, nil)
	if err != nil {
		return nil, err
	}
	model := st.Model()
	model.Name = cmp.Or(model.Name, e.model)
	if err := cmp.Or(e.checkModels(f.Describe(), model, false), e.checkTaken(st, f.Describe())); err != nil {
		return nil, err
	}
	claim, err := e.journal.Claim(ctx, id, false)
	if err != nil {
		return nil, pawl.AsError(err, pawl.ErrStorage)
	}
	if claim.Seq == st.Seq+1 {
		st.Claimed(*claim)
		return e.executeFrom(ctx, f, claim, st, before, func(r *exec.Run) { r.Queue(stored...) })
	}
	// Someone has executed it since, and come to rest: so it is to stand.
	events, err := e.journal.Read(ctx, id, 0, int(claim.Seq)-1)
	if err == nil {
		st, err = replay.Fold(events)
	}
	if err != nil {
		e.journal.Release(ctx, claim)
		return nil, pawl.AsError(err, pawl.ErrStorage)
	}
	listed := replay.Unheld(st.Listed())
	r, err := e.execute(ctx, exec.Command{Bare: true}, claim, &listed, nil)
	if err != nil {
		return nil, err
	}
	<-r.Done()
	return nil, fasterElsewhere(id)
}

func fasterElsewhere(id pawl.RunID) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s was executed elsewhere meanwhile", id)}
}

// awaited reports whether a run that nobody holds will be taken up by a process
// that has offered to.
func (e *Engine) awaited(ctx context.Context, row journal.Row) (bool, error) {
	if !row.Summary.Idle(now()) && !row.Summary.Sleeps() {
		return false, nil
	}
	if e.remote {
		return true, nil
	}
	return e.offered(ctx, row.ID)
}

// offered reports whether a live process takes up a run.
func (e *Engine) offered(ctx context.Context, id pawl.RunID) (bool, error) {
	offers, err := e.offers(ctx)
	if len(offers) == 0 || err != nil {
		return false, err
	}
	run, err := e.created(ctx, id)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(offers, func(o journal.Offer) bool { return o.Has(run.Flow, run.Program) }), nil
}

// hasBuild reports whether a live process takes up runs of a flow as it is in the build
// with that fingerprint. What cannot be told is not so.
func (e *Engine) hasBuild(ctx context.Context, fingerprint string) bool {
	offers, err := e.offers(ctx)
	return err == nil && slices.ContainsFunc(offers, func(o journal.Offer) bool { return slices.Contains(o.Builds, fingerprint) })
}

// offers lists the processes that take up runs.
func (e *Engine) offers(ctx context.Context) ([]journal.Offer, error) {
	queue, ok := e.journal.(journal.Queue)
	if !ok {
		return nil, nil
	}
	offers, err := queue.Offers(ctx)
	return offers, asStorage(err)
}

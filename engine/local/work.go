package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// WorkOptions are what a caller may choose for Work. Nil means all defaults.
type WorkOptions struct {
	Limit int  // runs at once; 0: 16
	Drain bool // return when there is nothing left to take up

	// Seen is told of each run that is taken up, with status running, and of how
	// it stands when it is at rest again. Nil: nobody is. Calls do not overlap.
	Seen func(pawl.RunSummary)
}

const (
	// lookEvery is how often Work looks for runs of processes that died, which
	// changes nothing in the journal.
	lookEvery = 500 * time.Millisecond

	// lookGap is the least time between two looks, whatever is committed
	// meanwhile.
	lookGap = 50 * time.Millisecond
)

// Work takes up runs by itself until ctx ends or the engine is closed: those that
// were queued and those whose process died, of the flows that the engine knew when Work was called. It
// returns when all that it took up is at rest, which Close brings about; with
// Drain also when nothing is left. A run that does not fit this program's flow
// or models stays queued for others.
//
// The error is that of a journal that fails, or that cannot keep a queue.
func (e *Engine) Work(ctx context.Context, o *WorkOptions) error {
	queue, ok := e.journal.(journal.Queue)
	if !ok {
		return &pawl.Error{Kind: pawl.ErrInternal, Message: "work: the journal keeps no queue"}
	}
	if o == nil {
		o = &WorkOptions{}
	}
	w := &worker{e: e, queue: queue, o: o, limit: cmp.Or(o.Limit, 16), free: make(chan struct{}, 1), refused: map[pawl.RunID]bool{}}
	e.mu.Lock()
	w.flows = slices.Sorted(maps.Keys(e.flows))
	e.worker = w
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.worker = nil
	}()
	if err := queue.Offer(ctx, w.flows); err != nil {
		return pawl.AsError(err, pawl.ErrStorage)
	}
	err := w.work(ctx)
	w.runs.Wait()
	if werr := queue.Offer(context.WithoutCancel(ctx), nil); err == nil && werr != nil {
		err = pawl.AsError(werr, pawl.ErrStorage)
	}
	return err
}

// worker is one call of Work.
type worker struct {
	e     *Engine
	queue journal.Queue
	o     *WorkOptions
	flows []string
	limit int

	runs sync.WaitGroup
	free chan struct{} // has an element when there may be something to take up

	mu      sync.Mutex // guards all below and calls of o.Seen
	busy    int
	failed  error               // what speaks against going on
	refused map[pawl.RunID]bool // runs that are left to others
}

// work returns when ctx ends, the engine is closed, or nothing is left and that
// was asked for.
func (w *worker) work(ctx context.Context) error {
	var mark journal.Mark
	for ctx.Err() == nil && !w.e.isClosed() {
		rows, busy, err := w.look(ctx)
		if err != nil && ctx.Err() == nil {
			return pawl.AsError(err, pawl.ErrStorage)
		}
		for _, row := range rows {
			if err := w.take(ctx, row); err != nil {
				return err
			}
		}
		if w.o.Drain && len(rows) == 0 && busy == 0 {
			return nil
		}
		mark = w.wait(ctx, mark)
	}
	return nil
}

// look returns runs to be taken up, as many as there is room for, and how many
// are under way.
func (w *worker) look(ctx context.Context) (rows []journal.Row, busy int, err error) {
	w.mu.Lock()
	busy, refused, failed := w.busy, maps.Clone(w.refused), w.failed
	w.mu.Unlock()
	if failed != nil {
		return nil, busy, failed
	}
	room := w.limit - busy
	if room <= 0 {
		return nil, busy, nil
	}
	rows, err = w.queue.Idle(ctx, w.flows, room+len(refused))
	rows = slices.DeleteFunc(rows, func(r journal.Row) bool { return refused[r.ID] })
	return rows[:min(len(rows), room)], busy, err
}

// wait returns when it is time to look again: a run has come to rest, something
// was committed, or a process may have died.
func (w *worker) wait(ctx context.Context, mark journal.Mark) journal.Mark {
	gap := time.NewTimer(lookGap)
	defer gap.Stop()
	changed, cancel := context.WithTimeout(ctx, lookEvery)
	defer cancel()
	next := make(chan journal.Mark, 1)
	go func() {
		now, err := w.e.journal.Changes(changed, mark)
		if err != nil {
			now = mark
		}
		next <- now
	}()
	select {
	case <-w.free:
		cancel()
		return <-next
	case mark = <-next:
	}
	select {
	case <-w.free:
	case <-gap.C:
	case <-ctx.Done():
	}
	return mark
}

// take takes a run up. One that cannot be is left to others. The error is one
// that speaks against going on at all.
func (w *worker) take(ctx context.Context, row journal.Row) error {
	a, err := w.e.take(ctx, row)
	switch {
	case err == nil:
	case ctx.Err() != nil, errors.Is(err, pawl.ErrStopped), errors.Is(err, pawl.ErrConflict):
		return nil // the end is asked for, or someone else was faster
	case errors.Is(err, pawl.ErrStorage):
		return err
	default:
		w.refuse(row.ID, err)
		return nil
	}
	s := pawl.RunSummary{ID: row.ID, Flow: row.Flow, Status: pawl.StatusRunning, Model: row.Model, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	w.began(s)
	w.runs.Go(func() {
		<-a.over
		s.Status, s.Reason, s.UpdatedAt = a.st.Status, a.st.Reason, a.st.Now
		if a.err != nil {
			s.Status, s.Reason = pawl.StatusQueued, a.err.Error()
		}
		lost := errors.Is(a.err, pawl.ErrConflict) // whoever took it may give it back
		w.ended(s, a.err != nil && !lost || a.unfit(), cmp.Or(a.err, a.kept))
	})
	return nil
}

func (w *worker) refuse(id pawl.RunID, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused[id] = true
	e := pawl.AsError(err, pawl.ErrInternal)
	text := "not taken up: " + e.Message
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	w.e.log.Warn(text, "run", id)
}

// began and ended count a run that was taken up.
func (w *worker) began(s pawl.RunSummary) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy++
	w.see(s)
}

// A journal that failed it ends the work: others may take its runs when this
// process has gone, and not before.
func (w *worker) ended(s pawl.RunSummary, refused bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	if errors.Is(err, pawl.ErrStorage) {
		w.failed = err
	}
	if refused {
		w.refused[s.ID] = true
	}
	w.see(s)
	w.nudge()
}

// nudge has the worker look again soon.
func (w *worker) nudge() {
	select {
	case w.free <- struct{}{}:
	default:
	}
}

// see is called with mu held.
func (w *worker) see(s pawl.RunSummary) {
	if w.o.Seen != nil {
		w.o.Seen(s)
	}
}

// take claims a run that nobody executes and executes it.
func (e *Engine) take(ctx context.Context, row journal.Row) (*activation, error) {
	unlock, err := e.lock(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	defer unlock()
	st, err := e.fold(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	if !summary(st).Idle(now()) {
		return nil, fasterElsewhere(row.ID)
	}
	e.mu.Lock()
	f := e.flows[row.Flow]
	e.mu.Unlock()
	if f == nil {
		return nil, noFlow(row)
	}
	if err := e.checkModels(f.Describe(), st.Model()); err != nil {
		return nil, err
	}
	claim, err := e.journal.Claim(ctx, row.ID, false)
	if err != nil {
		return nil, pawl.AsError(err, pawl.ErrStorage)
	}
	if claim.Seq == st.Seq+1 {
		return e.activate(ctx, f, claim, nil, nil)
	}
	// Someone has executed it since, and come to rest: so it is to stand.
	events, err := e.journal.Read(ctx, row.ID, 0, int(claim.Seq)-1)
	if err == nil {
		st, err = replay.Fold(events)
	}
	if err != nil {
		e.journal.Release(ctx, claim)
		return nil, pawl.AsError(err, pawl.ErrStorage)
	}
	prior := abandoned(summary(st))
	a, err := e.activate(ctx, f, claim, &prior, nil)
	if err != nil {
		return nil, err
	}
	<-a.over
	return nil, fasterElsewhere(row.ID)
}

func fasterElsewhere(id pawl.RunID) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s was executed elsewhere meanwhile", id)}
}

func (e *Engine) isClosed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

// awaited reports whether a run that nobody holds will be taken up by a process
// that has offered to.
func (e *Engine) awaited(ctx context.Context, row journal.Row) (bool, error) {
	queue, ok := e.journal.(journal.Queue)
	if !ok || !row.Summary.Idle(now()) && !row.Summary.Sleeps() {
		return false, nil
	}
	offers, err := queue.Offers(ctx)
	if err != nil {
		return false, pawl.AsError(err, pawl.ErrStorage)
	}
	return slices.ContainsFunc(offers, func(o journal.Offer) bool { return slices.Contains(o.Flows, row.Flow) }), nil
}

package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/journal"
)

// WorkOptions are what a caller may choose for Work. Nil means all defaults.
type WorkOptions struct {
	Limit int  // runs at once; 0: 16
	Drain bool // return when there is nothing left to take up

	// Ready is called once, when this Work counts as one that takes runs up: from then on
	// Wait and Events do not take a run that it is about to take up for one at rest. Nil:
	// nobody is told.
	Ready func()

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
// were queued and those whose process died, of this program (see Options.Program) and
// the flows that the engine knew when Work was called. It returns when all that it took up is at rest, which
// Close brings about; with Drain also when nothing is left. A run that does not
// fit this program's models stays queued for others, and so does one that does not fit
// its flow as long as a live process offers the build that began it.
//
// When a run fails because the provider refuses the account, those of its model
// are held back for a minute; then one of them tries.
//
// The error is that of a journal that fails, or that cannot keep a queue; with
// Drain also that of a provider for which runs are held back.
func (e *Engine) Work(ctx context.Context, o *WorkOptions) error {
	queue, ok := e.journal.(journal.Queue)
	if !ok {
		return &pawl.Error{Kind: pawl.ErrInternal, Message: "work: the journal keeps no queue"}
	}
	if o == nil {
		o = &WorkOptions{}
	}
	w := &worker{e: e, queue: queue, o: o, limit: cmp.Or(o.Limit, 16), free: make(chan struct{}, 1), refused: map[pawl.RunID]string{}, breakers: map[string]*breaker{}}
	e.mu.Lock()
	w.offer = journal.Offer{Program: e.program, Flows: slices.Sorted(maps.Keys(e.flows))}
	for _, name := range w.offer.Flows {
		w.offer.Builds = append(w.offer.Builds, build(e.flows[name]))
	}
	e.worker = w
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.worker = nil
	}()
	if err := queue.Offer(ctx, w.offer); err != nil {
		return pawl.AsError(err, pawl.ErrStorage)
	}
	if o.Ready != nil {
		o.Ready()
	}
	err := w.work(ctx)
	w.runs.Wait()
	if werr := queue.Offer(context.WithoutCancel(ctx), journal.Offer{}); err == nil && werr != nil {
		err = pawl.AsError(werr, pawl.ErrStorage)
	}
	return err
}

// worker is one call of Work.
type worker struct {
	e     *Engine
	queue journal.Queue
	o     *WorkOptions
	offer journal.Offer
	limit int

	runs sync.WaitGroup
	free chan struct{} // has an element when there may be something to take up

	mu       sync.Mutex // guards all below and calls of o.Seen
	busy     int
	failed   error                 // what speaks against going on
	refused  map[pawl.RunID]string // runs that are left to others, and why; empty: they are of another program
	breakers map[string]*breaker   // by model
}

// work returns when ctx ends, the engine is closed, or nothing is left and that
// was asked for.
func (w *worker) work(ctx context.Context) error {
	var mark journal.Mark
	for ctx.Err() == nil && !w.e.isClosed() {
		rows, left, busy, err := w.look(ctx)
		if err != nil && ctx.Err() == nil {
			return pawl.AsError(err, pawl.ErrStorage)
		}
		for _, row := range rows {
			if err := w.takeUp(ctx, row); err != nil {
				return err
			}
		}
		if w.o.Drain && len(rows) == 0 && busy == 0 {
			return left
		}
		mark = w.wait(ctx, mark)
	}
	return nil
}

// look returns runs to be taken up, as many as there is room for, why others are
// held back, nil if none is, and how many are under way.
func (w *worker) look(ctx context.Context) (rows []journal.Row, left error, busy int, err error) {
	w.mu.Lock()
	if w.failed != nil {
		defer w.mu.Unlock()
		return nil, nil, w.busy, w.failed
	}
	busy = w.busy
	room, most := w.limit-busy, w.limit-busy+len(w.refused)
	if len(w.breakers) > 0 {
		most = 0 // all: those that are held back may be the oldest
	}
	w.mu.Unlock()
	if room <= 0 {
		return nil, nil, busy, nil
	}
	all, err := w.queue.Idle(ctx, w.offer.Flows, most)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range all {
		r.Model = cmp.Or(r.Model, w.e.model) // as it is taken up
		why, refused := w.refused[r.ID]
		switch {
		case refused && why != "":
			left = cmp.Or[error](left, &pawl.Error{Kind: pawl.ErrStopped, Run: r.ID, Message: fmt.Sprintf("run %s is left queued: %s", r.ID, why)})
		case refused:
		case w.isOpen(r.Model):
			left = w.breakers[r.Model].why // which counts above the others
		case len(rows) < room:
			rows = append(rows, r)
		}
	}
	return rows, left, busy, err
}

// wait returns when it is time to look again: a run has come to rest, something
// was committed, or a process may have died.
func (w *worker) wait(ctx context.Context, mark journal.Mark) journal.Mark {
	gap, stop := elapsed(lookGap)
	defer stop()
	mark, interrupted := w.e.next(ctx, mark, lookEvery, w.free)
	if interrupted {
		return mark
	}
	select {
	case <-w.free:
	case <-gap:
	case <-ctx.Done():
	}
	return mark
}

// takeUp takes a run up. One that cannot be is left to others. The error is one
// that speaks against going on at all.
func (w *worker) takeUp(ctx context.Context, row journal.Row) error {
	w.mu.Lock()
	open := w.isOpen(row.Model)
	w.mu.Unlock()
	if open {
		return nil // since the look: another one tries
	}
	created, err := w.e.created(ctx, row.ID)
	if err == nil && !w.offer.Has(created.Flow, created.Program) {
		w.refuse(ctx, row.ID, "", fmt.Sprintf("it is a run of the program %s, not of %s", created.Program, w.offer.Program))
		return nil
	}
	var r *exec.Run
	if err == nil {
		r, err = w.e.takeUp(ctx, row.ID)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil, errors.Is(err, pawl.ErrStopped), errors.Is(err, pawl.ErrConflict), errors.Is(err, pawl.ErrNotFound):
		return nil // the end is asked for, or someone else was faster, or it was removed
	case errors.Is(err, pawl.ErrStorage):
		return err
	default:
		e := pawl.AsError(err, pawl.ErrInternal)
		text := e.Message
		if e.Hint != "" {
			text += "; " + e.Hint
		}
		w.refuse(ctx, row.ID, text, text)
		return nil
	}
	s := pawl.RunSummary{ID: row.ID, Flow: row.Flow, Status: pawl.StatusRunning, Model: row.Model, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	w.began(s)
	w.runs.Go(func() {
		<-r.Done()
		st, dropped := r.State(), r.Err()
		s.Status, s.Reason, s.UpdatedAt = st.Status, st.Reason, st.Now
		if dropped != nil {
			s.Status, s.Reason = pawl.StatusQueued, dropped.Error()
		}
		lost := errors.Is(dropped, pawl.ErrConflict) // whoever took it may give it back
		w.ended(s, r.Refusal(), dropped != nil && !lost || r.IsUnfit(), dropped)
	})
	return nil
}

// refuse leaves a run to others. why is empty for one that no worker of this program has
// to do with.
func (w *worker) refuse(ctx context.Context, id pawl.RunID, why, says string) {
	w.mu.Lock()
	w.refused[id] = why
	w.mu.Unlock()
	w.e.log.Warn("not taken up: "+says, "run", id)
	if why != "" {
		w.tell(ctx)
	}
}

// An offer says of so many runs why they are left, and so many bytes of it.
const maxLeft, maxWhy = 100, 400

// tell has the offer say which runs are left, and why, for those who look at them.
func (w *worker) tell(ctx context.Context) {
	w.mu.Lock()
	o := w.offer
	o.Left = map[pawl.RunID]string{}
	for id, why := range w.refused {
		if why != "" && len(o.Left) < maxLeft {
			o.Left[id] = strings.ToValidUTF8(why[:min(len(why), maxWhy)], "")
		}
	}
	w.mu.Unlock()
	if err := w.queue.Offer(ctx, o); err != nil {
		w.e.log.Error("offer not renewed", "error", err)
	}
}

// began and ended count a run that was taken up.
func (w *worker) began(s pawl.RunSummary) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy++
	w.markTrial(s.ID, s.Model)
	w.see(s)
}

// A journal that failed it ends the work: others may take its runs when this
// process has gone, and not before.
func (w *worker) ended(s pawl.RunSummary, refusal *pawl.Error, unfit bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	if errors.Is(err, pawl.ErrStorage) || errors.Is(err, pawl.ErrDatabase) {
		w.failed = err
	}
	if unfit {
		w.refused[s.ID] = s.Reason
	}
	w.trip(s.ID, s.Model, refusal)
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

// nudge has this engine's worker, if there is one, look for what was queued just now.
func (e *Engine) nudge() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.worker != nil {
		e.worker.nudge()
	}
}

// see is called with mu held.
func (w *worker) see(s pawl.RunSummary) {
	if w.o.Seen != nil {
		w.o.Seen(s)
	}
}

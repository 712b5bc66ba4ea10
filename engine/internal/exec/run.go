package exec

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Deps is what runs need of the engine that keeps them. All of it may be used by
// many runs at once.
type Deps struct {
	Journal Store
	Models  llm.Catalog
	Prices  llm.Prices
	Log     *slog.Logger
	World   World                      // where runs are executed
	Limiter func(model string) Limiter // of a model's calls, by its full name
	Ended   func(*Run)                 // called last in Execute, before Done is closed

	Evict  time.Duration // a run that waits for a timer longer than this is put to rest; negative: every such run
	Strict bool          // a changed request is a mismatch

	OnChange OnChange // what counts at a mismatch

	// Build is the fingerprint of a flow as it was made, whatever prompts took the place
	// of its own since.
	Build func(pawl.Flow) string

	// HasBuild reports whether a live process takes up runs of a flow in the build with
	// that fingerprint. Nil: there are no others.
	HasBuild func(ctx context.Context, fingerprint string) bool

	Model   string        // of runs that were queued without one
	Timeout time.Duration // of an attempt at a model, above what questions say; 0: as they say

	Pieces func(pawl.Piece) // is told what arrives of answers; nil: nobody listens

	// Observe is told what happens, see observe.Observer, and returns at once. Carry makes
	// the context of an attempt. Nil, both: nobody observes.
	Observe func(observe.Event)
	Carry   func(ctx context.Context, run pawl.RunID, key pawl.Key, attempt int) context.Context
}

// Store is what a run needs of its journal. One that is a limit.Keeper bounds its calls.
type Store interface {
	Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error)         // as in journal.Journal
	Handled(ctx context.Context, command int64) (done bool, refused *journal.Failure, err error) // as in journal.Commands
	journal.Blobs
}

// Run is one run being executed. Execute's goroutine owns every field; a branch
// may read them while it executes, since Execute stands still meanwhile.
type Run struct {
	deps  *Deps
	id    pawl.RunID
	ctx   context.Context // of journal calls; never canceled
	claim *journal.Claim
	st    *replay.State

	phase     replay.Phase
	before    journal.Summary     // how it was listed when it was claimed, of one that was at rest
	foreign   bool                // it was begun with another build of the flow, which others have, and no attempt was announced since
	rehearses bool                // nothing is called, see Rehearse
	refused   map[pawl.Key]string // why what was kept for steps was not taken; nil: nobody wants to know
	late      bool                // whatever comes now is too late
	asked     map[pawl.Key]Asked  // what flow code asks for, see Replay; nil: nobody wants to know
	decided   string              // what was decided on it for whoever goes on with it; empty: nothing was

	base     *replay.Base // whose results it takes over; nil: it has none
	code     code
	batch    batch
	salts    salts
	calls    calls
	budget   budget
	requests requests
	commands commands
	told     told

	mailbox *mailbox
	tail    tail // for followers

	dropped context.Context // ends when the run is dropped: lost, or its journal fails
	drop    func()
	err     error         // why
	done    chan struct{} // closed when all is down
}

// New prepares a claimed run with that state for Execute. before is how a run at
// rest was listed when it was claimed to have something done to it; nil: it is to
// go on. f may be nil if no flow code is to execute. base is what the run takes results
// over from; nil: nothing.
func New(ctx context.Context, d *Deps, f pawl.Flow, claim *journal.Claim, st *replay.State, base *replay.Base, before *journal.Summary) *Run {
	r := &Run{
		deps: d, id: claim.Run, base: base, ctx: ctx, claim: claim, st: st, phase: replay.Executing,
		mailbox: newMailbox(), done: make(chan struct{}),
		batch: batch{now: func() pawl.Time { return pawl.At(d.World.Now()) }, stored: map[string]bool{}}, calls: newCalls(ctx),
		budget: budget{account: st.Account}, requests: requests{parts: map[string]string{}},
	}
	r.tail.last = claim.Seq
	r.dropped, r.drop = context.WithCancel(ctx)
	r.code.init(f, st.Turns())
	switch {
	case st.Cancel() != nil:
		r.phase = replay.Canceling
	case before == nil:
		r.code.wanted = true
	case before.Status == pawl.StatusPaused:
		r.phase = replay.RecordedPaused
	default:
		r.phase = replay.Recorded
	}
	if before != nil {
		r.before = *before
	} else if f != nil && d.HasBuild != nil && st.Created.Fingerprint != d.Build(f) {
		r.foreign = d.HasBuild(ctx, st.Created.Fingerprint)
	}
	return r
}

// ID returns the run's id.
func (r *Run) ID() pawl.RunID { return r.id }

// Context is that of the run's journal calls. It never ends.
func (r *Run) Context() context.Context { return r.ctx }

// Done is closed when the run is at rest, or dropped, and all is down.
func (r *Run) Done() <-chan struct{} { return r.done }

// Err returns why the run was dropped; nil if it came to rest. It may be called
// after Done, or after Dropped has ended.
func (r *Run) Err() error { return r.err }

// Dropped ends when the run is dropped: its claim was lost, or its journal failed.
func (r *Run) Dropped() context.Context { return r.dropped }

// Tail returns the run's last durable event, and what is closed at the next one.
// It may be called at any time.
func (r *Run) Tail() (pawl.Seq, <-chan struct{}) { return r.tail.now() }

// State returns the run's state, once it is done.
func (r *Run) State() *replay.State { return r.st }

// Claim returns the run's claim, once it is done, and whether it was given back.
func (r *Run) Claim() (c *journal.Claim, released bool) { return r.claim, r.batch.released }

// Refusal is why the run failed, if that is because the provider of its model refuses the
// account: other runs of that model would fail too. What another provider refuses, which
// only some of the steps ask, speaks against no other run. It may be called once the run
// is done.
func (r *Run) Refusal() *pawl.Error {
	if r.err != nil || r.st.Status != pawl.StatusFailed {
		return nil
	}
	own, _ := llm.Split(r.st.Model().Name)
	return r.calls.refused[own]
}

// IsUnfit reports whether the run was given back since this program's flow does not
// fit what is recorded. It may be called once the run is done.
func (r *Run) IsUnfit() bool { return replay.Rest{Foreign: r.foreign, Ending: r.code.ending}.IsUnfit() }

// Execute executes the run until it is at rest.
func (r *Run) Execute() {
	r.tellActivated()
	r.err = r.loop()
	r.late = true
	for _, f := range r.mailbox.close() {
		f()
	}
	for _, c := range r.batch.launches { // never to leave
		c.slot(Came{})
	}
	for _, w := range r.code.waiting {
		w.stop()
	}
	r.unwind()
	if r.err == nil {
		r.err = r.rest()
	}
	r.calls.cancel()
	for _, a := range r.batch.answers { // only after an error
		a <- pawl.AsError(r.err, pawl.ErrStorage)
	}
	if errors.Is(r.err, journal.ErrLost) {
		r.err = &pawl.Error{Kind: pawl.ErrConflict, Run: r.id, Message: fmt.Sprintf("run %s was taken by another process", r.id), Err: r.err}
	}
	r.tellRested()
	r.deps.Ended(r)
	if r.err != nil {
		r.drop()
	}
	close(r.done)
}

// Abandon ends all of the run without a word in its journal, which another execution of it
// goes on with. It is called on the goroutine of an Execute that did not return, since that
// goroutine is being ended.
func (r *Run) Abandon() {
	r.late = true
	r.mailbox.close()
	r.unwind()
	r.calls.cancel()
	r.drop()
	close(r.done)
}

// loop returns when nothing is left to do, or with the error that ends it.
func (r *Run) loop() error {
	if err := r.handleMail(); err != nil {
		return err
	}
	if !r.code.wanted || r.phase == replay.Canceling {
		return nil // what was asked does not make it go on
	}
	if barren := r.st.Barren(); barren != nil && r.phase == replay.Executing {
		r.fail(barren, "")
	} else if err := r.takeModel(); err != nil { // behind the claim something has come then
		return err
	}
	r.noteNoBase()
	r.startCode()
	for {
		r.executeCode()
		if err := r.flush(); err != nil {
			return err
		}
		if len(r.code.runnable) > 0 || len(r.batch.drafts) > 0 || r.takeTurn() || r.takeOver() {
			continue
		}
		if r.applyNext() {
			continue
		}
		if r.canRest() {
			return nil
		}
		if err := r.await(); err != nil {
			return err
		}
	}
}

// await waits for mail, and does what it holds.
func (r *Run) await() error {
	ready := r.mailbox.ready
	if w, ok := r.deps.World.(Waiter); ok {
		w.Await(r.mailbox.holds)
		ready = closed
	}
	select {
	case <-ready:
		return r.handleMail()
	case y := <-r.code.turn: // of a goroutine that should not have executed
		r.yielded(y)
		return nil
	}
}

// closed is a channel that is always ready.
var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// takeModel gives a run the engine's model that was queued without one.
func (r *Run) takeModel() error {
	if err := r.flush(); err != nil || r.st.Model().Name != "" {
		return err
	}
	r.batch.draft(pawl.EventDirective, "", journal.Directive{What: pawl.DirectResume, Model: r.deps.Model, Default: true})
	return r.flush()
}

// handleMail does what the mailbox holds. What somebody waits for is made durable
// before the next thing, which may depend on it.
func (r *Run) handleMail() error {
	var err error
	for _, f := range r.mailbox.takeAll() {
		f()
		if len(r.batch.answers)+len(r.batch.handled) > 0 && err == nil {
			if err = r.flush(); err != nil {
				r.late = true // for the rest of them
			}
		}
	}
	return err
}

// on changes the run's phase. What is refused is ErrConflict.
func (r *Run) on(t replay.Trigger) error {
	next, ok := r.phase.On(t)
	if !ok {
		return &pawl.Error{Kind: pawl.ErrConflict, Run: r.id, Message: fmt.Sprintf("run %s is being canceled", r.id)}
	}
	r.phase = next
	return nil
}

// isStopped reports whether no more flow code is to execute.
func (r *Run) isStopped() bool { return r.code.ending != nil || r.phase == replay.Canceling }

// isHolding reports whether no new attempt is to start.
func (r *Run) isHolding() bool {
	return r.phase != replay.Executing || r.calls.gate != gateOpen || r.code.ending != nil || len(r.commands.waiting) > 0
}

// now is the time as events have it.
func (r *Run) now() pawl.Time { return pawl.At(r.deps.World.Now()) }

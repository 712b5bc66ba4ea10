package local

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// activation is one run being executed. Its goroutine, run, owns every field;
// a branch may read them while it executes, since run stands still meanwhile.
type activation struct {
	e     *Engine
	flow  pawl.Flow
	id    pawl.RunID
	claim *journal.Claim  // touched by run alone
	ctx   context.Context // of journal calls; never canceled
	inbox *inbox
	slow  *time.Timer   // of the branch that executes
	yield chan yield    // from the branch that executes, when it parks or ends
	over  chan struct{} // closed when all is down
	news  news          // for followers

	dropped context.Context // ends when the run is dropped: lost, or its journal fails
	drop    func()

	st      *replay.State
	account replay.Account // st's, with what is drafted
	short   []*parking     // asks that the budget does not let leave now

	script replay.Script
	now    pawl.Time // of the last event that flow code has seen
	stored map[string]bool
	sent   []sentList        // the last requests
	parts  map[string]string // of requests, by the message's digest

	branches map[*branch]bool // whose goroutine has not ended
	runnable []*branch
	parked   map[pawl.Key]*parking

	drafts   []journal.Draft
	blobs    [][]byte
	durable  []func()         // to be called when drafts are
	launches []*call          // to leave then
	waiters  []chan<- error   // to be told so
	summary  journal.Summary  // as it is stored
	prior    *journal.Summary // how the run stood before it was claimed; nil once something makes it go on

	calls    context.Context // of models and do steps
	cutCalls func()
	cut      bool  // calls in flight were given up
	finished bool  // whatever comes now is too late
	leaving  bool  // the claim goes back with what is appended next
	released bool  // it has
	err      error // why the run was dropped
	inFlight int
	pending  int // attempts that wait for their time or a slot

	// visiting: nobody asked for this activation, and the flow is another than
	// the one that the run began with. left: an attempt was announced since.
	visiting bool
	left     bool

	begins      bool // flow code is to execute
	pausing     bool
	pauseReason string // why the run was paused before
	canceling   bool
	closing     bool

	later   []request         // until flow code stands still
	heard   []int64           // the posts that were carried out
	settled []journal.Settled // of them, until the next commit
	refused *pawl.Error       // after an auth or quota failure no ask is started
	failure *pawl.Error       // the run's own: a bug or a mismatch
	stack   string
	ended   bool // the flow returned
	output  []byte
	reject  error // it returned ErrRejected

	// These two are also touched by goroutines that do not hold the token.
	misuse    atomic.Pointer[end]
	unwinding atomic.Bool // branches are being ended for good
}

func newActivation(e *Engine, f pawl.Flow, claim *journal.Claim, st *replay.State, ctx context.Context) *activation {
	a := &activation{
		e: e, flow: f, id: claim.Run, claim: claim, st: st, ctx: ctx,
		inbox: newInbox(), slow: time.NewTimer(slowFlow), yield: make(chan yield), over: make(chan struct{}),
		account: st.Account, stored: map[string]bool{}, parts: map[string]string{}, branches: map[*branch]bool{}, parked: map[pawl.Key]*parking{},
	}
	a.slow.Stop()
	a.news.last = claim.Seq
	var cancel context.CancelFunc
	a.calls, cancel = context.WithCancel(ctx)
	a.cutCalls = func() { a.cut = true; cancel() }
	a.dropped, a.drop = context.WithCancel(ctx)
	a.script.Add(st.Results()...)
	return a
}

// run executes the run until it is at rest.
func (a *activation) run() {
	a.err = a.loop()
	a.finished = true
	for _, f := range a.inbox.close() {
		f()
	}
	for _, c := range a.launches { // never to leave
		c.release()
	}
	for _, p := range a.parked {
		p.stop()
	}
	a.unwind()
	if a.err == nil {
		a.err = a.rest()
	}
	a.cutCalls()
	for _, w := range a.waiters { // only after an error
		w <- pawl.AsError(a.err, pawl.ErrStorage)
	}
	a.e.ended(a)
	close(a.over)
}

// loop returns when nothing is left to do, or with the error that ends it.
func (a *activation) loop() error {
	if err := a.handle(); err != nil {
		return err
	}
	if !a.begins {
		return nil // what was asked does not make it go on
	}
	a.now = a.st.CreatedAt()
	a.start()
	for {
		a.settle()
		if err := a.flush(); err != nil {
			return err
		}
		if len(a.runnable) > 0 || len(a.drafts) > 0 || a.deliver() {
			continue
		}
		if len(a.later) > 0 {
			r := a.later[0]
			a.later = a.later[1:]
			r.reply(r.act(a))
			if len(a.later) == 0 {
				a.then(a.restart) // what was held back meanwhile
			}
			continue
		}
		if a.atRest() {
			return nil
		}
		select {
		case <-a.inbox.ready:
			if err := a.handle(); err != nil {
				return err
			}
		case y := <-a.yield: // of a goroutine that should not have executed
			a.yielded(y)
		}
	}
}

// handle does what the inbox holds. What somebody waits for is made durable
// before the next thing, which may depend on it.
func (a *activation) handle() error {
	var err error
	for _, f := range a.inbox.take() {
		f()
		if len(a.waiters)+len(a.settled) > 0 && err == nil {
			if err = a.flush(); err != nil {
				a.finished = true // for the rest of them
			}
		}
	}
	return err
}

// settle lets flow code execute until every branch is parked and no result is
// due.
func (a *activation) settle() {
	for {
		if a.stopped() {
			a.runnable = nil // no more flow code
			return
		}
		if len(a.runnable) > 0 {
			b := a.runnable[0]
			a.runnable = a.runnable[1:]
			a.resume(b)
		} else if !a.deliver() {
			return
		}
	}
}

// stopped reports whether no more flow code is to execute.
func (a *activation) stopped() bool { return a.failure != nil || a.ended || a.canceling }

// deliver hands the next result to the branch that is parked on it. A run that
// has failed takes no more: they are for its next activation.
func (a *activation) deliver() bool {
	if a.stopped() {
		return false
	}
	r, ok := a.script.Next(func(k pawl.Key) bool { return a.parked[k] != nil })
	if !ok {
		return false
	}
	p := a.parked[r.Key]
	p.stop()
	delete(a.parked, r.Key)
	a.give(p, r)
	a.runnable = append(a.runnable, p.branch)
	return true
}

// give makes a result what the branch wakes up to.
func (a *activation) give(p *parking, r replay.Result) {
	a.seen(r)
	w := wake{value: r.Value}
	if r.Failure != nil {
		w = wake{err: r.Failure, unwind: !p.step.Try}
	}
	p.branch.next, p.branch.waits = w, nil
}

// seen moves the flow's clock to a result that its code sees.
func (a *activation) seen(r replay.Result) {
	if r.At.After(a.now.Time) {
		a.now = r.At
	}
}

// draft adds an event to the next commit.
func (a *activation) draft(t pawl.EventType, key pawl.Key, body any) {
	d := journal.Draft{Type: t, Key: key, At: now(), Body: body}
	switch b := body.(type) {
	case journal.Blocker:
		d.Opens = true
	case journal.Failed:
		d.Opens = !b.Final
	case journal.Decision:
		d.Lifts = b.What != pawl.DecideRaise || key != ""
	}
	a.drafts = append(a.drafts, d)
}

// draftResult adds an event that is a step's result.
func (a *activation) draftResult(t pawl.EventType, key pawl.Key, body any) {
	a.draft(t, key, body)
	a.drafts[len(a.drafts)-1].Result = true
}

// then has f called when all drafts so far are durable.
func (a *activation) then(f func()) { a.durable = append(a.durable, f) }

// flush makes the drafts durable and does what waited for that.
func (a *activation) flush() error {
	if len(a.drafts)+len(a.settled) > 0 {
		if err := a.append(); err != nil {
			return err
		}
	}
	todo, launches, waiters := a.durable, a.launches, a.waiters
	a.durable, a.launches, a.waiters = nil, nil, nil
	for _, c := range launches {
		a.e.calls.Go(c.make)
	}
	for _, f := range todo {
		f()
	}
	a.beginShort()
	for _, w := range waiters {
		w <- nil
	}
	return nil
}

func (a *activation) append() error {
	events, err := a.e.journal.Append(a.ctx, a.claim, journal.Batch{Drafts: a.drafts, Blobs: a.blobs, Summary: a.changedSummary(), Release: a.leaving, Model: a.changedModel(), Settled: a.settled})
	if err != nil {
		return err
	}
	a.released = a.leaving
	drafts := a.drafts
	a.drafts, a.blobs, a.settled = nil, nil, nil
	a.news.appended(a.claim.Seq)
	for i, ev := range events {
		if err := a.st.Made(ev, drafts[i].Body); err != nil {
			return err
		}
		if s := a.st.Steps[ev.Key]; s != nil && s.Result != nil && s.Result.Seq == ev.Seq {
			a.script.Add(*s.Result)
		}
	}
	a.account = a.st.Account
	return nil
}

// changedSummary returns what the list of runs is to show once the drafts are
// stored, nil if that is what it shows already.
func (a *activation) changedSummary() *journal.Summary {
	s := journal.Summary{Status: pawl.StatusRunning}
	switch {
	case a.prior != nil && (!a.begins || a.prior.Status == pawl.StatusPaused):
		s = *a.prior // as State.Stood says
	case a.canceling:
		s.Status = pawl.StatusCanceling
	case a.pausing && a.pauseReason != "": // it was before
		s = journal.Summary{Status: pawl.StatusPaused, Reason: a.pauseReason}
	case a.pausing:
		s.Status = pawl.StatusPausing
	}
	for _, d := range a.drafts {
		switch b := d.Body.(type) {
		case journal.Done:
			s = journal.Summary{Status: pawl.StatusDone}
		case journal.Canceled:
			s = journal.Summary{Status: pawl.StatusCanceled, Reason: b.Reason}
		case journal.Released:
			s = journal.Summary(b)
		}
	}
	if s == a.summary {
		return nil
	}
	a.summary = s
	changed := s // which alone is allocated
	return &changed
}

// changedModel returns the model that the drafts put in force, if they do.
func (a *activation) changedModel() (model string) {
	for _, d := range a.drafts {
		if b, ok := d.Body.(journal.Directive); ok && b.Model != "" {
			model = b.Model
		}
	}
	return model
}

// holding reports whether no new attempt is to start.
func (a *activation) holding() bool {
	return a.pausing || a.closing || a.stopped() || a.cut || a.prior != nil || len(a.later) > 0
}

// fail ends the run's flow code: what is in flight comes to its end, nothing
// new begins. The first failure counts.
func (a *activation) fail(err *pawl.Error, stack string) {
	if a.failure == nil {
		a.failure, a.stack = err, stack
	}
}

// slowFlow is how long flow code may hold the token before that is logged.
const slowFlow = 10 * time.Second

// resume lets a branch execute until it parks or ends. One that is to end and
// does not in time is left behind.
func (a *activation) resume(b *branch) {
	if b.gone {
		return
	}
	b.active.Store(true)
	a.slow.Reset(slowFlow)
	defer a.slow.Stop()
	wake := b.wake
	for {
		select {
		case wake <- b.next:
			wake = nil // it executes now
		case y := <-a.yield:
			a.yielded(y)
			if y.branch == b {
				return
			}
		case <-a.slow.C:
			buf := make([]byte, 1<<20)
			buf = buf[:runtime.Stack(buf, true)]
			a.e.log.Warn("flow code runs for long outside a step", "run", a.id, "for", slowFlow, "stacks", string(buf))
			if a.unwinding.Load() {
				b.gone = true // it will not end; the run does
				return
			}
		}
	}
}

// yielded does what a branch asks for.
func (a *activation) yielded(y yield) {
	switch {
	case y.end != nil:
		a.branchEnded(y.branch, *y.end)
	case y.step != nil:
		a.asked(y.branch, *y.step)
	case y.wait != nil:
		a.waited(y.branch, *y.wait)
	case y.fork != nil:
		a.forked(y.branch, *y.fork)
	}
}

// start begins the flow's own branch.
func (a *activation) start() {
	a.spawn(&branch{a: a}, func(b *branch) error {
		out, err := a.flow.Invoke(b, a.st.Created.Input)
		a.output = out
		return err
	})
}

// rootEnded takes what the flow's code came to.
func (a *activation) rootEnded(end end) {
	switch {
	case end.err == nil && len(a.output) > journal.MaxValueBytes-maxText:
		a.fail(tooLong("the flow's output", len(a.output)), "")
	case end.err == nil:
		a.ended = true
	case errors.Is(end.err, pawl.ErrRejected):
		a.ended, a.reject = true, end.err
	case end.err != nil:
		a.fail(pawl.AsError(end.err, pawl.ErrFlow), end.stack)
	}
}

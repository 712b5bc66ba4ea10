package exec

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/journal"
)

// told is what the run keeps for its observer.
type told struct {
	since time.Time                  // it was activated
	first map[pawl.Key]time.Duration // until the first piece of answers that are not committed yet
}

// keepFirst keeps when the first piece of a call's answer came, until what came of the call is
// told.
func (r *Run) keepFirst(c *call) {
	if r.deps.Observe == nil || c.first == 0 {
		return
	}
	r.told.first[c.w.key] = c.first
}

// context is that of an attempt.
func (c *call) context() context.Context {
	ctx := c.run.calls.ctx
	if c.run.deps.Carry == nil {
		return ctx
	}
	return c.run.deps.Carry(ctx, c.run.id, c.w.key, c.number)
}

func (r *Run) of(at time.Time) observe.Of {
	return observe.Of{Run: r.id, Flow: r.st.Created.Flow, At: at}
}

// observed is a step as an observer is told of it.
func (r *Run) observed(key pawl.Key) observe.Step {
	s := observe.Step{Key: key}
	if rec := r.st.Steps[key]; rec != nil {
		s.Kind = rec.Head.Kind
	}
	return s
}

// tellActivated is told before anything is executed.
func (r *Run) tellActivated() {
	if r.deps.Observe == nil {
		return
	}
	created := r.st.Created
	r.told = told{since: r.claim.At.Time, first: map[pawl.Key]time.Duration{}}
	a := observe.Activated{Of: r.of(r.claim.At.Time), First: r.st.IsFirst()}
	if a.First {
		a.Waited, a.Trace = max(0, r.claim.At.Sub(r.st.CreatedAt().Time)), created.Trace
	}
	if created.Base != nil {
		a.Base = created.Base.Run
	}
	for rec := range r.st.InOrder() {
		if rec.Head.Kind.Scope() && !rec.Closed {
			a.Open = append(a.Open, r.observed(rec.Key))
		}
	}
	r.deps.Observe(a)
}

// tellRested is told when the run is at rest, or was dropped.
func (r *Run) tellRested() {
	if r.deps.Observe == nil {
		return
	}
	e := observe.Rested{Of: r.of(r.st.Now.Time), Status: r.st.Status}
	switch {
	case r.err != nil:
		e.At, e.Status, e.Class = r.deps.World.Now(), pawl.StatusQueued, pawl.AsError(r.err, pawl.ErrStorage).Kind
		e.Lost = errors.Is(r.err, pawl.ErrConflict)
	default:
		e.Class = r.st.FailureKind()
	}
	e.Ran = max(0, e.At.Sub(r.told.since))
	r.deps.Observe(e)
}

// tellBegan is told when a call leaves.
func (r *Run) tellBegan(c *call) {
	if r.deps.Observe == nil {
		return
	}
	e := observe.AttemptBegan{Of: r.of(r.deps.World.Now()), Step: observe.Step{Key: c.w.key, Kind: c.head.Kind}, Number: c.number, Repairs: c.repairs, Model: c.model}
	if ask := c.w.step.Ask; ask != nil {
		e.Waited = max(0, r.deps.World.Now().Sub(c.w.queued))
		e.JSON, e.MaxTokens, e.Temperature, e.Effort = ask.Schema != nil, c.maxTokens, ask.Temperature, ask.Effort
	}
	r.deps.Observe(e)
}

// tellOpened is told before it is durable, since attempts of code that may be repeated leave
// before, too.
func (r *Run) tellOpened(f *fork) {
	if r.deps.Observe != nil {
		r.deps.Observe(observe.ScopeOpened{Of: r.of(r.deps.World.Now()), Step: observe.Step{Key: f.key, Kind: f.Kind}, Branches: f.N})
	}
}

func (r *Run) tellCommitted(events int, begin time.Time) {
	if r.deps.Observe != nil && events > 0 {
		now := time.Now()
		r.deps.Observe(observe.Committed{Of: r.of(now), Events: events, Took: now.Sub(begin)})
	}
}

// mayLift returns the open blockers that an event may lift: that of its key, or at the run's
// end all. They are not known any more once it is applied.
func (r *Run) mayLift(d journal.Draft) []pawl.Blocker {
	if r.deps.Observe == nil {
		return nil
	}
	if d.Ends() {
		return r.st.Blockers()
	}
	return r.blockers(d.Key)
}

// blockers returns the open blocker of a key, if there is one.
func (r *Run) blockers(key pawl.Key) []pawl.Blocker {
	if !r.st.Blocked(key) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.st.Blockers()), func(b pawl.Blocker) bool { return b.Key != key })
}

// tellEvent is told of each event when it is durable and applied. before are the blockers
// that it may have lifted.
func (r *Run) tellEvent(ev pawl.Event, d journal.Draft, before []pawl.Blocker) {
	if r.deps.Observe == nil {
		return
	}
	of := r.of(ev.At.Time)
	opens := d.Opens || ev.Type == pawl.EventBlocker // in place of one that is open there
	for _, b := range before {
		if opens || !r.st.Blocked(b.Key) {
			r.tellLifted(of, b, d)
		}
	}
	switch b := d.Body.(type) {
	case journal.Attempt:
		r.tellEnded(of, ev.Key, b)
	case journal.Scope:
		if b.Closed {
			r.deps.Observe(observe.ScopeClosed{Of: of, Step: r.observed(ev.Key)})
		}
	}
	if opens {
		for _, b := range r.blockers(ev.Key) {
			r.deps.Observe(observe.BlockerOpened{Of: of, Step: r.observed(b.Key), Blocker: b.Kind})
		}
	}
	if d.Result {
		r.tellResult(of, ev.Key, d.Body)
	}
}

// tellLifted is told of a blocker that an event has lifted.
func (r *Run) tellLifted(of observe.Of, b pawl.Blocker, d journal.Draft) {
	e := observe.BlockerLifted{Of: of, Step: r.observed(b.Key), Blocker: b.Kind, Since: b.Since.Time}
	switch body := d.Body.(type) {
	case journal.Decision:
		e.Decision, e.Who, e.Expired, e.Trace = body.What, body.Who, body.Expired, body.Trace
	case journal.Failed:
		e.Expired = b.Key == d.Key && body.Error.Kind == pawl.ErrExpired
	}
	r.deps.Observe(e)
}

// tellEnded is told of an attempt's outcome.
func (r *Run) tellEnded(of observe.Of, key pawl.Key, b journal.Attempt) {
	e := observe.AttemptEnded{Of: of, Step: r.observed(key), Number: b.Number, Model: b.Model, Began: b.StartedAt.Time, Outcome: b.Outcome,
		Usage: b.Usage, CostUSD: b.CostUSD, ResponseID: b.RequestID, ResponseModel: b.ResponseModel, FirstPiece: r.told.first[key]}
	delete(r.told.first, key)
	switch {
	case b.Error != nil:
		e.Class = b.Error.Kind
	case b.Outcome == pawl.OutcomeRejected:
		e.Class = pawl.ErrGate
	}
	for _, g := range b.Gates {
		e.Gates = append(e.Gates, observe.Verdict{Name: g.Name, OK: g.OK})
	}
	r.deps.Observe(e)
}

// tellResult is told of what a step came to.
func (r *Run) tellResult(of observe.Of, key pawl.Key, body any) {
	e := observe.StepEnded{Of: of, Step: r.observed(key), Outcome: observe.StepExecuted}
	if rec := r.st.Steps[key]; rec != nil {
		e.Began = rec.Started().Time
	}
	switch b := body.(type) {
	case journal.Reused:
		e.Outcome, e.From = observe.StepReused, b.From.Run
		if b.Error != nil {
			e.Class = b.Error.Kind
		}
	case journal.Failed:
		e.Outcome, e.Class = observe.StepFailed, b.Error.Kind
	}
	r.deps.Observe(e)
}

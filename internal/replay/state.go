package replay

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// State is the fold of a run's events: all that can be known of the run
// without executing it. The zero value is a run of which nothing is known.
type State struct {
	Run     pawl.RunID
	Created journal.Created
	Models  []Model         // that the run has had, and its base before it; the last one counts
	Prompts []pawl.Replaced // in the place of the flow's own
	Status  pawl.Status
	Reason  string
	WakeAt  pawl.Time // of a run at rest: when its first timer runs out; zero: it has none

	Account Account // of its budget

	Steps map[pawl.Key]*Step
	Notes map[pawl.Key]int // how many notes each scope has
	Seq   pawl.Seq
	Now   pawl.Time // of the last event
	Hash  string    // of the last event
	Bytes int       // of all bodies

	NoBase    bool              // its base was removed, and its history says so
	hidden    map[pawl.Key]bool // steps of whose values some are withheld, see pawl.Event; empty key: the input
	unasked   map[pawl.Key]bool // steps of whose questions some are withheld
	Tampered  error             // an event does not match its hash: the run is not to go on
	claim     pawl.Seq          // the last event of that type
	barren    int               // claims in a row behind which nothing came, the last one with them
	listed    journal.Summary   // before it, and before claims right ahead of it
	order     []*Step
	announced []*Step // whose attempts have left since nobody had any in flight
	createdAt pawl.Time
	output    json.RawMessage
	cancel    *journal.Directive // that asked for the end; nil: nobody has
	paused    *journal.Released  // how it was paused; nil: it is not, or was resumed since
	final     bool               // it failed for good
	guides    []Guide
	blockers  []pawl.Blocker
	blocked   map[pawl.Key]bool // the keys of blockers
	moved     bool              // what is asked of people, or is wrong, is something else than when the run last rested at that
	rested    pawl.Status       // at which it did; empty: it never has
	stood     stood
	failures  map[pawl.Key]journal.Failure // behind the blockers that have one; empty key: the flow's own
	decisions []pawl.Decision
	kept      []*Step                         // those that have a decision which waits, in the order in which these were made
	events    map[pawl.Key][]journal.Decision // that programs have delivered, in order; those that wait until the flow asks say so
}

// NotBegun is why a run is queued that nobody has claimed yet.
const NotBegun = "nobody has taken it up yet"

// interrupted is why a run is queued whose process was asked to end.
const interrupted = "interrupted"

// Lost is the error of a run without events: every one has been created.
func Lost(id pawl.RunID) error {
	return &pawl.Error{Kind: pawl.ErrDatabase, Run: id, Message: "the run's history is lost: it has no events"}
}

// Fold folds a whole history, which has events.
func Fold(events []pawl.Event) (*State, error) {
	if len(events) == 0 {
		return nil, Lost("")
	}
	st := &State{}
	for _, e := range events {
		if err := st.Apply(e); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// Apply adds the next event. An event that cannot be read, that has a type which
// this version does not know or stands where it cannot is ErrDatabase: what it
// would mean is not to be guessed. The state is then not to be used again.
func (st *State) Apply(e pawl.Event) error {
	switch begins := e.Type == pawl.EventCreated; {
	case st.Steps == nil && !begins:
		return damaged(e, "stands before created")
	case st.Steps != nil && begins:
		return damaged(e, "stands behind another")
	case e.Version > journal.Version:
		return damaged(e, fmt.Sprintf("has version %d, which is newer than this program", e.Version))
	case st.Ended() && isOfExecution(e.Type):
		return damaged(e, "stands behind the run's end")
	}
	st.pass(e)
	if e.BodyDigest != "" {
		st.hide(e)
	}
	take := takes[e.Type]
	if take == nil {
		return damaged(e, "has a type which this version does not know")
	}
	return take(st, e)
}

// takes is what takes in an event of each type.
var takes = map[pawl.EventType]func(*State, pawl.Event) error{
	pawl.EventCreated:   apply((*State).created),
	pawl.EventClaimed:   apply((*State).claimed),
	pawl.EventReleased:  apply((*State).released),
	pawl.EventIntent:    apply((*State).intent),
	pawl.EventAttempt:   apply((*State).attempt),
	pawl.EventScope:     apply((*State).scope),
	pawl.EventFailed:    try((*State).failed),
	pawl.EventBlocker:   try((*State).blocker),
	pawl.EventDecision:  apply((*State).decision),
	pawl.EventDirective: apply((*State).directive),
	pawl.EventGuidance:  apply((*State).guided),
	pawl.EventTimer:     apply((*State).timer),
	pawl.EventNote:      apply((*State).note),
	pawl.EventReused:    apply((*State).reused),
	pawl.EventOverride:  apply((*State).override),
	pawl.EventDone:      apply((*State).done),
	pawl.EventCanceled:  apply((*State).canceled),
}

// isOfExecution reports whether an event of that type comes of executing a run or of an end,
// and so never behind one.
func isOfExecution(t pawl.EventType) bool {
	switch t {
	case pawl.EventIntent, pawl.EventScope, pawl.EventBlocker, pawl.EventReused, pawl.EventOverride, pawl.EventDone, pawl.EventCanceled, pawl.EventFailed:
		return true
	}
	return false
}

// set sets an entry of a map that is made with its first.
func set[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}

func damaged(e pawl.Event, what string) error {
	return &pawl.Error{Kind: pawl.ErrDatabase, Run: e.Run, Step: e.Key,
		Message: fmt.Sprintf("event %d of run %s, %q, %s", e.Seq, e.Run, e.Type, what)}
}

func apply[B any](f func(*State, pawl.Event, B)) func(*State, pawl.Event) error {
	return try(func(st *State, e pawl.Event, b B) error { f(st, e, b); return nil })
}

func try[B any](f func(*State, pawl.Event, B) error) func(*State, pawl.Event) error {
	return func(st *State, e pawl.Event) error {
		b, err := journal.Decode[B](e)
		if err != nil {
			return unreadable(e, err)
		}
		if what := incomplete(e, b); what != "" {
			return damaged(e, what)
		}
		return f(st, e, b)
	}
}

// pass takes in that the history goes as far as an event.
func (st *State) pass(e pawl.Event) {
	st.Run, st.Seq, st.Now, st.Hash, st.Bytes = e.Run, e.Seq, e.At, e.Hash, st.Bytes+len(e.Body)
	if e.Type != pawl.EventClaimed {
		st.barren = 0
	}
}

func unreadable(e pawl.Event, err error) error {
	return &pawl.Error{Kind: pawl.ErrDatabase, Run: e.Run, Step: e.Key, Message: err.Error(), Err: err}
}

func (st *State) created(e pawl.Event, b journal.Created) {
	st.Created, st.createdAt = b, e.At
	st.Models = append(baseModels(b.Base), Model{Name: b.Model, Forced: b.Forced, Fallback: b.Fallback})
	st.Prompts = b.Prompts
	st.Status, st.Reason = pawl.StatusQueued, NotBegun
	st.Steps, st.Notes = map[pawl.Key]*Step{}, map[pawl.Key]int{}
	st.blocked, st.failures = map[pawl.Key]bool{}, map[pawl.Key]journal.Failure{}
	if b.Budget != nil {
		st.Account.Limit(*b.Budget)
	}
}

// claimed: what was in flight under the holder before is now unknown.
func (st *State) claimed(e pawl.Event, _ journal.Claimed) {
	if st.claim == 0 || st.claim != e.Seq-1 {
		st.listed = journal.Summary{Status: st.Status, Reason: st.Reason, WakeAt: st.WakeAt, Final: st.final}
	}
	st.claim = e.Seq
	st.barren++
	if !st.Ended() {
		st.Status, st.Reason, st.WakeAt = pawl.StatusRunning, "", pawl.Time{}
	}
	st.LoseOpen()
}

// rests takes in an event that makes a run at rest not go on.
func (st *State) rests(e pawl.Event) {
	if st.claim != 0 && st.claim == e.Seq-1 {
		st.claim = e.Seq
	}
}

// Listed is how a list of runs shows the run. A claim behind which
// nothing came that makes the run go on changes nothing.
func (st *State) Listed() journal.Summary {
	if st.claim != 0 && st.claim == st.Seq {
		return st.listed
	}
	if st.paused != nil && st.cancel == nil && !st.Ended() {
		return asListed(*st.paused)
	}
	return journal.Summary{Status: st.Status, Reason: st.Reason, WakeAt: st.WakeAt, Final: st.final}
}

// Claimed adds the event of a claim that was made behind the last event; there is one.
func (st *State) Claimed(c journal.Claim) {
	e := pawl.Event{Run: c.Run, Seq: c.Seq, Type: pawl.EventClaimed, At: c.At, Hash: c.Hash}
	st.pass(e)
	st.claimed(e, journal.Claimed{})
}

// Ended reports whether the run has come to its end.
func (st *State) Ended() bool {
	return st.Status == pawl.StatusDone || st.Status == pawl.StatusCanceled || st.final
}

func (st *State) released(_ pawl.Event, b journal.Released) {
	st.Status, st.Reason, st.WakeAt, st.paused = b.Status, b.Reason, b.WakeAt, nil
	if b.Status == pawl.StatusPaused {
		st.paused = &b
	}
	if standsFor(b.Status, st.blockers) {
		st.moved, st.rested = false, b.Status
	}
	st.LoseOpen() // what its holder did not wait for
}

// LoseOpen turns every attempt in flight into one whose outcome is unknown:
// the process that made it is gone or no longer listens.
func (st *State) LoseOpen() {
	for _, s := range st.announced { // and not all: a long run can be claimed often
		if s.Open != nil {
			s.Attempts = append(s.Attempts, journal.Attempt{Number: s.Open.Number, Outcome: pawl.OutcomeUnknown, Model: s.Open.Model, StartedAt: s.began})
			s.endings = append(s.endings, pawl.Time{})
			if s.Open.Model != "" {
				st.Account.Lose(s.Open.Reserve)
			}
			s.Open = nil
		}
	}
	st.announced = nil
}

func (st *State) intent(e pawl.Event, b journal.Intent) {
	st.asks(e, b.Step)
	s := st.step(e, &b.Step)
	s.Open, s.began = &b, e.At
	st.announced = append(st.announced, s)
	st.moved, st.stood = st.moved || st.stood != stood{}, stood{}
	st.dropKept(s)
	if b.Request != nil {
		s.firstLimit = cmp.Or(s.firstLimit, b.Request.MaxTokens)
	}
	if b.Model != "" {
		st.Account.Reserve(b.Reserve)
	}
	if len(b.Guidance) > 0 {
		set(&s.carried, b.Number, st.carries(e.Key, b.Guidance))
	}
}

func (st *State) attempt(e pawl.Event, b journal.Attempt) {
	if b.Step != nil {
		st.asks(e, *b.Step)
	}
	s := st.step(e, b.Step)
	st.dropKept(s)
	if b.Step != nil && len(s.Attempts) == 0 {
		s.started = b.StartedAt // nothing announced it
	}
	if s.Open != nil && s.Open.Model != "" {
		st.Account.Settle(s.Open.Reserve, b)
	}
	s.Open = nil
	s.Attempts = append(s.Attempts, b)
	s.endings = append(s.endings, e.At)
	if b.Outcome == pawl.OutcomeAccepted {
		s.comeTo(Result{Seq: e.Seq, Key: e.Key, At: e.At, Value: b.Value()})
	}
}

func (st *State) scope(e pawl.Event, b journal.Scope) {
	s := st.step(e, &b.Step)
	s.N, s.ByID, s.Yields = b.N, b.ByID, b.Yields
	if b.Closed {
		s.Closed, s.ended = true, e.At
	}
}

func (st *State) timer(e pawl.Event, b journal.Timer) {
	s := st.step(e, b.Step)
	if b.Fired {
		s.comeTo(Result{Seq: e.Seq, Key: e.Key, At: e.At, Value: json.RawMessage("null")})
		return
	}
	s.Until = b.Until
	s.turn(e, true)
}

func (st *State) failed(e pawl.Event, b journal.Failed) error {
	if e.Key != "" {
		s := st.step(e, nil)
		s.ended, s.Until = e.At, pawl.Time{}
		if b.Final || s.Head.Digest != "" {
			st.dropKept(s)
		} // else it was set before the flow asked, and is taken when it is fit for that
		if b.Final {
			st.lift(e.Key) // an event that was awaited
			s.comeTo(Result{Seq: e.Seq, Key: e.Key, At: e.At, Failure: asError(b.Error, e.Key), Decision: s.skip})
			return nil
		}
		b.Error.Step = e.Key
	}
	st.failures[e.Key] = b.Error
	if b.Final {
		st.Status, st.Reason, st.WakeAt, st.final, st.blockers = pawl.StatusFailed, b.Error.Message, pawl.Time{}, true, nil
		clear(st.blocked)
		st.LoseOpen()
		return nil
	}
	return st.block(e)
}

func asError(f journal.Failure, key pawl.Key) *pawl.Error {
	return &pawl.Error{Kind: f.Kind, Message: f.Message, Hint: f.Hint, Step: key}
}

func (st *State) directive(_ pawl.Event, b journal.Directive) {
	switch b.What {
	case pawl.DirectPause:
		st.Status, st.Reason = pawl.StatusPausing, "pause asked for by "+b.Who
	case pawl.DirectResume:
		st.Status, st.Reason, st.paused = pawl.StatusRunning, "", nil
		if b.Model != "" || len(b.Fallback) > 0 {
			st.Models = append(st.Models, st.Model().With(b))
		}
		if len(b.Prompts) > 0 {
			st.Prompts = b.Prompts
		}
	case pawl.DirectCancel:
		st.Status, st.Reason, st.cancel = pawl.StatusCanceling, "cancel asked for by "+b.Who, &b
	}
}

// Cancel returns the directive that asked for the run's end, nil if none has.
func (st *State) Cancel() *journal.Directive { return st.cancel }

func (st *State) note(e pawl.Event, b journal.Note) {
	st.NoBase = st.NoBase || b.NoBase
	if b.Aside {
		st.rests(e)
		return
	}
	if b.Stale == "" {
		st.Notes[e.Key]++
	} else if s := st.Steps[e.Key]; s != nil {
		s.Stale = b.Stale
	}
}

func (st *State) done(e pawl.Event, b journal.Done) {
	st.Status, st.Reason, st.output, st.blockers = pawl.StatusDone, b.Reason, b.Output, nil
	clear(st.blocked)
	for _, key := range b.Unused {
		if s := st.Steps[key]; s != nil {
			s.Unused = true
		}
	}
}

func (st *State) canceled(e pawl.Event, b journal.Canceled) {
	st.Status, st.Reason, st.blockers = pawl.StatusCanceled, b.Reason, nil
	clear(st.blocked)
	st.LoseOpen()
}

// Blockers returns what stands in the run's way, the oldest first.
func (st *State) Blockers() []pawl.Blocker { return st.blockers }

// Blocked reports whether something stands in the way of a step.
func (st *State) Blocked(key pawl.Key) bool { return st.blocked[key] }

// failure returns why the run cannot go on, or nil.
func (st *State) failure() *journal.Failure {
	if st.Status == pawl.StatusCanceled {
		return &journal.Failure{Kind: pawl.ErrCanceled, Message: st.Reason}
	}
	if f, ok := st.failures[""]; ok {
		return &f
	}
	for _, b := range st.blockers {
		if f, ok := st.failures[b.Key]; ok {
			return &f
		}
	}
	return nil
}

// FailureKind is that of why the run cannot go on; empty: it can, or is done.
func (st *State) FailureKind() pawl.ErrorKind {
	if f := st.failure(); f != nil && (st.Status == pawl.StatusFailed || st.Status == pawl.StatusCanceled) {
		return f.Kind
	}
	return ""
}

// IsFirst reports whether the run was claimed now, and never before.
func (st *State) IsFirst() bool { return st.claim == st.Seq && st.listed.Reason == NotBegun }

// Model returns the model that the run has now.
func (st *State) Model() Model { return st.Models[len(st.Models)-1] }

// CreatedAt returns when the run was created.
func (st *State) CreatedAt() pawl.Time { return st.createdAt }

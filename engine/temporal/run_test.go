package temporal_test

import (
	"encoding/json"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Names that the two sides share.
const (
	recordQuery  = "pawl.record"
	directSignal = "pawl.direct"
	closeSignal  = "pawl.close"
)

// run is one run as a workflow. Its events are a view of Temporal's history,
// made anew by each replay.
type run struct {
	ctx      workflow.Context
	st       replay.State
	claim    journal.Claim
	events   []pawl.Event
	inFlight int
	ending   *replay.Ending // what its flow code came to; then there is no more
	output   json.RawMessage
	reason   string // why that is not approved
	closed   bool   // nobody waits for it any more
}

// begin is a workflow's input.
type begin struct {
	ID      pawl.RunID
	Created journal.Created
}

// flows executes runs of a flow.
type flows struct {
	flow pawl.Flow
	last *run // that was executed
}

// Run is the workflow. The flow is a coroutine beside it, since one that ends
// without a return would leave the workflow without an end.
func (fs *flows) Run(ctx workflow.Context, b begin) (pawl.RunRecord, error) {
	r := &run{ctx: ctx, claim: journal.Claim{Run: b.ID}}
	fs.last = r
	r.draft(pawl.EventCreated, "", b.Created)
	r.draft(pawl.EventClaimed, "", journal.Claimed{Epoch: 1, By: "temporal"})
	if err := workflow.SetQueryHandler(ctx, recordQuery, func() (pawl.RunRecord, error) { return r.st.Record(), nil }); err != nil {
		return pawl.RunRecord{}, err
	}
	workflow.GoNamed(ctx, "directives", r.listen)
	workflow.GoNamed(ctx, "close", func(ctx workflow.Context) { r.closed = workflow.GetSignalChannel(ctx, closeSignal).Receive(ctx, nil) })
	r.spawn(ctx, &branch{}, func(h *branch) (err error) {
		r.output, err = fs.flow.Invoke(h, b.Created.Input)
		if err == nil {
			r.reason = replay.NotApproved(fs.flow, r.output)
		}
		return err
	}, r.ended)
	err := workflow.Await(ctx, func() bool { return r.closed || r.ending != nil && r.inFlight == 0 })
	if err != nil || r.closed {
		return r.st.Record(), err
	}
	for _, d := range r.ending.Drafts() {
		r.draft(d.Type, d.Key, d.Body)
	}
	return r.st.Record(), nil
}

// ended takes what the flow's code came to.
func (r *run) ended(e end) {
	switch {
	case replay.FateOf(e.err, false, false) == replay.EndsRun:
		r.endCode(replay.Ending{Rejected: e.err})
	case e.err != nil:
		r.fail(replay.Failed(e.err, "", e.panicked))
	default:
		r.endCode(replay.Ending{Output: r.output, Reason: r.reason})
	}
}

// fail ends the run's flow code.
func (r *run) fail(err *pawl.Error) { r.endCode(replay.Ending{Failure: err}) }

// endCode takes in how flow code ended.
func (r *run) endCode(e replay.Ending) {
	if e.Outranks(r.ending) {
		r.ending = &e
	}
}

// listen takes directives: to resume lifts what stands in the run's way.
func (r *run) listen(ctx workflow.Context) {
	directives := workflow.GetSignalChannel(ctx, directSignal)
	for {
		var d pawl.Directive
		directives.Receive(ctx, &d)
		r.draft(pawl.EventDirective, "", journal.Directive{What: d.What, Who: d.Who, Model: d.Model})
		for _, b := range slices.Clone(r.st.Blockers()) {
			r.draft(pawl.EventDecision, b.Key, journal.Decision{What: pawl.DecideRetry, Who: d.Who, Digest: b.Digest})
		}
	}
}

// draft records an event.
func (r *run) draft(t pawl.EventType, key pawl.Key, body any) {
	events, claim, err := journal.Seal(r.claim, []journal.Draft{{Type: t, Key: key, At: pawl.At(workflow.Now(r.ctx)), Body: body}})
	if err == nil {
		err = r.st.Apply(events[0])
	}
	if err != nil {
		panic(err)
	}
	r.claim, r.events = claim, append(r.events, events...)
}

func (r *run) history(key pawl.Key) replay.History {
	if rec := r.st.Steps[key]; rec != nil {
		return rec.History
	}
	return replay.History{}
}

// rests returns the run's record if it is at rest: it has ended, or stands at what
// a person is to lift. It is called when no coroutine can go on.
func (r *run) rests() (rec pawl.RunRecord, ok bool) {
	st := r.st
	switch {
	case st.Ended() || st.Status == pawl.StatusFailed:
	case r.ending != nil || r.inFlight > 0 || len(st.Blockers()) == 0:
		return rec, false
	default:
		for _, d := range (replay.Rest{Phase: replay.Executing}).Drafts(&st) {
			b := d.Body.(journal.Released)
			st.Status, st.Reason = b.Status, b.Reason
		}
	}
	return st.Record(), true
}

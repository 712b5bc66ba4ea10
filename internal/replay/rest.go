package replay

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
)

// Ending is what a run's flow code came to: a failure, a rejection or, if there
// is neither, an output.
type Ending struct {
	Failure  *pawl.Error
	Stack    string // of a panic
	Rejected error  // it returned ErrRejected
	Output   json.RawMessage
	Reason   string     // why the output is not approved; empty: it is, or nothing judges it
	Unused   []pawl.Key // recorded results that nothing asked for
}

// NotApproved returns why a flow's output is not approved, as the run's reason; empty: it
// is, or nothing judges it. It calls a method of the author's type.
func NotApproved(f pawl.Flow, output json.RawMessage) string {
	judge, ok := f.(interface {
		NotApproved(json.RawMessage) string
	})
	if !ok {
		return ""
	}
	why := strings.Join(strings.Fields(judge.NotApproved(output)), " ")
	if why == "" {
		return ""
	}
	return CutText("not approved: " + why)
}

// Outranks reports whether e counts although flow code has ended as other before,
// nil if it has not. The run's end counts above a failure, that above an output, and
// of two alike the first.
func (e *Ending) Outranks(other *Ending) bool { return other == nil || e.rank() > other.rank() }

func (e *Ending) rank() int {
	switch {
	case e.Rejected != nil, e.Failure != nil && e.Failure.Final:
		return 2
	case e.Failure != nil:
		return 1
	}
	return 0
}

// Drafts returns the events that a run ends with, or stands still with.
func (e *Ending) Drafts() []journal.Draft {
	switch {
	case e.Rejected != nil:
		return []journal.Draft{{Type: pawl.EventCanceled, Body: journal.Canceled{Reason: CutText(e.Rejected.Error())}}}
	case e.Failure != nil:
		f := FailureOf(e.Failure, e.Failure.Step)
		f.Stack = CutText(e.Stack)
		if e.Failure.Final {
			return []journal.Draft{{Type: pawl.EventFailed, Body: journal.Failed{Error: f, Final: true}}}
		}
		return []journal.Draft{
			{Type: pawl.EventFailed, Body: journal.Failed{Error: f}},
			release(pawl.StatusFailed, f.Message),
		}
	}
	return []journal.Draft{{Type: pawl.EventDone, Body: journal.Done{Output: e.Output, Reason: e.Reason, Unused: e.Unused}}}
}

func release(s pawl.Status, reason string) journal.Draft {
	return journal.Draft{Type: pawl.EventReleased, Body: journal.Released{Status: s, Reason: reason}}
}

// Rest is what decides how a run rests that a process gives back.
type Rest struct {
	Phase   Phase
	Before  journal.Summary // how it was listed when it was claimed; of the phases that were at rest
	Ending  *Ending         // nil: its flow code did not come to its end
	Foreign bool            // a program that did not begin it took it up, and has done nothing yet
	Closed  bool            // the engine closes
	Held    bool            // a step could go on at once: nobody has to do anything for it first
	Decided string          // what was decided on it, at rest, for whoever goes on with it; empty: nothing was

	Timer  pawl.Key // the step whose timer runs out or whose deadline passes first; empty: the run waits for none
	WakeAt pawl.Time
}

// IsUnfit reports whether the run is to be left to other programs: its flow here
// does not take the input, or does not fit what is recorded.
func (r Rest) IsUnfit() bool {
	if r.Ending == nil || r.Ending.Failure == nil {
		return false
	}
	return r.Foreign && r.Ending.Failure.Kind == pawl.ErrMismatch || errors.Is(r.Ending.Failure, host.ErrUnfit)
}

// Drafts returns the events that say how the run rests. st is its state with all
// that came before.
func (r Rest) Drafts(st *State) []journal.Draft {
	idle := r.Timer == "" && len(st.blockers) == 0
	switch {
	case r.Phase == Canceling:
		by := strings.TrimSuffix("by "+st.cancel.Who+": "+st.cancel.Text, ": ")
		return []journal.Draft{{Type: pawl.EventCanceled, Body: journal.Canceled{Reason: by, Who: st.cancel.Who}}}
	case r.Phase == Recorded && r.Decided != "":
		return []journal.Draft{release(pawl.StatusQueued, r.Decided)}
	case r.Phase.IsRecordedOnly() && !r.Before.Status.AtRest():
		return []journal.Draft{release(pawl.StatusQueued, cmp.Or(r.Before.Reason, orphaned))}
	case r.Phase.IsRecordedOnly():
		return []journal.Draft{{Type: pawl.EventReleased, Body: journal.Released{Status: r.Before.Status, Reason: r.Before.Reason, WakeAt: r.Before.WakeAt}}}
	case r.IsUnfit():
		return []journal.Draft{release(pawl.StatusQueued, "left to another program: "+r.Ending.Failure.Message)}
	case r.Ending != nil:
		return r.Ending.Drafts()
	case r.Phase == Repausing:
		return []journal.Draft{release(pawl.StatusPaused, cmp.Or(r.Before.Reason, st.Reason))}
	case r.Phase == Pausing:
		return []journal.Draft{release(pawl.StatusPaused, st.Reason)}
	case r.Closed && (r.Held || idle):
		return []journal.Draft{release(pawl.StatusQueued, interrupted)}
	case idle:
		stuck := Ending{Failure: &pawl.Error{Kind: pawl.ErrInternal, Message: "the run stands still and nothing stands in its way"}}
		return stuck.Drafts()
	}
	return []journal.Draft{{Type: pawl.EventReleased, Body: r.waits(st.blockers)}}
}

// waits is how a run rests that waits for people or for a time. A failure is not
// what it rests at while a timer can still let it go on.
func (r Rest) waits(blockers []pawl.Blocker) journal.Released {
	rests := journal.Released{Status: pawl.StatusWaiting, WakeAt: r.WakeAt}
	for _, b := range blockers {
		if b.Kind.IsFailure() && r.Timer == "" {
			return journal.Released{Status: pawl.StatusFailed, Reason: fmt.Sprintf("%s: %s", b.Key, b.Question)}
		}
		if !b.Kind.IsFailure() && rests.Reason == "" {
			rests.Reason = b.Question
		}
	}
	if rests.Reason == "" {
		rests.Reason = fmt.Sprintf("%s: until %s", r.Timer, r.WakeAt.Format(time.RFC3339))
	}
	return rests
}

package replay

import (
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/journal"
)

// Deliverable reports whether an event for a step is news: its delivery has not come
// before. The error is ErrConflict if it comes too late. What has a digest answers what was
// shown with it, and is not taken where the flow says which people may not answer: of a
// program nobody knows on whose behalf it does.
func (st *State) Deliverable(d pawl.Decision) (news bool, err error) {
	refuse := func(format string, args ...any) (bool, error) {
		return true, &pawl.Error{Kind: pawl.ErrConflict, Run: st.Run, Step: d.Key, Message: fmt.Sprintf(format, args...)}
	}
	known := st.events[d.Key]
	s := st.Steps[d.Key]
	switch {
	case slices.ContainsFunc(known, func(k journal.Decision) bool { return k.Delivery == d.Delivery }):
		return false, nil
	case st.Ended():
		return refuse("run %s %s%s", st.Run, st.Listed().Ending(), because(st.Reason))
	case st.cancel != nil:
		return refuse("run %s is being canceled, as %s asked", st.Run, st.cancel.Who)
	case d.Digest != "":
		b, err := st.Decidable(d)
		if err == nil && !isHooked(b) {
			return refuse("%s is for people to decide", where(d.Key))
		}
		return true, err
	case s != nil && s.Result != nil && s.Result.Failure != nil:
		return refuse("%s waits no longer: %s", where(d.Key), s.Result.Failure.Message)
	case s != nil && s.Result != nil:
		return refuse("%s has its event already: %s", where(d.Key), st.decided(d.Key))
	case len(st.Delivered(d.Key)) >= limits.Deliveries:
		return refuse("%d events were delivered to %s, and the flow has not come to it yet", limits.Deliveries, where(d.Key))
	}
	return true, nil
}

// Hooked reports whether a program may answer the open blocker of a key: it awaits an
// event, or an answer that the flow takes from anybody.
func (st *State) Hooked(key pawl.Key) bool {
	return slices.ContainsFunc(st.blockers, func(b pawl.Blocker) bool { return b.Key == key && isHooked(b) })
}

func isHooked(b pawl.Blocker) bool {
	return b.Kind == pawl.BlockerEvent || b.Kind == pawl.BlockerInput && len(b.NotBy) == 0
}

// Delivered returns the events that wait until the flow asks for a step, in the order in
// which they came.
func (st *State) Delivered(key pawl.Key) (waiting []journal.Decision) {
	for _, d := range st.events[key] {
		if d.Waits {
			waiting = append(waiting, d)
		}
	}
	return waiting
}

// Awaits reports whether a step stands open for an event.
func (st *State) Awaits(key pawl.Key) bool {
	return slices.ContainsFunc(st.blockers, func(b pawl.Blocker) bool { return b.Key == key && b.Kind == pawl.BlockerEvent })
}

// Knows are the ways in which the run may know a key, the surest first: a step is recorded
// under it, or an event came for it.
func (st *State) Knows() []func(pawl.Key) bool {
	return []func(pawl.Key) bool{
		func(k pawl.Key) bool { return st.Steps[k] != nil },
		func(k pawl.Key) bool { return len(st.events[k]) > 0 },
	}
}

// delivered takes in the event of a program: one that waits, or one that a step takes,
// which may have waited. It reports whether it was listed among the decisions before.
func (st *State) delivered(e pawl.Event, b journal.Decision) (listed bool) {
	all := st.events[e.Key]
	if i := slices.IndexFunc(all, func(d journal.Decision) bool { return d.Delivery == b.Delivery }); i >= 0 {
		all[i].Waits = false
		st.list(e.Key, b.Delivery, false)
		return true
	}
	set(&st.events, e.Key, append(all, b))
	return false
}

// askedAnew takes in that the flow asks for an event: what has waited is looked at, and
// what is not taken then never will be.
func (st *State) askedAnew(key pawl.Key) {
	for i, d := range st.events[key] {
		if d.Waits {
			st.events[key][i].Waits = false
			st.list(key, d.Delivery, true)
		}
	}
}

// list has the decisions say what became of a delivery that waited, or without one of the
// decision that is kept for a step.
func (st *State) list(key pawl.Key, delivery string, unused bool) {
	for i, d := range st.decisions {
		if d.Key == key && d.Delivery == delivery && (d.Waits || delivery != "") {
			st.decisions[i].Waits, st.decisions[i].Unused = false, unused
		}
	}
}

// deliveredAt returns when the event of a program came, which is listed.
func (st *State) deliveredAt(key pawl.Key, delivery string) (at pawl.Time) {
	for _, d := range slices.Backward(st.decisions) {
		if d.Key == key && d.Delivery == delivery {
			return d.At
		}
	}
	return at
}

package replay

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// incomplete says what an event lacks that every writer gives it.
func incomplete(e pawl.Event, body any) string {
	switch body.(type) {
	case journal.Intent, journal.Scope, journal.Reused, journal.Blocker, journal.Timer, journal.Attempt:
		if e.Key == "" {
			return "has no key"
		}
	}
	switch b := body.(type) {
	case journal.Reused:
		switch {
		case b.Turn != "" && b.Turn != journal.TurnStands && b.Turn != journal.TurnGoesOn:
			return fmt.Sprintf("has the turn %q, which this version does not know", b.Turn)
		case b.Result == nil && b.Error == nil && b.Turn == "" && e.BodyDigest == "":
			return "has no result"
		}
	case journal.Override:
		if e.Key == "" || b.Value == nil {
			return "has no key or no value"
		}
	case journal.Blocker:
		if allowed[b.Kind] == nil {
			return fmt.Sprintf("has the kind %q, which this version does not know", b.Kind)
		}
	case journal.Timer:
		if b.Fired == (b.Step != nil) {
			return "neither sets a timer nor says that one ran out"
		}
	case journal.Attempt:
		switch b.Outcome {
		case pawl.OutcomeAccepted:
			if b.Value() == nil && e.BodyDigest == "" {
				return "has no result"
			}
		case pawl.OutcomeFailed:
			if b.Error == nil {
				return "has no error"
			}
		case pawl.OutcomeRejected, pawl.OutcomeUnknown:
		default:
			return fmt.Sprintf("has the outcome %q, which this version does not know", b.Outcome)
		}
	}
	return ""
}

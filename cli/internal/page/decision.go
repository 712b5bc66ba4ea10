package page

import (
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// AsksPerson reports whether a blocker asks something of a person, as failures do
// not, nor events from programs.
func AsksPerson(b pawl.Blocker) bool {
	return !b.Kind.IsFailure() && b.Kind != pawl.BlockerEvent
}

// Decision says what was decided, by whom and when.
func Decision(zone *time.Location, d pawl.Decision) string {
	s := string(d.What)
	if d.Key != "" {
		s = string(d.Key) + ": " + s
	}
	if d.Expired {
		s += ", since nobody decided in time,"
	} else {
		s += " by " + d.Who
	}
	s += " at " + d.At.In(zone).Format(time.DateTime)
	var more []string
	if d.What == pawl.DecideApprove && !form.IsNone(d.Value) {
		more = append(more, "with edits")
	}
	if d.Reason != "" {
		more = append(more, "reason "+d.Reason)
	}
	if d.Waits {
		more = append(more, "waits to be asked")
	}
	if d.Unused {
		more = append(more, "unused: the flow did not ask")
	}
	if len(more) > 0 {
		s += ", " + strings.Join(more, ", ")
	}
	if d.Comment != "" {
		s += ": " + d.Comment
	}
	return term.Plain(s)
}

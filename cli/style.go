package cli

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// statusStyle is the style of a text about a run that stands there.
func statusStyle(st pawl.Status) string {
	switch st {
	case pawl.StatusDone:
		return term.Green
	case pawl.StatusRunning:
		return term.Cyan
	case pawl.StatusWaiting, pawl.StatusPausing, pawl.StatusPaused, pawl.StatusCanceling:
		return term.Magenta
	case pawl.StatusFailed, pawl.StatusCanceled:
		return term.Bold + term.Red
	}
	return ""
}

// stepStyle is the style of a text about a step that stands there.
func stepStyle(st pawl.StepStatus) string {
	switch st {
	case pawl.StepDone, pawl.StepReused:
		return term.Green
	case pawl.StepRunning:
		return term.Cyan
	case pawl.StepRetrying, pawl.StepWaiting:
		return term.Magenta
	case pawl.StepFailed:
		return term.Bold + term.Red
	case pawl.StepPending:
		return term.Faint
	}
	return ""
}

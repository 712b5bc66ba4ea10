package exec

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// OnChange says beforehand what counts where a recorded result does not fit what the
// flow asks for now.
type OnChange string

const (
	ChangeStops OnChange = "stop" // a person decides; the default
	ChangeAnew  OnChange = "anew" // an ask is made anew; what is done or decided stops
	ChangeKeeps OnChange = "keep" // what is recorded counts, where it may
)

// Decides returns what is decided so about a step of a kind that does not fit; empty:
// a person decides.
func (c OnChange) Decides(kind pawl.Kind, m replay.Match) pawl.DecisionKind {
	switch {
	case c == ChangeAnew && kind == pawl.KindAsk:
		return pawl.DecideRetry
	case c == ChangeKeeps && m.Keep:
		return pawl.DecideContinue
	}
	return ""
}

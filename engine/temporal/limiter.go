package temporal

import (
	"context"
	"time"

	"github.com/pawlrun/pawl/engine/internal/exec"
)

// limiter is the limiter of the calls of one execution of a run. How many leave at once is for
// workers and task queues to bound. It knows when calls of a model were answered last: of this run,
// since a workflow knows of no other.
type limiter struct {
	now  func() time.Time
	last map[string]time.Time // by model
}

// of is exec.Deps.Limiter.
func (l limiter) of(model string) exec.Limiter { return modelLimiter{l, model} }

type modelLimiter struct {
	limiter
	model string
}

// slot takes in what came of a call.
func (l modelLimiter) slot(c exec.Came) {
	if c.Answered {
		l.last[l.model] = l.now()
	}
}

// Try implements exec.Limiter.
func (l modelLimiter) Try() (exec.Slot, bool) { return l.slot, true }

// Wait implements exec.Limiter.
func (l modelLimiter) Wait(context.Context) (exec.Slot, error) { return l.slot, nil }

// AnsweredSince implements exec.Limiter.
func (l modelLimiter) AnsweredSince(t time.Time) bool {
	last, ok := l.last[l.model]
	return ok && !last.Before(t)
}

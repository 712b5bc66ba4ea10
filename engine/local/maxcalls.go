package local

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl/engine/local/internal/exec"
	"github.com/pawlrun/pawl/llm"
)

// allOf is how MaxCalls names all models of a provider.
func allOf(provider string) string { return provider + "/*" }

// CheckMaxCalls says what is wrong with an entry of Options.MaxCalls; nil: nothing.
func CheckMaxCalls(model string, n int) error {
	switch provider, name := llm.Split(model); {
	case provider == "" || model == provider+"/":
		return fmt.Errorf("%q is no model; wants PROVIDER/NAME, or PROVIDER/* for all models of a provider", model)
	case strings.Contains(name, "*") && name != "*":
		return fmt.Errorf("%q: * stands for all models of a provider, as in %s", model, allOf(provider))
	case n < 1:
		return fmt.Errorf("%s: %d calls, wants 1 or more", model, n)
	}
	return nil
}

// limiter returns what bounds the calls of a model: what its provider takes and what
// MaxCalls says of it, and of all models of its provider together.
func (e *Engine) limiter(model string) exec.Limiter {
	e.mu.Lock()
	defer e.mu.Unlock()
	own := e.limiterOf(model, maxInFlight)
	provider, _ := llm.Split(model)
	if _, bounded := e.maxCalls[allOf(provider)]; bounded {
		return shared{own, e.limiterOf(allOf(provider), 0)}
	}
	return own
}

// limiterOf returns the limiter of that name. Without an entry in MaxCalls it has n places.
// It is called with mu held.
func (e *Engine) limiterOf(name string, n int) *limiter {
	l := e.limiters[name]
	if l == nil {
		if bound, given := e.maxCalls[name]; given {
			n = bound
		}
		l = newLimiter(n)
		e.limiters[name] = l
	}
	return l
}

// shared is the limiter of a model whose provider's models have places together. Who
// waits for one of those has one of its own model's already.
type shared struct{ own, all *limiter }

// Try implements exec.Limiter.
func (s shared) Try() (exec.Slot, bool) {
	own, ok := s.own.Try()
	if !ok {
		return nil, false
	}
	all, ok := s.all.Try()
	if !ok {
		own(exec.Came{})
		return nil, false
	}
	return both(own, all), true
}

// Wait implements exec.Limiter.
func (s shared) Wait(ctx context.Context) (exec.Slot, error) {
	own, err := s.own.Wait(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.all.Wait(ctx)
	if err != nil {
		own(exec.Came{})
		return nil, err
	}
	return both(own, all), nil
}

// AnsweredSince implements exec.Limiter.
func (s shared) AnsweredSince(t time.Time) bool { return s.own.AnsweredSince(t) }

// both gives two places back. What a provider takes is found out for each model alone.
func both(own, all exec.Slot) exec.Slot {
	return func(c exec.Came) {
		own(c)
		all(exec.Came{})
	}
}

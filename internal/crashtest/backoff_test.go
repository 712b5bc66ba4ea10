package crashtest

import (
	"net/http"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/responsestest"
)

// A run that is killed while it waits before the next attempt, and then once
// more, waits out the rest: no attempt is added, none leaves too early.
func TestKilledDuringABackoff(t *testing.T) {
	t.Parallel()
	s := articleApproved
	s.answer = func(c responsestest.Call) responsestest.Reply {
		if c.N == 1 {
			return responsestest.Status(http.StatusInternalServerError, "", "the server had an error")
		}
		return good(c)
	}
	s.calls++
	ref := undisturbed(t, s)
	h := newHome(t, s)
	p := h.run(s)
	p.says("before the next attempt")
	p.kill()
	rec := h.show()
	if step := rec.Steps[0]; rec.Status != pawl.StatusQueued || step.Status != pawl.StepRetrying || len(step.Attempts) != 1 {
		t.Errorf("run is %s, step %s is %s with %d attempts", rec.Status, step.Key, step.Status, len(step.Attempts))
	}
	p = h.resume()
	p.says("goes on")
	p.kill()
	rec = h.resume().record(0)
	checkExact(t, rec, ref, h.provider)
	checkWaits(t, rec, 1)
}

// The same with a rate limit on one section of several: the others were in
// flight.
func TestKilledDuringABackoffBesideCalls(t *testing.T) {
	t.Parallel()
	s := blogParallel
	s.answer = func(c responsestest.Call) responsestest.Reply {
		if section(c) == 2 && c.Nth == 1 {
			return responsestest.Status(http.StatusTooManyRequests, "rate_limit_exceeded", "slow down").Header("Retry-After", "1")
		}
		return good(c)
	}
	s.calls++
	ref := undisturbed(t, s)
	h := newHome(t, s)
	h.provider.holding(func(c responsestest.Call) bool { return section(c) > 0 && section(c) != 2 })
	p := h.run(s)
	p.holds(h.provider, sections-1)
	p.says("before the next attempt")
	p.kill()
	h.provider.holding(none)
	rec := h.resume().record(0)
	checkExact(t, rec, ref, h.provider)
	checkWaits(t, rec, 1)
}

// checkWaits checks that so many attempts were followed by a wait, and that the
// next one did not leave before its end.
func checkWaits(t *testing.T, rec pawl.RunRecord, want int) {
	t.Helper()
	n := 0
	for _, s := range rec.Steps {
		for i, at := range s.Attempts {
			if at.RetryAt == nil {
				continue
			}
			n++
			if next := s.Attempts[i+1]; next.StartedAt.Before(at.RetryAt.Time) {
				t.Errorf("step %s: attempt %d began at %s, before %s", s.Key, next.Number, next.StartedAt, at.RetryAt)
			}
		}
	}
	if n != want {
		t.Errorf("%d attempts were to be waited for, wants %d", n, want)
	}
}

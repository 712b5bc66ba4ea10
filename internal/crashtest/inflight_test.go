package crashtest

import (
	"fmt"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/responsestest"
)

// A run that is killed inside its n-th call, for every n, goes on with that call
// and no other.
func TestKilledInsideACall(t *testing.T) {
	for _, s := range []scene{articleApproved, articleRevised, articleRepaired, blogSequential, blogReworked} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ref := undisturbed(t, s)
			for n := 1; n <= s.calls; n++ {
				if !sampled(n) {
					continue
				}
				t.Run(fmt.Sprint(n), func(t *testing.T) {
					h := newHome(t, s)
					h.provider.holding(number(n))
					p := h.run(s)
					p.holds(h.provider, 1)
					p.kill()
					if calls := len(h.provider.Calls()); calls != n {
						t.Errorf("%d calls before the kill, wants %d", calls, n)
					}
					checkExact(t, h.resume().record(0), ref, h.provider)
				})
			}
		})
	}
}

// The same where sections are written at once: some of them are done and all
// others in flight.
func TestKilledInsideCallsAtOnce(t *testing.T) {
	for _, s := range []scene{blogParallel, blogParallelReworked} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ref := undisturbed(t, s)
			for done := range sections {
				if !sampled(done + 1) {
					continue
				}
				t.Run(fmt.Sprintf("%d done", done), func(t *testing.T) {
					h := newHome(t, s)
					h.provider.holding(func(c responsestest.Call) bool { return section(c) > done })
					p := h.run(s)
					p.holds(h.provider, sections-done)
					for i := range done { // which is said when it is durable
						p.says(fmt.Sprintf("Section %d of %d written", i+1, sections))
					}
					p.kill()
					h.provider.holding(none)
					rec := h.resume().record(0)
					checkExact(t, rec, ref, h.provider)
					if n := unknowns(rec); n != sections-done {
						t.Errorf("%d unknown attempts, wants %d", n, sections-done)
					}
				})
			}
		})
	}
}

// The same where every section's first answer must be repaired, and the repairs
// are in flight.
func TestKilledInsideRepairsAtOnce(t *testing.T) {
	t.Parallel()
	s := blogParallelRepaired
	ref := undisturbed(t, s)
	h := newHome(t, s)
	h.provider.holding(func(c responsestest.Call) bool { return section(c) > 0 && repairs(c) })
	p := h.run(s)
	p.holds(h.provider, sections)
	p.kill()
	h.provider.holding(none)
	rec := h.resume().record(0)
	checkExact(t, rec, ref, h.provider)
	for _, step := range rec.Steps {
		if step.Name != "write" {
			continue
		}
		var outcomes []pawl.Outcome
		for _, at := range step.Attempts {
			outcomes = append(outcomes, at.Outcome)
		}
		if got, want := fmt.Sprint(outcomes), "[rejected unknown accepted]"; got != want {
			t.Errorf("step %s: %s, wants %s", step.Key, got, want)
		}
	}
}

// repairs reports whether a call carries an answer that was turned down.
func repairs(c responsestest.Call) bool {
	for _, m := range c.Messages {
		if m.Role == "assistant" {
			return true
		}
	}
	return false
}

// A run that is killed inside call i, resumed and killed inside call j goes on
// from there.
func TestKilledTwice(t *testing.T) {
	t.Run("article", func(t *testing.T) {
		t.Parallel()
		s := articleApproved
		ref := undisturbed(t, s)
		for i := 1; i <= s.calls; i++ {
			// The call after the first kill is number i again.
			for j := i + 1; j <= s.calls+1; j++ {
				if !sampled(j - i) {
					continue
				}
				t.Run(fmt.Sprintf("%d and %d", i, j-1), func(t *testing.T) {
					h := newHome(t, s)
					h.provider.holding(func(c responsestest.Call) bool { return c.N == i || c.N == j })
					for _, p := range []func() *process{
						func() *process { return h.run(s) },
						func() *process { return h.resume() },
					} {
						p := p()
						p.holds(h.provider, 1)
						p.kill()
					}
					checkExact(t, h.resume().record(0), ref, h.provider)
				})
			}
		}
	})
	t.Run("blog parallel", func(t *testing.T) {
		t.Parallel()
		s := blogParallel
		ref := undisturbed(t, s)
		h := newHome(t, s)
		h.provider.holding(func(c responsestest.Call) bool { return section(c) > 0 })
		p := h.run(s)
		p.holds(h.provider, sections)
		p.kill()
		h.provider.holding(func(c responsestest.Call) bool { return section(c) > 2 })
		p = h.resume()
		p.holds(h.provider, sections-2)
		p.says(fmt.Sprintf("Section %d of %d written", 1, sections))
		p.says(fmt.Sprintf("Section %d of %d written", 2, sections))
		p.kill()
		h.provider.holding(none)
		checkExact(t, h.resume().record(0), ref, h.provider)
	})
}

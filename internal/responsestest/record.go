package responsestest

import (
	"fmt"
	"slices"
	"time"
)

// patience is how long the Wait methods wait before they give the test up. It only
// matters for a test that would otherwise hang.
const patience = 5 * time.Minute

// begin records a call, and returns it numbered with the script that holds for it.
func (s *Server) begin(c Call, v *violation) (Call, func(Call) Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.N = len(s.calls) + 1
	s.counts[c.Digest]++
	c.Nth = s.counts[c.Digest]
	s.calls = append(s.calls, c)
	if v != nil {
		s.violations = append(s.violations, fmt.Sprintf("call %d: %s", c.N, v))
	}
	s.inFlight++
	s.maxInFlight = max(s.maxInFlight, s.inFlight)
	s.wake()
	return c, s.script
}

func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	s.wake()
}

// wake needs mu.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Calls returns all calls so far, in order of arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Count is how many calls arrived with this content digest.
func (s *Server) Count(digest string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[digest]
}

// Repeated returns the first call of each content that arrived more than once.
func (s *Server) Repeated() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var again []Call
	for _, c := range s.calls {
		if c.Nth == 1 && s.counts[c.Digest] > 1 {
			again = append(again, c)
		}
	}
	return again
}

// Violations returns what the provider would have refused, one line each.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// InFlight is how many calls are being handled now; MaxInFlight is the most there
// were at once.
func (s *Server) InFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inFlight
}

// MaxInFlight: see InFlight.
func (s *Server) MaxInFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.maxInFlight
}

// WaitInFlight blocks until at least n calls are being handled. After 5 minutes the
// test fails; call it from the test's goroutine.
func (s *Server) WaitInFlight(n int) {
	s.t.Helper()
	s.waitFor(fmt.Sprintf("%d calls in flight", n), func() bool { return s.inFlight >= n })
}

// WaitCalls blocks until at least n calls have arrived; see WaitInFlight.
func (s *Server) WaitCalls(n int) {
	s.t.Helper()
	s.waitFor(fmt.Sprintf("%d calls", n), func() bool { return len(s.calls) >= n })
}

// WaitIdle blocks until no call is being handled; see WaitInFlight.
func (s *Server) WaitIdle() {
	s.t.Helper()
	s.waitFor("no call in flight", func() bool { return s.inFlight == 0 })
}

func (s *Server) waitFor(what string, done func() bool) {
	s.t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		s.mu.Lock()
		ok, changed := done(), s.changed
		state := fmt.Sprintf("%d calls, %d in flight", len(s.calls), s.inFlight)
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-late.C:
			s.t.Fatalf("waited %v for %s; there are %s", patience, what, state)
		}
	}
}

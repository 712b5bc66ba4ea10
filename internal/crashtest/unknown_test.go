package crashtest

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/responsestest"
)

// A run that is killed three times inside the same call asks a person: resume
// makes no call and exits with 3, and the command that it names goes on.
func TestKilledThriceInsideACall(t *testing.T) {
	for _, tt := range []struct {
		scene
		which func(responsestest.Call) bool
		n     int // calls in flight at each kill
		last  pawl.Key
	}{
		{articleRepaired, func(c responsestest.Call) bool { return c.N >= 2 }, 1, "outline"}, // a repair
		{articleApproved, func(c responsestest.Call) bool { return c.N >= 2 }, 1, "draft"},
		{blogParallel, func(c responsestest.Call) bool { return section(c) > 0 }, sections, "sections[3]/write"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ref := undisturbed(t, tt.scene)
			h := newHome(t, tt.scene)
			h.provider.holding(tt.which)
			p := h.run(tt.scene)
			for i := range 3 {
				if i > 0 {
					p = h.resume()
				}
				p.holds(h.provider, tt.n)
				p.kill()
			}
			calls := len(h.provider.Calls())
			p = h.resume()
			rec := p.record(3)
			if n := len(h.provider.Calls()); n != calls {
				t.Errorf("%d calls were made before a person was asked", n-calls)
			}
			if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != tt.n {
				t.Fatalf("run is %s with blockers %+v", rec.Status, rec.Blockers)
			}
			for _, b := range rec.Blockers {
				if b.Kind != pawl.BlockerUnknown || b.Question == "" {
					t.Errorf("blocker of %s is %s: %q", b.Key, b.Kind, b.Question)
				}
			}
			if b := rec.Blockers[tt.n-1]; b.Key != tt.last {
				t.Errorf("the last blocker is of %s, wants %s", b.Key, tt.last)
			}
			if n := unknowns(rec); n != 3*tt.n {
				t.Errorf("%d unknown attempts, wants %d", n, 3*tt.n)
			}
			again := h.show()
			if again.Status != pawl.StatusWaiting || len(again.Blockers) != tt.n {
				t.Errorf("show: run is %s with %d blockers", again.Status, len(again.Blockers))
			}
			h.provider.holding(none)
			words := strings.Fields(p.failure().Hint)
			if len(words) == 0 || words[0] != "pawl" {
				t.Fatalf("the last line on stderr names no command: %+v", p.failure())
			}
			rec = h.start("", append(words[1:], "--json")...).record(0)
			checkExact(t, rec, ref, h.provider)
			if len(rec.Decisions) != tt.n || rec.Decisions[0].Who != "tester" {
				t.Errorf("decisions are %+v", rec.Decisions)
			}
		})
	}
}

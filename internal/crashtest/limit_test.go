package crashtest

import (
	"encoding/json"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

// limited is the only limit, as it stands.
func (h *home) limited() view.Limit {
	h.t.Helper()
	p := h.start("", "limit", "list", "--json")
	p.exits(0)
	var all []view.Limit
	if err := json.Unmarshal(p.stdout.Bytes(), &all); err != nil || len(all) != 1 {
		h.t.Fatalf("limits are %s: %v", p.stdout.Bytes(), err)
	}
	return all[0]
}

// A process that is killed with a call in flight leaves what that had reserved: nobody else
// takes it, and whoever goes on with the run counts it as spent, once.
func TestLimitAfterAKill(t *testing.T) {
	t.Parallel()
	s := articleApproved
	h := newHome(t, s)
	h.start("", "limit", "set", "--per", "total", "--calls", "3").exits(0)
	h.provider.holding(number(2))
	p := h.run(s)
	p.holds(h.provider, 1)
	p.kill()
	if l := h.limited(); l.Spent.Calls != 1 || l.Reserved.Calls != 1 {
		t.Errorf("after the kill %d calls are spent and %d reserved", l.Spent.Calls, l.Reserved.Calls)
	}
	h.provider.holding(none)
	p = h.resume()
	p.exits(3)
	if rec := h.show(); rec.Status != pawl.StatusWaiting || rec.Usage.ModelCalls != 3 || rec.Reason != "all runs together may make 3 calls in all; 3 are made" {
		t.Errorf("run is %s (%s) after %d calls", rec.Status, rec.Reason, rec.Usage.ModelCalls)
	}
	if l := h.limited(); l.Spent.Calls != 3 || l.Reserved.Calls != 0 {
		t.Errorf("%d calls are spent and %d reserved", l.Spent.Calls, l.Reserved.Calls)
	}
	h.start("", "limit", "set", "--per", "total", "--calls", "4").exits(0)
	if rec := h.resume().record(0); rec.Status != pawl.StatusDone || rec.Usage.ModelCalls != 4 {
		t.Errorf("run is %s (%s) after %d calls", rec.Status, rec.Reason, rec.Usage.ModelCalls)
	}
	if l := h.limited(); l.Spent.Calls != 4 || l.Reserved.Calls != 0 || len(h.provider.Calls()) != 4 {
		t.Errorf("%d calls are spent and %d reserved, %d were made", l.Spent.Calls, l.Reserved.Calls, len(h.provider.Calls()))
	}
}

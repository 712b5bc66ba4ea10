package crashtest

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
)

// costs is what the command says that calls have cost.
func (h *home) costs(args ...string) cost.Report {
	h.t.Helper()
	p := h.start("", append([]string{"costs", "--json"}, args...)...)
	p.exits(0)
	var r cost.Report
	if err := json.Unmarshal(p.stdout.Bytes(), &r); err != nil {
		h.t.Fatalf("costs are %s: %v", p.stdout.Bytes(), err)
	}
	return r
}

// A process that is killed with a call in flight leaves sums of what had ended. Whoever goes on
// with the run counts that call once, as one of which nobody knows what it cost; in the end the
// sums are those of the run's record, and an import or a removal changes nothing in them.
func TestCostsAfterAKill(t *testing.T) {
	t.Parallel()
	s := articleApproved
	h := newHome(t, s)
	h.provider.holding(number(2))
	p := h.run(s)
	p.holds(h.provider, 1)
	p.kill()
	if r := h.costs(); r.Total.ModelCalls != 1 || r.Total.UnmeteredCalls != 0 || r.Total.Runs != 1 {
		t.Errorf("after the kill: %+v", r.Total)
	}
	h.provider.holding(none)
	rec := h.resume().record(0)
	if rec.Status != pawl.StatusDone {
		t.Fatalf("the run is %s (%s)", rec.Status, rec.Reason)
	}
	for _, by := range cost.Ways() {
		r := h.costs("--by", string(by), "--tz", "Asia/Kathmandu", "--since", "2d")
		if r.Total.ModelCalls != rec.Usage.ModelCalls || r.Total.UnmeteredCalls != 1 || r.Total.Runs != 1 || *r.Total.InputTokens != *rec.Usage.InputTokens || *r.Total.OutputTokens != *rec.Usage.OutputTokens {
			t.Errorf("by %s it is %+v, the run took %+v", by, r.Total, rec.Usage)
		}
	}
	want, _ := json.Marshal(h.costs())
	file := filepath.Join(h.dir, "run.json")
	h.start("", "export", string(rec.ID), "-o", file).exits(0)
	h.start("", "rm", string(rec.ID), "--yes").exits(0)
	h.start("", "import", file).exits(0)
	if got, _ := json.Marshal(h.costs()); string(got) != string(want) {
		t.Errorf("removed and imported it is %s, want %s", got, want)
	}
}

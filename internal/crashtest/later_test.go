package crashtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pawlrun/pawl/internal/batchtest"
)

// A batch whose answers may take a day is killed while its vendor works on each step's batch,
// and begun again by the same command: every question was sent once, and is paid for once.
func TestKilledWhileVendorWorks(t *testing.T) {
	t.Parallel()
	h := newHome(t, articleApproved)
	vendor := batchtest.New(t, h.provider.URL())
	vendor.Hold()
	begin := h.later(vendor, batchLines)
	p := begin()
	for step := range articleApproved.calls {
		vendor.Wait(step + 1)
		for range 4 { // more often than a person would be asked about
			vendor.WaitForCall(step)
			p.kill()
			p = begin()
		}
		vendor.WaitForCall(step)
		vendor.Finish(step)
	}
	p.exits(0)
	if n := len(vendor.Batches()); n != articleApproved.calls {
		t.Errorf("%d batches of %d steps", n, articleApproved.calls)
	}
	for _, b := range vendor.Batches() {
		if len(b.Items) != batchLines {
			t.Errorf("a batch of %d requests, of %d lines", len(b.Items), batchLines)
		}
	}
	h.checkPaid(batchCalls, 0)
}

// later begins a batch whose answers may take a day, of a vendor.
func (h *home) later(vendor *batchtest.Server, lines int) func() *process {
	h.t.Helper()
	inputs := filepath.Join(h.dir, "inputs.jsonl")
	if err := os.WriteFile(inputs, []byte(topics(lines)), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return func() *process {
		p := h.command("batch", "article", inputs, "-o", h.results(), "--wait", "24h")
		p.Env = append(p.Env, "OPENAI_BASE_URL="+vendor.URL())
		return spawn(h.t, p)
	}
}

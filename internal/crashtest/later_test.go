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
	inputs := filepath.Join(h.dir, "inputs.jsonl")
	if err := os.WriteFile(inputs, []byte(topics(batchLines)), 0o600); err != nil {
		t.Fatal(err)
	}
	begin := func() *process {
		p := h.command("batch", "article", inputs, "-o", h.results(), "--wait", "24h")
		p.Env = append(p.Env, "OPENAI_BASE_URL="+vendor.URL())
		return spawn(t, p)
	}
	p := begin()
	for step := range articleApproved.calls {
		vendor.Wait(step + 1)
		vendor.WaitForCall(step)
		p.kill()
		p = begin()
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

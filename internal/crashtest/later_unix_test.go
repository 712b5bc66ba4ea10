//go:build unix

package crashtest

import (
	"os"
	"syscall"
	"testing"

	"github.com/pawlrun/pawl/internal/batchtest"
)

// Who does not wait for the vendor leaves at once with a second signal, and comes back to the
// batch that is under way.
func TestLeftWhileVendorWorks(t *testing.T) {
	t.Parallel()
	h := newHome(t, articleApproved)
	vendor := batchtest.New(t, h.provider.URL())
	vendor.Hold()
	const lines = 200 // so that some would be taken for failures before the process is gone
	begin := h.later(vendor, lines)
	p := begin()
	for step := range articleApproved.calls {
		vendor.Wait(step + 1)
		vendor.WaitForCall(step)
		if step == 0 {
			for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
				if err := p.cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				if sig == os.Interrupt {
					p.says("calls in flight")
				}
			}
			p.exits(143)
			p = begin()
			vendor.WaitForCall(step)
		}
		vendor.Finish(step)
	}
	p.exits(0)
	if n := len(vendor.Batches()); n != articleApproved.calls {
		t.Errorf("%d batches of %d steps", n, articleApproved.calls)
	}
	h.checkPaid(articleApproved.calls*lines, 0)
}

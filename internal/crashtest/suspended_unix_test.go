//go:build unix

package crashtest

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/pawlrun/pawl"
)

// A process that is suspended in a call, as by the lid of a laptop, and whose run
// another one takes and ends meanwhile, writes nothing when it wakes: the answer
// that it waited for comes too late.
func TestSuspendedWhileTaken(t *testing.T) {
	s := articleApproved
	for n := 1; n <= s.calls; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			ref := undisturbed(t, s)
			h := newHome(t, s)
			release := h.provider.holding(number(n))
			old := h.run(s)
			old.holds(h.provider, 1)
			signal(old, syscall.SIGSTOP)
			want := maps.Clone(ref.counts)
			for d, n := range h.provider.unanswered() {
				want[d] += n
			}
			h.refused(old) // it lives
			h.provider.holding(none)
			rec := h.resume("--take").record(0)
			release()
			signal(old, syscall.SIGCONT)
			old.exits(1)
			if e := old.failure(); e.Kind != pawl.ErrConflict || !strings.Contains(e.Message, "was taken by another process") || old.stdout.Len() > 0 {
				t.Errorf("the suspended process ends with %+v and stdout %q", e, old.stdout.Bytes())
			}
			checkSame(t, rec, ref)
			checkCounts(t, h.provider.counts(), want)
			if shown := h.show(); !reflect.DeepEqual(shown, rec) {
				t.Errorf("the run has changed since:\n%+v\n%+v", shown, rec)
			}
			h.inspect(s, false)
		})
	}
}

func signal(p *process, s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

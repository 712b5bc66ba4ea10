package tree

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// The last frame of a run whose process died says how it stands, though its
// events end in the middle of a call.
func TestFrameOfTheDead(t *testing.T) {
	h := newHistory(t)
	h.begin("plan", "Planning")
	for status, want := range map[pawl.Status]string{
		pawl.StatusRunning: "run 0123456789ab blog with test/one: running\n" +
			"▸ running  plan     3s  Planning\n" +
			"1 call in flight, 1 model call, 5s",
		pawl.StatusQueued: "run 0123456789ab blog with test/one: queued\n" +
			"↻ retrying plan     0s  Planning\n" +
			"1 model call, 2s",
		pawl.StatusPaused: "run 0123456789ab blog with test/one: paused\n" +
			"↻ retrying plan     0s  Planning\n" +
			"1 model call, 2s",
	} {
		h.tree.left = ""
		h.tree.Leave(status)
		if got := strings.Join(h.frame(80, 24), "\n"); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", status, got, want)
		}
	}
}

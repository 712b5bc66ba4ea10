package cli

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/terminaltest"
)

// On a terminal a stamped line breaks between words, below its text; in a pipe it
// is one line.
func TestStampedLinesHang(t *testing.T) {
	c := newCommand(t, pawl.New("wordy", "Say much.", func(r *pawl.Run, in topic) (string, error) {
		r.Note("%s", strings.Repeat("somewhat ", 12)+"long")
		return "", nil
	}))
	for columns, want := range map[int]string{
		80: "] " + strings.Repeat("somewhat ", 6) + "somewhat\n" + strings.Repeat(" ", 11) + "somewhat ",
		40: "] somewhat somewhat somewhat\n" + strings.Repeat(" ", 11) + "somewhat somewhat somewhat\n",
		24: "]\n      somewhat somewhat\n      somewhat somewhat\n",
	} {
		c.screen = terminaltest.New(columns, 60)
		c.ok("run", "wordy")
		if text := strings.Join(c.screen.Lines(), "\n"); !strings.Contains(text, want) {
			t.Errorf("at %d columns:\n%s", columns, text)
		}
	}
	c.screen = nil
	if _, stderr := c.ok("run", "wordy"); !strings.Contains(stderr, "] "+strings.Repeat("somewhat ", 12)+"long\n") {
		t.Errorf("in a pipe:\n%s", stderr)
	}
}

package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
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

// What goes on by itself says on standard error why something fails, since nobody else does.
// What an engine says with an error comes back to the command, and is not said twice.
func TestServiceErrorsAreSaid(t *testing.T) {
	var b strings.Builder
	a := newApp(world{program: "pawl", getenv: func(string) string { return "" }, now: time.Now, zone: time.UTC, stderr: term.Stream{Writer: &b}}, Program{})
	log := a.serviceLogger()
	log.Warn("not ready", "error", "the disk is full")
	log.Error("schedule makes no run", "schedule", "daily\x1b[2J", "error", errors.New("topic is missing"))
	log.Error("a request met a defect", "path", "/x", "panic", "boom")
	log.Info("nothing of note")
	a.logger().Error("step panicked", "run", "r1")
	var lines []string
	for line := range strings.Lines(b.String()) {
		_, text, _ := strings.Cut(strings.TrimSpace(line), "] ")
		lines = append(lines, text)
	}
	want := []string{"not ready: the disk is full", "schedule " + term.Plain("daily\x1b[2J") + ": schedule makes no run: topic is missing", "a request met a defect: boom"}
	if !slices.Equal(lines, want) {
		t.Errorf("it says %q, want %q", lines, want)
	}
}

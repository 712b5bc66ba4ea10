//go:build unix

package pawl_test

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/terminaltest"
)

// showScreens runs what a page shows of a terminal, on one of 80 columns.
func showScreens(t *testing.T, page, bin string) {
	for _, b := range blocks(t, page, "screen") {
		line, want, _ := strings.Cut(strings.TrimPrefix(b[1], "$ "), "\n")
		got := screen(t, bin, line)
		if d := cmp.Diff(drawn(want), elide(drawn(want), drawn(got))); d != "" {
			t.Errorf("%s (-%s +real):\n%s", line, page, d)
		}
	}
}

// screen is what a terminal shows when a command has ended.
func screen(t *testing.T, bin, line string) string {
	t.Helper()
	terminal := terminaltest.New(80, 60)
	f, err := pty.StartWithSize(shell(t.TempDir(), bin, line), &pty.Winsize{Cols: 80, Rows: 60})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	io.Copy(terminal, f) // its error is how a terminal says that its program has ended
	if err := terminal.Err(); err != nil {
		t.Error(err)
	}
	return strings.Join(terminal.Lines(), "\n")
}

// drawn are the lines of a picture without what differs each time: how long steps took, which
// is left out of one that took no time, and how many blanks stand there.
func drawn(s string) []string {
	var lines []string
	for _, line := range normal(s) {
		lines = append(lines, strings.TrimRight(regexp.MustCompile(`(\s*\bTIME\b| )\s*`).ReplaceAllString(line, " "), " "))
	}
	return lines
}

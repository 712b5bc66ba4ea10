package cli

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// Each stream is judged by itself, and JSON has never colour.
func TestColour(t *testing.T) {
	c := newCommand(t, echo("echo"), ends("break", fmt.Errorf("no")))
	c.ok("run", "echo", "--topic", "x")
	c.run("run", "break", "--topic", "x")
	const esc = "\x1b"
	for _, args := range [][]string{{"runs"}, {"show", "last"}, {"show", "last", "--step", "say"}, {"doctor"}, {"run", "nothing"}} {
		if args[0] == "show" {
			c.ok("run", "echo", "--topic", "x")
		}
		for _, color := range []string{"always", "never", "auto"} {
			_, stdout, stderr := c.run(append(args, "--color", color)...)
			if got := strings.Contains(stdout+stderr, esc); got != (color == "always") {
				t.Errorf("pawl %v --color %s:\n%s%s", args, color, stdout, stderr)
			}
		}
		_, stdout, stderr := c.run(append(args, "--color", "always", "--json")...)
		if strings.Contains(stdout+stderr, esc) {
			t.Errorf("pawl %v --json has colour:\n%s%s", args, stdout, stderr)
		}
	}
	_, plain, _ := c.run("runs")
	_, painted, _ := c.run("runs", "--color", "always")
	for _, style := range []string{term.Green, term.Bold + term.Red} {
		if !strings.Contains(painted, style) {
			t.Errorf("runs lacks %q:\n%q", style, painted)
		}
	}
	var took []string
	for _, s := range []string{plain, painted} {
		for _, style := range []string{term.Bold, term.Faint, term.Red, term.Green, term.Magenta, term.Cyan, "\x1b[m"} {
			s = strings.ReplaceAll(s, style, "")
		}
		took = append(took, regexp.MustCompile(`  \d+s  `).ReplaceAllString(s, "  0s  ")) // of two moments
	}
	if took[0] != took[1] {
		t.Errorf("without its colours the table is\n%s\nwant\n%s", took[1], took[0])
	}
	c.stdout = gone{}
	if code, _, stderr := c.run("runs", "--color", "blue"); code != 2 || !strings.Contains(stderr, `--color is "blue", wants auto, always or never`) {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	if code, _, stderr := c.run("runs", "--color="); code != 2 || !strings.Contains(stderr, "wants auto, always or never") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// Every state has a word, a sign and, where there is colour, a style of the
// terminal's own.
func TestStates(t *testing.T) {
	for _, s := range []pawl.StepStatus{pawl.StepRunning, pawl.StepRetrying, pawl.StepWaiting, pawl.StepDone, pawl.StepReused, pawl.StepFailed, pawl.StepPending} {
		if got := term.Ink(true).Paint(stepStyle(s), "x"); got == "x" || term.Cells(got) != 1 {
			t.Errorf("%s is painted %q", s, got)
		}
		if got := term.Ink(false).Paint(stepStyle(s), "x"); got != "x" {
			t.Errorf("%s without colour is %q", s, got)
		}
		if term.Cells(sign(s)) != 1 {
			t.Errorf("%s has the sign %q", s, sign(s))
		}
	}
}

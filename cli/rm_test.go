package cli

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// asksThen has something happen when it is read: between the question and the answer.
type asksThen struct {
	then   func()
	answer io.Reader
}

func (r *asksThen) Read(p []byte) (int, error) {
	if r.then != nil {
		r.then()
		r.then = nil
	}
	return r.answer.Read(p)
}

// askedThen runs a command that asks, has something happen then, and says yes.
func (c *command) askedThen(then func(), args ...string) (code int, stderr string) {
	var err bytes.Buffer
	w := world{
		program: "pawl", args: args, interactive: true, stdin: &asksThen{then, strings.NewReader("y\n")},
		stdout: term.Stream{Writer: io.Discard}, stderr: term.Stream{Writer: &err, Terminal: true},
		getenv: func(name string) string { return c.env[name] }, now: time.Now, zone: time.UTC,
		catchSignals: func() (<-chan os.Signal, func()) { return c.signals, func() {} },
	}
	code = run(w, Program{Flows: c.flows, Providers: c.providers})
	return code, err.String()
}

func gated(name string) pawl.Flow {
	return pawl.New(name, "Ask.", func(r *pawl.Run, in topic) (string, error) {
		return pawl.Input[string](r, "gate", "Go on?"), nil
	})
}

// rm shows a run that waits; meanwhile somebody answers it, and it comes to its end. The
// yes was to what was shown.
func TestRmKeepsWhatWasNotShown(t *testing.T) {
	c := newCommand(t, gated("ask"))
	c.run("run", "ask", "--topic", "x", "--model", "offline")
	out, _ := c.ok("runs", "--quiet")
	id := strings.TrimSpace(out)
	code, stderr := c.askedThen(func() { c.ok("answer", id, "--value", "paid for") }, "rm", id)
	if left, _ := c.ok("runs", "--quiet"); strings.TrimSpace(left) != id {
		t.Errorf("run %s was shown as waiting, was done by then, and is removed with its result", id)
	}
	if code == 0 || !strings.Contains(stderr, "is done now, which is not what was shown") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// Of a selection one run that has changed since it was shown is kept, and keeps no other.
func TestRmSelectionKeepsOnlyWhatChanged(t *testing.T) {
	c := newCommand(t, gated("ask"))
	c.run("run", "ask", "--topic", "x", "--model", "offline")
	out, _ := c.ok("runs", "--quiet")
	id := strings.TrimSpace(out)
	c.run("run", "ask", "--topic", "y", "--model", "offline")
	code, stderr := c.askedThen(func() { c.ok("answer", id, "--value", "paid for") }, "rm", "--status", "waiting")
	if code != 0 || !strings.Contains(stderr, "removed 1 run") || !strings.Contains(stderr, "kept: run") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	if left, _ := c.ok("runs", "--quiet"); strings.TrimSpace(left) != id {
		t.Errorf("left are %q, want %s", left, id)
	}
}

// A flow that nobody has is a slip, whether there are runs or not; one that only stored
// runs have is none.
func TestRmUnknownFlow(t *testing.T) {
	c := newCommand(t, echo("echo"))
	for range 2 { // without a data directory, and with a run in it
		if code, _, stderr := c.run("rm", "--before", "0d", "--flow", "ehco", "--yes"); code != 2 || !strings.Contains(stderr, "ehco") {
			t.Errorf("exit code %d, want 2: %s", code, stderr)
		}
		c.ok("run", "echo", "--topic", "x", "--model", "offline")
	}
	c.flows = []pawl.Flow{gated("ask")}
	c.ok("rm", "--status", "failed", "--flow", "echo", "--yes")
}

// Two programs share a data directory. When one cleans up, the other's runs stay, unless
// it says that it means them.
func TestRmLeavesOtherProgramsRuns(t *testing.T) {
	c, other := newCommand(t, echo("echo")), newCommand(t, echo("echo"))
	c.name, other.name, other.env = "mine", "other", c.env
	c.ok("run", "echo", "--topic", "x", "--model", "offline")
	mine, _ := c.ok("runs", "--quiet")
	if _, stderr := other.ok("rm", "--before", "0d", "--yes"); !strings.Contains(stderr, "left out: 1 run of other programs") {
		t.Errorf("it is not said that a run was left out: %s", stderr)
	}
	if left, _ := c.ok("runs", "--quiet"); left != mine {
		t.Errorf("the other program has removed %s", mine)
	}
	other.ok("run", "echo", "--topic", "x", "--model", "offline")
	other.ok("rm", "--status", "done", "--yes")
	if left, _ := c.ok("runs", "--quiet"); left != mine {
		t.Errorf("left are %q, want only %q", left, mine)
	}
	other.ok("rm", "--before", "0d", "--all-programs", "--yes")
	if left, _ := c.ok("runs", "--quiet"); left != "" {
		t.Errorf("with --all-programs %q are left", left)
	}
}

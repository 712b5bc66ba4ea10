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
	var err bytes.Buffer
	w := world{
		program: "pawl", args: []string{"rm", id}, interactive: true,
		stdin:  &asksThen{func() { c.ok("answer", id, "--value", "paid for") }, strings.NewReader("y\n")},
		stdout: term.Stream{Writer: io.Discard}, stderr: term.Stream{Writer: &err, Terminal: true},
		getenv: func(name string) string { return c.env[name] }, now: time.Now, zone: time.UTC,
		notify: func() (<-chan os.Signal, func()) { return c.signals, func() {} },
	}
	code := run(w, Program{Flows: c.flows, Providers: c.providers})
	if left, _ := c.ok("runs", "--quiet"); strings.TrimSpace(left) != id {
		t.Errorf("run %s was shown as waiting, was done by then, and is removed with its result", id)
	}
	if code == 0 || !strings.Contains(err.String(), "is done now, which is not what was shown") {
		t.Errorf("exit code %d\n%s", code, err.String())
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

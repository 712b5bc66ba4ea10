package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/terminaltest"
	"github.com/pawlrun/pawl/llm"
	llmbatch "github.com/pawlrun/pawl/llm/batch"
)

// command runs a command line in a world of its own.
type command struct {
	t        *testing.T
	env      map[string]string
	stdin    string
	terminal bool
	width    int
	screen   *terminaltest.Terminal // nil: stderr is kept
	signals  chan os.Signal
	stdout   interface { // nil: kept
		Write([]byte) (int, error)
	}
	patience  time.Duration
	batches   llmbatch.Options
	name      string // of the program; empty: its main module
	flows     []pawl.Flow
	providers []llm.Provider
	open      func(context.Context, Settings) (*Store, error) // nil: SQLite
}

// newCommand has the default providers, which look for no servers on this machine.
func newCommand(t *testing.T, flows ...pawl.Flow) *command {
	providers := Providers()
	for i := range providers {
		providers[i].Servers = nil
	}
	return &command{t: t, flows: flows, providers: providers, env: map[string]string{"PAWL_DATA": t.TempDir() + "/data", "USER": "tester"}, signals: make(chan os.Signal, 2)}
}

func (c *command) run(args ...string) (code int, stdout, stderr string) {
	c.t.Helper()
	var out, err bytes.Buffer
	w := world{
		program: "pawl", args: args, stdin: strings.NewReader(c.stdin),
		stdout: term.Stream{Writer: &out, Terminal: c.terminal, Width: c.width},
		stderr: term.Stream{Writer: &err, Terminal: c.terminal},
		getenv: func(name string) string { return c.env[name] },
		isSet:  func(name string) bool { _, is := c.env[name]; return is },
		now:    time.Now, zone: time.UTC, patience: c.patience, batches: c.batches,
		catchSignals: func() (<-chan os.Signal, func()) { return c.signals, func() {} },
	}
	if c.screen != nil {
		w.stderr = term.Stream{Writer: io.MultiWriter(&err, c.screen), Terminal: true, Size: c.screen.Size}
	}
	if c.stdout != nil {
		w.stdout.Writer = c.stdout
	}
	code = run(w, Program{Name: c.name, Flows: c.flows, Providers: c.providers, Open: c.open})
	return code, out.String(), err.String()
}

// ok runs a command that must end with 0.
func (c *command) ok(args ...string) (stdout, stderr string) {
	c.t.Helper()
	code, stdout, stderr := c.run(args...)
	if code != 0 {
		c.t.Fatalf("pawl %s: exit code %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout, stderr
}

type topic struct {
	Topic string `json:"topic" pawl:"len=1..,default=\"tides\""`
}

// echo is a flow of one step whose output is a text.
func echo(name string) pawl.Flow {
	return pawl.New(name, "Say something.", func(r *pawl.Run, in topic) (string, error) {
		return pawl.Ask(r, "say", pawl.Messages[string]("Saying something", llm.User("Topic: "+in.Topic))), nil
	})
}

// ends is a flow that returns an error.
func ends(name string, err error) pawl.Flow {
	return pawl.New(name, "End at once.", func(*pawl.Run, topic) (string, error) { return "", err })
}

func TestSuggestionsOnTerminalOnly(t *testing.T) {
	c := newCommand(t, echo("echo"))
	_, stderr := c.ok("run", "echo", "--topic", "tides")
	if strings.Contains(stderr, "pawl show") {
		t.Errorf("stderr is no terminal and suggests:\n%s", stderr)
	}
	c.terminal = true
	_, stderr = c.ok("run", "echo", "--topic", "tides")
	if !strings.Contains(stderr, "pawl show ") {
		t.Errorf("stderr is a terminal and suggests nothing:\n%s", stderr)
	}
}

// A run that failed for good is said to be so, and no command that goes on is named.
func TestFailedForGood(t *testing.T) {
	c := newCommand(t, ends("burn", pawl.Fail(errors.New("the bread is burnt"))))
	for _, args := range [][]string{{"run", "burn", "--topic", "x"}, {"resume", "last"}} {
		code, _, stderr := c.run(args...)
		if code != 1 || strings.Count(stderr, "the bread is burnt") != 1 || strings.Contains(stderr, "pawl resume") {
			t.Errorf("%v: exit code %d\n%s", args, code, stderr)
		}
	}
	if stdout, _ := c.ok("show", "last"); strings.Contains(stdout, "pawl resume") {
		t.Errorf("show says\n%s", stdout)
	}
	code, _, stderr := c.run("cancel", "last", "--yes")
	if code == 0 || !strings.Contains(stderr, "has failed for good: the bread is burnt") {
		t.Errorf("cancel: exit code %d\n%s", code, stderr)
	}
}

func TestCanceledAndFailedFlows(t *testing.T) {
	c := newCommand(t, ends("reject", pawl.ErrRejected), ends("break", errors.New("the oven is cold")))
	code, _, stderr := c.run("run", "reject", "--topic", "x")
	if code != 4 || !strings.Contains(lastLine(stderr), "was canceled") {
		t.Errorf("rejected: exit code %d\n%s", code, stderr)
	}
	if code, _, stderr = c.run("resume", "last"); code != 4 {
		t.Errorf("resume of a canceled run: exit code %d\n%s", code, stderr)
	}
	code, _, stderr = c.run("run", "break", "--topic", "x")
	if code != 1 || !strings.Contains(stderr, "the oven is cold") || !strings.HasPrefix(lastLine(stderr), "pawl resume ") {
		t.Errorf("failed: exit code %d\n%s", code, stderr)
	}
}

// A run of a flow that this program does not have can be listed and shown, with
// its values hidden, and not resumed.
func TestUnknownFlowOfRun(t *testing.T) {
	c := newCommand(t, ends("old", errors.New("no")))
	if code, _, stderr := c.run("run", "old", "--topic", "walrus"); code != 1 {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	c.flows = []pawl.Flow{echo("new")}
	for _, args := range [][]string{{"runs"}, {"show", "last"}, {"show", "last", "--json"}} {
		stdout, _ := c.ok(args...)
		if !strings.Contains(stdout, "old") || strings.Contains(stdout, "walrus") {
			t.Errorf("pawl %v shows\n%s", args, stdout)
		}
	}
	code, _, stderr := c.run("resume", "last")
	if code != 2 || !strings.Contains(stderr, `flow "old"`) {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// The list says the model that a run goes on with.
func TestRunsShowModelInForce(t *testing.T) {
	c := newCommand(t, ends("break", errors.New("the oven is cold")))
	c.run("run", "break", "--topic", "x", "--model", "offline")
	c.run("resume", "last", "--model", "offline?latency=1ms")
	c.run("resume", "last")
	for _, args := range [][]string{{"runs"}, {"runs", "--json"}, {"show", "last"}} {
		if stdout, _ := c.ok(args...); !strings.Contains(stdout, "offline?latency=1ms") {
			t.Errorf("pawl %v shows\n%s", args, stdout)
		}
	}
}

func TestAmbiguousRun(t *testing.T) {
	c := newCommand(t, echo("echo"))
	for range 40 { // of 32 first characters, one comes twice
		c.ok("run", "echo", "--topic", "x", "--quiet", "--model", "offline")
	}
	ids, _ := c.ok("runs", "--quiet")
	seen := map[byte]bool{}
	for id := range strings.Lines(ids) {
		if !seen[id[0]] {
			seen[id[0]] = true
			continue
		}
		code, _, stderr := c.run("show", id[:1])
		if code != 2 || !strings.Contains(stderr, "ambiguous") || strings.Count(stderr, "(echo, done)") < 2 {
			t.Errorf("show %q: exit code %d\n%s", id[:1], code, stderr)
		}
		c.ok("show", strings.TrimSpace(id))
		return
	}
	t.Fatal("no prefix came twice")
}

func TestTwoFlowsOfOneName(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	newCommand(t, echo("echo"), echo("echo")).run("flows")
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

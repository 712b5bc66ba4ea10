package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl/internal/terminaltest"
)

// inputsFile makes a file of so many inputs for flows that take a topic.
func inputsFile(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in.jsonl")
	if err := os.WriteFile(path, []byte(strings.Repeat(`{"topic":"tides"}`+"\n", n)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Results never take the place of the inputs, and what they cannot replace is
// refused before anything is paid.
func TestBatchRefusesResultsFile(t *testing.T) {
	c := newCommand(t, echo("echo"))
	in := inputsFile(t, 1)
	before, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.jsonl")
	if err := os.Link(in, link); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "folder.jsonl")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{in: "the inputs are in that file", link: "the inputs are in that file", folder: "it is not a regular file"} {
		code, stdout, stderr := c.run("batch", "echo", in, "-o", path, "--model", "offline")
		if code != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("-o %s: exit code %d\n%s%s", path, code, stdout, stderr)
		}
	}
	if after, err := os.ReadFile(in); err != nil || string(after) != string(before) {
		t.Errorf("the inputs are %q now, %v", after, err)
	}
	if stdout, _ := c.ok("runs", "--quiet"); stdout != "" {
		t.Errorf("runs were made:\n%s", stdout)
	}
}

// Results that stand on the same terminal as what is said about them stay whole.
func TestBatchResultsOnTerminal(t *testing.T) {
	c, in := newCommand(t, echo("echo")), inputsFile(t, 6)
	synctest.Test(t, func(t *testing.T) {
		c.signals = make(chan os.Signal, 2)
		c.screen = terminaltest.New(900, 40)
		c.terminal, c.stdout = true, c.screen
		c.ok("batch", "echo", in, "--model", "offline?latency=300ms", "--limit", "1")
		text := strings.Join(c.screen.Lines(), "\n")
		if n := strings.Count(text, `{"line":`); n != 6 || c.screen.Err() != nil {
			t.Errorf("%d results, %v:\n%s", n, c.screen.Err(), text)
		}
	})
}

// A reason of several lines is one line of the message: it cannot pass for those
// of other lines.
func TestBatchReasonIsOneLine(t *testing.T) {
	c := newCommand(t, ends("ends", errors.New("one\nline 7: two")))
	code, _, stderr := c.run("batch", "ends", inputsFile(t, 1))
	if code != 1 || !strings.Contains(stderr, "\npawl: line 1: one line 7: two\n") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/terminaltest"
	"github.com/pawlrun/pawl/llm"
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

// A results file stands for its batch: another flow's, or a file that is no
// results file, is refused before anything is made. An empty one is nobody's.
func TestBatchKeepsOtherFiles(t *testing.T) {
	c := newCommand(t, echo("echo"), echo("other"))
	in, dir := inputsFile(t, 1), t.TempDir()
	path := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	mine, empty := filepath.Join(dir, "mine.jsonl"), path("empty.jsonl", "\n")
	c.ok("batch", "echo", in, "-o", mine, "--model", "offline")
	c.ok("batch", "echo", in, "-o", empty, "--model", "offline")
	runs, _ := c.ok("runs", "--quiet")
	for file, want := range map[string]string{
		mine: "results of flow echo are in that file",
		path("inputs.jsonl", `{"topic":"tides"}`+"\n"):                          "it is not a results file",
		path("notes.jsonl", "dear diary\n"):                                     "it is not a results file",
		path("cut.jsonl", `{"line":1,"run":"0123456789ab","status":"do`):        "it is not a results file",
		path("almost.jsonl", `{"line":1,"run":"someone","status":"done"}`+"\n"): "it is not a results file",
	} {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := c.run("batch", "other", in, "-o", file, "--model", "offline")
		if code != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("-o %s: exit code %d\n%s%s", file, code, stdout, stderr)
		}
		if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
			t.Errorf("%s is %q now, %v", file, after, err)
		}
	}
	if now, _ := c.ok("runs", "--quiet"); now != runs {
		t.Errorf("runs were made:\n%s", now)
	}
	c.env["PAWL_DATA"] = t.TempDir() + "/another" // which does not know the runs
	c.ok("batch", "echo", in, "-o", mine, "--model", "offline")
}

// What a failed line's error says to do is said once for its reason.
func TestBatchShowsHints(t *testing.T) {
	c := newCommand(t, ends("ends", &pawl.Error{Kind: pawl.ErrFlow, Message: "it is cold", Hint: "light\nthe fire"}))
	code, _, stderr := c.run("batch", "ends", inputsFile(t, 2))
	if code != 1 || !strings.Contains(stderr, "\npawl: lines 1, 2: it is cold\nhint: light the fire\npawl batch ") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	code, stdout, stderr := c.run("batch", "ends", inputsFile(t, 1), "-o", filepath.Join(t.TempDir(), "r.jsonl"), "--json")
	if code != 1 || !strings.Contains(stdout, `"hint": "light\nthe fire"`) || !strings.Contains(stderr, `line 1: it is cold; hint: light the fire`) {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

// The sums are those of this command: what was done before took nothing now.
func TestBatchUsageIsOfThisCommand(t *testing.T) {
	broken := true
	c := newCommand(t, pawl.New("twice", "Ask, then end.", func(r *pawl.Run, in topic) (string, error) {
		said := pawl.Ask(r, "say", pawl.Messages[string]("Saying something", llm.User("Topic: "+in.Topic)))
		if in.Topic == "moons" && broken {
			return "", errors.New("it is cold")
		}
		return said + pawl.Ask(r, "again", pawl.Messages[string]("Saying it again", llm.User("Topic: "+in.Topic))), nil
	}))
	in, out := inputsFile(t, 3), filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(in, []byte(`{"topic":"tides"}`+"\n"+`{"topic":"moons"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := c.run("batch", "twice", in, "-o", out)
	if code != 1 || !strings.Contains(stderr, "1 done, 3 model calls,") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	broken = false
	if _, stderr = c.ok("batch", "twice", in, "-o", out); !strings.Contains(stderr, "2 done (1 before), 1 model call, ") || strings.Contains(stderr, "unknown") {
		t.Errorf("a failed line that goes on:\n%s", stderr)
	}
	if _, stderr = c.ok("batch", "twice", in, "-o", out); !strings.Contains(stderr, "2 done (2 before), 0 model calls, 0 tokens in, 0 out,") {
		t.Errorf("nothing to do:\n%s", stderr)
	}
	if stdout, _ := c.ok("batch", "twice", in, "-o", out, "--json"); !strings.Contains(stdout, `"model_calls": 0`) {
		t.Errorf("as JSON:\n%s", stdout)
	}
}

// A batch in a pipe whose lines take long says every minute how far it has come.
func TestBatchIsNotSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCommand(t, short())
		c.providers = []llm.Provider{writer(strings.Repeat(" ", 149) + "high")}
		_, stderr := c.ok("batch", "short", inputsFile(t, 1))
		if n := strings.Count(stderr, "] 0 of 1 line (0 %); 1 running\n"); n != 2 {
			t.Errorf("it says so %d times\n%s", n, stderr)
		}
	})
}

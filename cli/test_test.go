package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

type essayInput struct {
	Token string `json:"token"`
}

// essays is a flow that says its words about a token, once or twice.
func essays[In any](words string, more bool, token func(In) string) pawl.Flow {
	return pawl.New("essays", "Write.", func(r *pawl.Run, in In) (string, error) {
		pawl.Ask(r, "say", pawl.Messages[string]("Saying it", llm.User(words+token(in)+".")))
		if more {
			pawl.Ask(r, "more", pawl.Messages[string]("Saying more", llm.User("Topic: tides. Say more.")))
		}
		return "written", nil
	})
}

func ofEssay(in essayInput) string   { return in.Token }
func ofSecret(in secretInput) string { return in.Token }

// recordEssay exports a run of the flow, and returns the directory with its file.
func recordEssay(t *testing.T) (c *command, dir string) {
	t.Helper()
	dir = t.TempDir()
	c = newCommand(t, essays("Say something that is true and not too long about ", false, ofEssay))
	c.ok("run", "essays", "--token", "rus-4711", "--model", "offline")
	c.ok("export", "last", "-o", filepath.Join(dir, "run.json"))
	return c, dir
}

// What a flow's types say now is sensitive is not printed, also of a file from before.
func TestTestMasks(t *testing.T) {
	c, dir := recordEssay(t)
	c.flows = []pawl.Flow{essays("Say nothing about ", false, ofSecret)}
	for _, args := range [][]string{{"test", dir}, {"test", dir, "--json"}} {
		code, out, errs := c.run(args...)
		if code != 1 || strings.Contains(out+errs, "rus-4711") || !strings.Contains(out, "Say nothing about ***.") {
			t.Errorf("%s: exit code %d\n%s%s", args, code, out, errs)
		}
	}
	c = newCommand(t, leaky()) // the file has no token
	c.ok("run", "leaky", "--token", secret, "--model", "offline")
	c.ok("export", "last", "-o", filepath.Join(dir, "run.json"))
	for _, args := range [][]string{{"test", dir}, {"test", dir, "--json"}, {"test", dir, "--update"}} {
		code, out, errs := c.run(args...)
		if code != 1 || strings.Contains(out+errs, "rus-4711") || strings.Contains(out+errs, boxCode) || !strings.Contains(out, "withholds its input") {
			t.Errorf("%s: exit code %d\n%s%s", args, code, out, errs)
		}
	}
}

// What is otherwise can be read on a narrow terminal: no line is wider.
func TestTestIsNarrow(t *testing.T) {
	c, dir := recordEssay(t)
	t.Chdir(dir)
	c.flows = []pawl.Flow{essays("Say something that is funny and not too long about ", true, ofEssay)}
	for _, width := range []int{40, 80} {
		c.terminal, c.width = true, width
		code, out, _ := c.run("test", ".")
		if code != 1 || !strings.Contains(out, "+ Say something that is funny") {
			t.Errorf("exit code %d\n%s", code, out)
		}
		for line := range strings.Lines(out) {
			if n := term.Cells(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns wide on a terminal of %d: %s", n, width, line)
			}
		}
	}
}

// Each file is a line, or an element, and the exit code says whether all is as recorded.
func TestTestTellsOfEachFile(t *testing.T) {
	c, dir := recordEssay(t)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("notes.json", `{"a": 1}`)
	write("half.json", `{"pawl_run":1,`)
	check := func(wantCode int, want map[string]testResult, args ...string) {
		t.Helper()
		code, out, errs := c.run(append(args, "--json")...)
		var all []tested
		if err := json.Unmarshal([]byte(out), &all); err != nil {
			t.Fatalf("%v\n%s%s", err, out, errs)
		}
		got := map[string]testResult{}
		for _, one := range all {
			got[filepath.Base(one.File)] = one.Result
			if (one.Error != nil) != (one.Result == testFailed) || (len(one.Misses) > 0) != (one.Result == testMisses || one.Result == testUpdated) {
				t.Errorf("%+v", one)
			}
		}
		if code != wantCode || len(got) != len(want) {
			t.Errorf("exit code %d, want %d: %v, want %v", code, wantCode, got, want)
		}
		for name, result := range want {
			if got[name] != result {
				t.Errorf("%s: %s, want %s", name, got[name], result)
			}
		}
	}
	check(1, map[string]testResult{"run.json": testOK, "half.json": testFailed}, "test", dir)
	if err := os.Remove(filepath.Join(dir, "half.json")); err != nil {
		t.Fatal(err)
	}
	check(0, map[string]testResult{"run.json": testOK}, "test", dir)
	was := c.flows
	c.flows = []pawl.Flow{leaky()}
	check(0, map[string]testResult{"run.json": testSkipped}, "test", dir)
	c.flows = []pawl.Flow{essays("Say something about ", true, ofEssay)}
	check(1, map[string]testResult{"run.json": testMisses}, "test", filepath.Join(dir, "run.json"))
	check(0, map[string]testResult{"run.json": testUpdated}, "test", dir, "--update")
	check(0, map[string]testResult{"run.json": testOK}, "test", dir, "--update")
	c.flows = was
	check(1, map[string]testResult{"run.json": testMisses}, "test", dir)
}

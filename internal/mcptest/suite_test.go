package mcptest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write down what the suite says")

// The revisions of the protocol, by each of which the suite has a set of scenarios.
var revisions = []string{"2025-11-25", "2026-07-28"}

// unscored are scenarios that the suite runs and does not count, and that Pawl does not pass:
// tasks are an extension that it has not.
var unscored = regexp.MustCompile(`^tasks-`)

// needsFixtures are, by revision, the scenarios that fail where there are no fixtures.
const needsFixtures = `^(completion-complete|elicitation-.*|tools-call-.*|resources-(read-.*|templates-.*|subscribe|unsubscribe)|prompts-get-.*|json-schema-2020-12|http-custom-header-.*|server-sse-polling|tasks-.*` +
	`|input-required-result-(basic-.*|request-state|multi.*|non-tool-request|result-type|tampered-state|capability-check)|server-stateless)$`

// Pawl's handlers pass what the suite requires, where the fixtures are there that it asks for.
func TestSuite(t *testing.T) {
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			tools(t)
			check(t, "fixtures-"+revision, unscored, run(t, revision, front(t, fixtures(t), operator)))
		})
	}
}

// The command passes what wants no fixtures.
func TestSuiteOnServe(t *testing.T) {
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			tools(t)
			base, token := serve(t, t.TempDir())
			check(t, "serve-"+revision, regexp.MustCompile(needsFixtures), run(t, revision, front(t, base, token)))
		})
	}
}

// checks are how many checks of a scenario came to what.
type checks map[string]int

func (c checks) String() string {
	var all []string
	for _, status := range slices.Sorted(maps.Keys(c)) {
		all = append(all, fmt.Sprintf("%s %d", status, c[status]))
	}
	return strings.Join(all, ", ")
}

// run has the suite ask a server, and returns what it found, by scenario.
func run(t *testing.T, revision, url string) map[string]checks {
	t.Helper()
	out := t.TempDir()
	cmd := node(t, "@modelcontextprotocol/conformance/dist/index.js", "server", "--url", url+"/mcp", "--requirements", revision, "--output-dir", out, "--timeout", "60000")
	said, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	found := map[string]checks{}
	files, err := filepath.Glob(filepath.Join(out, "server-*", "checks.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the suite says %v: %s", err, said)
	}
	for _, file := range files {
		scenario := scenarioOf(t, filepath.Base(filepath.Dir(file)))
		text, err := os.ReadFile(file)
		var all []struct{ ID, Status, ErrorMessage string }
		if err == nil {
			err = json.Unmarshal(text, &all)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		found[scenario] = checks{}
		for _, c := range all {
			if found[scenario][c.Status]++; c.Status == "FAILURE" || c.Status == "WARNING" {
				t.Logf("%s %s: %s: %.300s", scenario, c.ID, c.Status, c.ErrorMessage)
			}
		}
	}
	for line := range strings.Lines(string(said)) { // a scenario that ends before it has written
		if m := regexp.MustCompile(`^=== Running scenario: (\S+) ===`).FindStringSubmatch(line); m != nil && found[m[1]] == nil {
			t.Errorf("%s has left no report", m[1])
		}
	}
	return found
}

// scenarioOf is the scenario of a folder of reports: server-SCENARIO-TIME.
func scenarioOf(t *testing.T, folder string) string {
	t.Helper()
	m := regexp.MustCompile(`^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$`).FindStringSubmatch(folder)
	if m == nil {
		t.Fatalf("the suite has left a folder %s", folder)
	}
	return m[1]
}

// check compares what the suite found with what it found before: no scenario and no check may
// be gone, and one that passes though it was to fail is to be written down. Whatever is written
// there, none may fail but those that mayFail names.
func check(t *testing.T, name string, mayFail *regexp.Regexp, found map[string]checks) {
	t.Helper()
	var got bytes.Buffer
	for _, scenario := range slices.Sorted(maps.Keys(found)) {
		c := found[scenario]
		fmt.Fprintf(&got, "%s: %s\n", scenario, c)
		if (c["FAILURE"] > 0 || c["SUCCESS"] == 0 && c["SKIPPED"] == 0) && !mayFail.MatchString(scenario) {
			t.Errorf("%s fails: %s", scenario, c)
		}
	}
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, now := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
	for _, line := range before {
		if !slices.Contains(now, line) {
			t.Errorf("%s had %q, and has it no more; if that is as it should be: -update", file, line)
		}
	}
	for _, line := range now {
		if !slices.Contains(before, line) {
			t.Errorf("%s has no %q", file, line)
		}
	}
}

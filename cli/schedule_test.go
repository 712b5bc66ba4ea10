package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/schedule"
)

// TestScheduleIsMasked: what is sensitive in the input of a schedule is shown by no command,
// also when it does not fit its flow any more and the complaint quotes it.
func TestScheduleIsMasked(t *testing.T) {
	c := newCommand(t, leaky())
	var shown strings.Builder
	do := func(args ...string) string {
		_, stdout, stderr := c.run(args...)
		shown.WriteString(stdout + stderr)
		return stdout
	}
	do("schedule", "add", "leaky", "--token", secret, "--cron", "@daily", "--json")
	do("schedule", "add", "leaky", "--token", secret, "--cron", "@daily", "--name", "second")
	for _, args := range [][]string{{"list"}, {"list", "--json"}, {"pause", "leaky", "--json"}, {"resume", "leaky"}, {"run-now", "leaky"}, {"run-now", "leaky", "--json"}, {"remove", "second", "--json"}} {
		do(append([]string{"schedule"}, args...)...)
	}
	if n := strings.Count(shown.String(), `"token": "***"`); n != 6 {
		t.Errorf("the token is masked %d times, want 6:\n%s", n, shown.String())
	}

	db, err := sqlite.Open(t.Context(), c.env["PAWL_DATA"], nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := db.Schedules(t.Context())
	if err == nil {
		all[0].Input, _ = json.Marshal(map[string]any{"token": secret, "odd": true, "fail": secret})
		all[0].Problem = "cannot use " + secret
		_, err = db.UpdateSchedule(t.Context(), all[0])
	}
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	var list []schedule.Record
	if err := json.Unmarshal([]byte(do("schedule", "list", "--json")), &list); err != nil || len(list) != 1 ||
		!strings.Contains(list[0].Problem, "its input does not fit the flow any more: ") || list[0].Next != nil {
		t.Errorf("list is %+v, %v", list, err)
	}
	do("schedule", "list")
	do("schedule", "run-now", "leaky")
	for _, leak := range []string{secret, `rus-4711`} {
		if strings.Contains(shown.String(), leak) {
			t.Errorf("%s is shown:\n%s", leak, shown.String())
		}
	}
}

// TestScheduleOfAnotherProgram: one whose flow this program has not got, or that is another
// program's, is shown as such, with no value of its input, and makes no run here.
func TestScheduleOfAnotherProgram(t *testing.T) {
	c := newCommand(t, leaky())
	c.name = "press"
	c.ok("schedule", "add", "leaky", "--token", secret, "--cron", "@daily")
	for name, test := range map[string]struct {
		flows []pawl.Flow
		says  string
	}{
		"other": {[]pawl.Flow{leaky()}, "it is of the program press, whose workers run it"},
		"press": {[]pawl.Flow{asksAtOnce()}, "this program has no flow leaky"},
	} {
		c.name, c.flows = name, test.flows
		out, _ := c.ok("schedule", "list")
		code, _, stderr := c.run("schedule", "run-now", "leaky")
		doc, _ := c.ok("schedule", "list", "--json")
		if !strings.Contains(out, "  problem  "+test.says) || code != 2 || !strings.Contains(stderr, test.says) || strings.Contains(out+stderr+doc, "rus-4711") {
			t.Errorf("%s: list is\n%s%s\nrun-now: exit code %d, %s", name, out, doc, code, stderr)
		}
	}
}

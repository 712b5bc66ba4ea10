package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

func explode(topics []string) string { return topics[3] }

// show tells a run's notes in their place, and of a panic where it was.
func TestShowIsTheStory(t *testing.T) {
	c := newCommand(t, pawl.New("boom", "Break.", func(r *pawl.Run, in topic) (string, error) {
		r.Note("before all")
		pawl.Do(r, "work", 1, func(context.Context, int) (int, error) { return 1, nil })
		r.Note("the work is done")
		return explode([]string{in.Topic}), nil
	}))
	if code, _, stderr := c.run("run", "boom"); code != 1 || strings.Count(stderr, "index out of range") != 1 {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	stdout, _ := c.ok("show", "last")
	last := -1
	for _, want := range []string{"\nreason ", "index out of range", "] before all\n", "\nwork ", "] the work is done\n",
		"\nat       github.com/pawlrun/pawl/cli.explode ", "\nhint ", "\ngo on "} {
		i := strings.Index(stdout, want)
		if i <= last {
			t.Errorf("%q is missing or in the wrong place:\n%s", want, stdout)
		}
		last = i
	}
	if strings.Count(stdout, "index out of range") != 1 || strings.Contains(stdout, "engine/local") || strings.Contains(stdout, "runtime.") {
		t.Errorf("show says too much:\n%s", stdout)
	}
}

func TestTook(t *testing.T) {
	for want, times := range map[string]view.Times{
		"":                            {},
		"took 5s":                     {Executed: 5 * time.Second, Over: 5 * time.Second},
		"executed for 6s over 1h0m9s": {Executed: 6 * time.Second, Over: time.Hour + 9*time.Second, Resumed: true},
	} {
		if got := took(times); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What several steps ask alike is asked once, and a do step is never billed.
func TestShowAsksOnce(t *testing.T) {
	ask := "3 attempts in a row were lost: make it again?"
	rec := pawl.RunRecord{ID: "r1", Flow: "f", Status: pawl.StatusWaiting, Reason: ask, Blockers: []pawl.Blocker{
		{Key: "a", Kind: pawl.BlockerUnknown, Question: ask}, {Key: "b", Kind: pawl.BlockerUnknown, Question: ask}}}
	var out bytes.Buffer
	a := newApp(world{program: "mine", getenv: func(string) string { return "" }, zone: time.UTC}, Program{})
	p := &page{w: &out, zone: time.UTC}
	a.showRun(p, rec, "took 1s")
	p.steps([]pawl.StepRecord{
		{Key: "a", Kind: pawl.KindAsk, Attempts: []pawl.Attempt{{Number: 1, Outcome: pawl.OutcomeUnknown}, {Number: 2, Outcome: pawl.OutcomeUnknown}}},
		{Key: "b", Kind: pawl.KindDo, Attempts: []pawl.Attempt{{Number: 1, Outcome: pawl.OutcomeUnknown}}},
	}, nil)
	a.showWayOn(p, rec)
	for _, want := range []string{"asked    a, b: " + ask, "attempts 1 to 2 unknown: how it ended was not seen; it may have been billed",
		"attempt 1 unknown: how it ended was not seen; its effect may have happened", "go on    mine resume r1\n"} {
		if strings.Count(out.String(), want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, out.String())
		}
	}
	if strings.Count(out.String(), ask) != 1 {
		t.Errorf("it asks more than once:\n%s", out.String())
	}
	if got := waiting(rec, map[string]bool{ask: true}).Message; got != "run r1 waits for a person: a, b" {
		t.Errorf("after the lines it says %q", got)
	}
}

// Commands in records name this program and its data.
func TestCommandsAreOurs(t *testing.T) {
	a := newApp(world{program: "mine"}, Program{})
	a.data = "my data"
	for want, b := range map[string]pawl.Blocker{
		"mine resume r1 --data 'my data'":                                                  {Key: "a", Actions: []pawl.Action{{Name: pawl.DecideRetry}}},
		"mine cancel r1 --data 'my data'":                                                  {Key: "a", Actions: []pawl.Action{{Name: pawl.DecideCancel}}},
		"mine approve r1 'a[1]/b#2' --seen 0123456789ab --data 'my data'":                  {Key: "a[1]/b#2", Digest: "sha256:0123456789abcdef", Actions: []pawl.Action{{Name: pawl.DecideApprove}}},
		"mine reject r1 a --seen 01 -m TEXT --data 'my data'":                              {Key: "a", Digest: "sha256:01", Actions: []pawl.Action{{Name: pawl.DecideReject}}},
		"mine supply r1 a --seen 01 --file FILE --data 'my data'":                          {Key: "a", Digest: "sha256:01", Actions: []pawl.Action{{Name: pawl.DecideSupply}}},
		"mine raise r1 --budget-usd 0.5 --budget-calls 4 --data 'my data'":                 {Key: "a", Actions: []pawl.Action{{Name: pawl.DecideRaise, Budget: &pawl.Budget{USD: new(0.5), Calls: new(int64(4))}}}},
		"mine raise r1 --budget-usd N --budget-tokens N --budget-calls N --data 'my data'": {Key: "a", Actions: []pawl.Action{{Name: pawl.DecideRaise}}},
	} {
		rec := a.withCommands(pawl.RunRecord{ID: "r1", Blockers: []pawl.Blocker{b}})
		if got := rec.Blockers[0].Actions[0].Command; got != want {
			t.Errorf("the command is %q, wants %q", got, want)
		}
	}
}

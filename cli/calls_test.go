package cli

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
)

func appWith(env map[string]string) *app {
	return newApp(world{program: "pawl", getenv: func(name string) string { return env[name] }}, Program{})
}

// Flags stand above the environment, model by model; what they say is said again the same.
func TestCallLimits(t *testing.T) {
	for _, c := range []struct {
		args, env, time string
		max             map[string]int
		timeout         time.Duration
	}{
		{"", "", "", map[string]int{}, 0},
		{"", "openai/a=3, openai-chat/*=1", "10m", map[string]int{"openai/a": 3, "openai-chat/*": 1}, 10 * time.Minute},
		{"--max-calls openai/a=2 --timeout 45s", "openai/a=3,openai-chat/*=1", "10m", map[string]int{"openai/a": 2, "openai-chat/*": 1}, 45 * time.Second},
		{"--max-calls offline?fail=1=2 --max-calls openai-chat/q/b:1=4 --timeout 20m", "", "", map[string]int{"offline?fail=1": 2, "openai-chat/q/b:1": 4}, 20 * time.Minute},
		{"--max-calls openai/a=1,openai/b=2 --timeout 1h", "", "", map[string]int{"openai/a": 1, "openai/b": 2}, time.Hour},
	} {
		a := appWith(map[string]string{maxCallsVariable: c.env, timeoutVariable: c.time})
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		a.callFlags(flags)
		if err := flags.Parse(strings.Fields(c.args)); err != nil {
			t.Fatal(err)
		}
		l, err := a.limits()
		if err != nil || !maps.Equal(l.max, c.max) || l.timeout != c.timeout {
			t.Errorf("%s, %s, %s: %+v, %v", c.args, c.env, c.time, l, err)
		}
		if again := strings.Join(a.calls.words(), " "); again != strings.ReplaceAll(c.args, ",", " --max-calls ") {
			t.Errorf("%q is said again as %q", c.args, again)
		}
	}
}

func TestCallLimitsRefuse(t *testing.T) {
	for _, args := range []string{"--max-calls x", "--max-calls openai/a", "--max-calls openai/a=", "--max-calls =1", "--max-calls openai/a=0", "--max-calls openai/a=-1",
		"--max-calls openai/a=1.5", "--max-calls openai/a=1,", "--max-calls openai/g*=1", "--timeout 5", "--timeout 0s", "--timeout -5s", "--timeout soon"} {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		appWith(nil).callFlags(flags)
		if err := flags.Parse(strings.Fields(args)); err == nil {
			t.Errorf("%s is taken", args)
		}
	}
	for want, env := range map[string]map[string]string{
		`PAWL_MAX_CALLS is "x", wants MODEL=N`:                                {maxCallsVariable: "x"},
		`PAWL_TIMEOUT is "5", wants a time above 0, as in 90s or 10m`:         {timeoutVariable: "5"},
		`PAWL_MAX_CALLS: openai is no model; wants openai/NAME, or openai/* `: {maxCallsVariable: "offline=2,openai=1"},
		`PAWL_MAX_CALLS: opnai/*: no provider "opnai"; providers are `:        {maxCallsVariable: "opnai/*=1"},
	} {
		if _, err := appWith(env).limits(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", env, err)
		}
	}
}

// Who has run out of time at a model is told which flags give more; who has not, is not.
func TestSlowHint(t *testing.T) {
	rec := pawl.RunRecord{Model: "openai/a", Error: &pawl.ErrorRecord{Kind: "timeout", Step: "draft"}, Steps: []pawl.StepRecord{
		{Key: "draft", Attempts: []pawl.Attempt{{Model: "openai/a"}, {Model: "openai-chat/b"}}}, {Key: "fetch", Attempts: []pawl.Attempt{{}}}}}
	const ways = "--timeout 10m gives each attempt more time, --max-calls 'openai-chat/*=1' sends one call at a time"
	a := appWith(nil)
	if got := a.slowHint(rec, "give it time"); got != "give it time; "+ways {
		t.Error(got)
	}
	if got := a.slowHint(rec, ""); got != ways {
		t.Error(got)
	}
	a.calls.timeout = 15 * time.Minute
	if got, want := a.slowHint(rec, ""), strings.Replace(ways, "10m", "30m", 1); got != want {
		t.Error(got)
	}
	rec.Error.Kind = "rate_limit"
	if got := a.slowHint(rec, ""); got != "--max-calls 'openai-chat/*=1' sends one call at a time" {
		t.Error(got)
	}
	rec.Error.Kind = "timeout"
	rec.Error.Step = "fetch" // a do, of whose code no flag knows
	if got := a.slowHint(rec, "as it was"); got != "as it was" {
		t.Error(got)
	}
	rec.Error = &pawl.ErrorRecord{Kind: "auth", Step: "draft"}
	if got := a.slowHint(rec, "set a key"); got != "set a key" {
		t.Error(got)
	}
}

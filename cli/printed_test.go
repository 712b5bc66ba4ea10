package cli

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
)

// under is an app that executes a command line.
func under(t *testing.T, args ...string) *app {
	t.Helper()
	one := pawl.New("one", "Is one.", func(*pawl.Run, struct{}) (int, error) { return 1, nil })
	a := newApp(world{program: "pawl", args: args, getenv: func(string) string { return "" }}, Program{Flows: []pawl.Flow{one}})
	root := a.root()
	c, rest, err := root.Find(args)
	if err == nil {
		err = c.ParseFlags(rest)
	}
	if err != nil {
		t.Fatal(err)
	}
	a.under = c
	return a
}

// What was given to this command is given to the next one, where it is the same there.
func TestCommandsAreMadeFromWhatWasGiven(t *testing.T) {
	late := pawl.RunRecord{ID: "r1", Model: "openai/a", Error: &pawl.ErrorRecord{Kind: "timeout"}} // the same time would not do
	refused := pawl.RunRecord{ID: "r1", Model: "openai/a", Error: &pawl.ErrorRecord{Kind: "auth"}}
	for _, tt := range []struct {
		args string
		make func(a *app) string
		want string
	}{
		{"resume r1 --prompts p -o out.md --max-calls openai/*=1 --timeout 10m --strict --model openai/x --json --quiet",
			func(a *app) string { return a.resumeCommand("r1") },
			"pawl resume r1 -o out.md --strict --max-calls 'openai/*=1' --timeout 10m"},
		{"resume r1 --prompts p -o out.md --strict --data d", func(a *app) string { return a.command("approve", "r1", "publish", "--seen", "ab") },
			"pawl approve r1 publish --seen ab -o out.md --data d"},
		{"resume r1 --timeout 1s -o out.md", func(a *app) string { return a.failedCommand(late) }, "pawl resume r1 --timeout 10m -o out.md"},
		{"resume r1 --timeout 20m", func(a *app) string { return a.failedCommand(late) }, "pawl resume r1 --timeout 40m"},
		{"resume r1 -o out.md", func(a *app) string { return a.failedCommand(late) }, "pawl resume r1 -o out.md"},
		{"resume r1 --timeout 1s", func(a *app) string { return a.failedCommand(refused) }, "pawl resume r1 --timeout 1s"},
		{"resume r1 -o out.md", func(a *app) string { return a.command("show", "r1") }, "pawl show r1"},
		{"resume r1 -o out.md --timeout 10m", func(a *app) string { return a.command("run", "one", "--example") }, "pawl run one --example -o out.md --timeout 10m"},
		{"resume r1 -o out.md --model openai/x --fallback openai/y --fallback openai/z --strict --json", func(a *app) string { return a.again("resume", "r1", "--take") },
			"pawl resume r1 --take -o out.md --model openai/x --fallback openai/y --fallback openai/z --strict"},
		{"approve r1 publish -m fine --set title=x --value y", func(a *app) string { return a.command("approve", "r1", "other") }, "pawl approve r1 other"},
		{"worker --limit 4 --strict --on-change keep --drain --quiet", func(a *app) string { return a.again("worker") },
			"pawl worker --limit 4 --strict --on-change keep --drain"},
		{"worker --strict=false", func(a *app) string { return a.again("worker") }, "pawl worker --strict=false"},
		{"batch blog in.jsonl -o results.jsonl --limit 4 --budget-usd 2 --prompts p", func(a *app) string { return a.again("batch", "blog", "in.jsonl") },
			"pawl batch blog in.jsonl -o results.jsonl --limit 4 --budget-usd 2 --prompts p"},
		{"batch blog in.jsonl -o results.jsonl --prompts p", func(a *app) string { return a.command("approve", "r1") }, "pawl approve r1"},
	} {
		if got := tt.make(under(t, strings.Fields(tt.args)...)); got != tt.want {
			t.Errorf("%s prints\n%s, want\n%s", tt.args, got, tt.want)
		}
	}
}

// Every flag of every command is given again as it was given, whatever it holds.
func TestFlagsAreGivenAgain(t *testing.T) {
	const hostile = "$(id) `id`; it's \x1b]0;t\x07\u202e -x"
	values := map[string]string{"int": "7", "calls": "openai/*=3", "time": "1h30m0s", "dollars": "0.5", "count": "12", "choice": "keep", "format": "json", "statuses": "failed,waiting", "since": "2026-01-31T12:00:00Z", "period": "day", "zone": "Europe/Berlin", "by": "model", "wait": "24h"}
	a := newApp(world{program: "pawl", getenv: func(string) string { return "" }, zone: time.UTC, now: time.Now}, Program{})
	var commands func(c *cobra.Command)
	commands = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			commands(sub)
		}
		var want []string
		for _, name := range flagNames(c) {
			f := c.Flags().Lookup(name)
			if name == "help" || c.Root() == c || c.InheritedFlags().Lookup(name) != nil {
				continue
			}
			given := []string{"--" + name}
			if f.Shorthand != "" {
				given = []string{"-" + f.Shorthand}
			}
			if f.Value.Type() != "bool" {
				value, isKnown := values[f.Value.Type()]
				switch {
				case name == "notify": // see TestSecretAddress
					value = "https://hook.example"
				case !isKnown:
					value = hostile
				}
				given = append(given, value)
			}
			if err := c.ParseFlags(given); err != nil {
				t.Fatalf("%s: %v", c.CommandPath(), err)
			}
			want = append(want, given...)
		}
		a.under = c
		line := a.again()
		out, err := exec.Command("sh", "-c", strings.Replace(line, "pawl", `printf '%s\000'`, 1)).Output()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got := strings.TrimSuffix(string(out), "\x00")
		if want := strings.Join(want, "\x00"); strings.ReplaceAll(got, "1h30m", "1h30m0s") != want {
			t.Errorf("%s prints %s, which a shell reads as\n%q, want\n%q", c.CommandPath(), line, got, want)
		}
	}
	commands(a.root())
}

// An address that may be a secret is in no printed command.
func TestSecretAddress(t *testing.T) {
	for address, isPrinted := range map[string]bool{
		"https://hook.example": true, "https://hook.example/otter": false, "https://u:otter@hook.example": false, "https://hook.example?otter": false, "otter": false,
	} {
		a := newApp(world{program: "pawl", getenv: func(string) string { return "" }, zone: time.UTC, now: time.Now}, Program{})
		c, _, err := a.root().Find([]string{"worker"})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.ParseFlags([]string{"--notify", address, "--limit", "7"}); err != nil {
			t.Fatal(err)
		}
		a.under = c
		want := "pawl worker --limit 7"
		if isPrinted {
			want = "pawl worker --notify " + address + " --limit 7"
		}
		if got := a.again("worker"); got != want {
			t.Errorf("%s: prints %s, want %s", address, got, want)
		}
	}
}

package cli

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// kept is a journal that outlives the commands that use it.
type kept struct{ *journal.Memory }

func (kept) Close() error { return nil }

// shouter answers with what it was asked.
func shouter() llm.Provider {
	return llm.Provider{Name: "echo", About: "Says it again.", Models: []string{"loud"}, New: func(func(string) string) llm.Model {
		return llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
			return llm.Response{Text: req.Messages[len(req.Messages)-1].Text() + "!"}, nil
		})
	}}
}

var shout = pawl.New("shout", "Says it loud.", func(r *pawl.Run, in topic) (string, error) {
	said := pawl.Ask(r, "say", pawl.Messages[string]("Saying", llm.User(in.Topic)))
	pawl.Approve(r, "check", said, "Loud enough?", pawl.Reasons("drop"))
	return said, nil
})

// A program brings a provider and a journal of its own, and has every command over
// them: nothing of it is known to the package.
func TestProgramOfOnesOwn(t *testing.T) {
	j := kept{journal.NewMemory()}
	c := newCommand(t, shout)
	c.providers = []llm.Provider{shouter()}
	c.open = func(_ context.Context, s Settings) (*Store, error) { return s.Local(j), nil }

	if code, _, stderr := c.run("run", "shout", "--topic", "ahoy", "--no-input"); code != 3 || !strings.Contains(stderr, "with echo/loud") {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	for command, want := range map[string]string{
		"runs":                            "shout  waiting",
		"show last":                       "Loud enough?",
		"show last --step say":            "ahoy!",
		"inbox":                           "approval",
		"logs last":                       "check waits: Loud enough?",
		"help models":                     "Says it again.",
		"doctor":                          "terminal",
		"__complete run shout --model ec": "echo/loud",
	} {
		if stdout, _ := c.ok(strings.Fields(command)...); !strings.Contains(stdout, want) {
			t.Errorf("%s does not say %q:\n%s", command, want, stdout)
		}
	}
	if stdout, _ := c.ok("approve", "last", "--no-input"); stdout != "\"ahoy!\"\n" && stdout != "ahoy!\n" {
		t.Errorf("approved: %q", stdout)
	}
	if _, err := os.Stat(c.env["PAWL_DATA"]); !os.IsNotExist(err) {
		t.Errorf("a data directory was made: %v", err)
	}
}

// bare is an engine that can do no more than the contract says.
type bare struct{ pawl.Engine }

// What only some engines can do is refused by the others, in words.
func TestBareEngine(t *testing.T) {
	j := kept{journal.NewMemory()}
	c := newCommand(t, shout)
	c.providers = []llm.Provider{shouter()}
	c.open = func(_ context.Context, s Settings) (*Store, error) {
		store := s.Local(j)
		store.Engine, store.Close = bare{store.Engine}, nil
		return store, nil
	}
	if code, _, stderr := c.run("run", "shout", "--topic", "ahoy", "--no-input"); code != 3 {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	for command, want := range map[string]string{
		"worker":                     "does not take up queued runs",
		"approve last --record-only": "does not store a decision without carrying it out",
	} {
		if code, _, stderr := c.run(strings.Fields(command)...); code != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d\n%s", command, code, stderr)
		}
	}
	if stdout, _ := c.ok("approve", "last", "--no-input"); !strings.Contains(stdout, "ahoy!") {
		t.Errorf("approved: %q", stdout)
	}
}

// Two of one name are found when the program starts.
func TestProgramNames(t *testing.T) {
	for want, p := range map[string]Program{
		"two flows named shout":    {Flows: []pawl.Flow{shout, shout}},
		"two providers named echo": {Providers: []llm.Provider{shouter(), shouter()}},
	} {
		func() {
			defer func() {
				if s, _ := recover().(string); !strings.Contains(s, want) {
					t.Errorf("panics with %q, wants %q", s, want)
				}
			}()
			newApp(world{}, p)
		}()
	}
}

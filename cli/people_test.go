package cli

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/terminaltest"
	"github.com/pawlrun/pawl/llm"
)

// asks is a flow of a model's step and a person's.
var asks = pawl.New("asks", "Say something a person agrees with.", func(r *pawl.Run, in topic) (topic, error) {
	said := pawl.Ask(r, "say", pawl.Messages[topic]("Saying something", llm.User("Topic: "+in.Topic)))
	answer := pawl.Approve(r, "agree", said, "Agreed?", pawl.Who("the editor"), pawl.Reasons("drop"))
	return answer.Value, answer.Err()
})

// A run on a terminal that comes to a person: the tree says who acts, who is
// waited for, and later what they decided.
func TestLivePerson(t *testing.T) {
	c := newCommand(t, asks)
	synctest.Test(t, func(t *testing.T) {
		c := c.beside()
		c.screen = terminaltest.New(100, 24)
		code, _, stderr := c.run("run", "asks", "--model", "offline")
		if code != 3 {
			t.Fatalf("exit code %d\n%s", code, stderr)
		}
		shows(t, c.screen, "] agree waits for the editor: Agreed?", ": waiting", "✓ done     say", "? waiting  agree", "human  waits for the editor, 0s", "waits for a person: agree", "pawl approve ")

		w := c.beside()
		w.screen = terminaltest.New(100, 24)
		<-time.After(3 * time.Minute)
		if code, _, stderr := w.run("watch", "last"); code != 3 {
			t.Fatalf("exit code %d\n%s", code, stderr)
		}
		shows(t, w.screen, "? waiting  agree", "human  waits for the editor, 3m", "pawl approve ")
	})
}

// A run can be paused, guided and canceled by a program that does not have its flow.
func TestSteerForeignFlow(t *testing.T) {
	c := newCommand(t, asks)
	if code, _, stderr := c.run("run", "asks", "--model", "offline"); code != 3 {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	other := newCommand(t, echo("echo"))
	other.env = c.env
	for _, step := range []struct {
		args []string
		says string
	}{
		{[]string{"guide", "last", "Be kind."}, " is waiting; its later asks carry the guidance"},
		{[]string{"pause", "last"}, " is paused"},
		{[]string{"guide", "last", "Be brief."}, " is paused; its later asks carry the guidance"},
		{[]string{"cancel", "last", "--yes", "-m", "enough"}, " was canceled"},
	} {
		if stdout, stderr := other.ok(step.args...); stdout != "" || !strings.Contains(stderr, step.says) {
			t.Errorf("%q: stdout %q, stderr %q, want %q", step.args, stdout, stderr, step.says)
		}
	}
	code, _, stderr := c.run("watch", "last")
	for _, want := range []string{
		"] agree waits for the editor: Agreed?", "] guided by tester: Be kind.", "] pause asked for by tester", "] cancel asked for by tester: enough",
		"guidance by tester was never used: Be brief.", "was canceled: by tester: enough",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("watch lacks %q:\n%s", want, stderr)
		}
	}
	if code != 4 {
		t.Errorf("exit code %d", code)
	}
}

// What was decided after a long time says so, in lines and in the tree.
func TestDecidedLate(t *testing.T) {
	c := newCommand(t, asks)
	synctest.Test(t, func(t *testing.T) {
		c := c.beside()
		if code, _, stderr := c.run("run", "asks", "--model", "offline"); code != 3 {
			t.Fatalf("exit code %d\n%s", code, stderr)
		}
		<-time.After(3 * time.Hour)
		a := newApp(world{program: "pawl", getenv: func(name string) string { return c.env[name] }, now: time.Now}, Program{Flows: c.flows})
		s, err := a.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		runs, err := s.engine.List(t.Context(), pawl.RunFilter{})
		if err == nil {
			err = s.engine.Decide(t.Context(), runs[0].ID, pawl.Decision{Key: "agree", What: pawl.DecideReject, Who: "anna", Comment: "no"})
		}
		if err := closing(t.Context(), s, err); err != nil {
			t.Fatal(err)
		}
		c.screen = terminaltest.New(100, 24)
		if code, _, stderr := c.run("watch", "last"); code != 4 {
			t.Fatalf("exit code %d\n%s", code, stderr)
		}
		shows(t, c.screen, "] agree: reject by anna (drop) after 3h: no", "✓ done     agree", "human  rejected by anna (drop) after 3h", "was canceled: rejected by anna (drop): no")
		if stdout, _ := c.ok("show", "last"); !strings.Contains(stdout, "\n  rejected by anna (drop) after 3h: no\n") {
			t.Errorf("show says\n%s", stdout)
		}
	})
}

package cli

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/terminaltest"
	"github.com/pawlrun/pawl/llm"
)

// shows complains unless the terminal has each of the texts, in this order.
func shows(t *testing.T, term *terminaltest.Terminal, texts ...string) {
	t.Helper()
	if err := term.Err(); err != nil {
		t.Error(err)
	}
	all := strings.Join(term.Lines(), "\n")
	rest := all
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Errorf("the terminal lacks %q at its place:\n%s", text, all)
			return
		}
		rest = after
	}
}

// A run on a terminal: the tree while it is under way, and in the end what it
// was, above what the command says. Whoever watches it sees the same.
func TestLiveRun(t *testing.T) {
	named := pawl.New("echo", "Say something.", func(r *pawl.Run, in topic) (topic, error) {
		return pawl.Ask(r, "say", pawl.Messages[topic]("Saying something", llm.User("Topic: "+in.Topic))), nil
	})
	c := newCommand(t, named)
	synctest.Test(t, func(t *testing.T) {
		c := c.beside()
		c.screen = terminaltest.New(80, 24)
		ended := make(chan string)
		go func() {
			stdout, _ := c.ok("run", "echo", "--topic", "x", "--model", "offline?malformed=1&fail=1&latency=10s")
			ended <- stdout
		}()
		<-time.After(2500 * time.Millisecond)
		shows(t, c.screen, "offline is not a language model", "run ", " echo with offline", ": running", "▸ running  say", "2s  Saying something", "1 call in flight, 1 model call, ")
		w := c.beside()
		w.screen = terminaltest.New(40, 6)
		watched := make(chan int)
		go func() {
			code, _, _ := w.run("watch", "last")
			watched <- code
		}()
		<-time.After(1500 * time.Millisecond)
		shows(t, w.screen, " echo: running", "▸ running  say", "1 call in flight")
		<-time.After(6*time.Second + 200*time.Millisecond)
		for _, term := range []*terminaltest.Terminal{c.screen, w.screen} {
			shows(t, term, "] say: overloaded", "waiting", "↻ retrying say")
		}
		shows(t, c.screen, "next attempt in ", "0 calls in flight")
		<-time.After(13 * time.Second)
		shows(t, c.screen, "] Attempt 2/3 of say: ", "▸ running  say", "attempt 2/3")
		if stdout := <-ended; stdout == "" {
			t.Error("no result")
		}
		if code := <-watched; code != 0 {
			t.Errorf("watch ended with exit code %d", code)
		}
		shows(t, c.screen, "offline is not", "] say: overloaded", "] Attempt 2/3 of say", ": done\n✓ done     say", "echo: 1 step, 3 model calls", "is done")
		shows(t, w.screen, "] say: overloaded", "✓ done     say", "is done")
		all := strings.Join(c.screen.Lines(), "\n")
		for text, want := range map[string]int{"in flight": 0, "3 model calls, ": 1, "] Saying something": 0, "Attempt 2/": 1, "waiting": 1} {
			if got := strings.Count(all, text); got != want {
				t.Errorf("%q stands %d times, want %d:\n%s", text, got, want, all)
			}
		}
	})
}

// When nothing but time changes, the terminal is left alone but for once a
// second; and much that happens at once is one frame.
func TestLiveIsCalm(t *testing.T) {
	many := pawl.New("many", "Many at once.", func(r *pawl.Run, _ topic) (string, error) {
		pawl.Map(r, "items", make([]int, 200), func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "say", pawl.Messages[string]("Saying something", llm.User("Topic: x."))), nil
		}, pawl.Limit(64))
		return "done", nil
	})
	c := newCommand(t, many)
	synctest.Test(t, func(t *testing.T) {
		c := c.beside()
		c.screen = terminaltest.New(80, 24)
		_, stderr := c.ok("run", "many", "--model", "offline?latency=20s")
		frames := strings.Count(stderr, "\x1b[?2026h")
		if frames < 80 || frames > 100 { // 80 s, and four times 50 steps that begin and end
			t.Errorf("%d frames", frames)
		}
		shows(t, c.screen, "✓ done     items", "map  200 done", "many: 200 steps, 200 model calls, ")
		if all := strings.Join(c.screen.Lines(), "\n"); strings.Contains(all, "[0]/say") {
			t.Errorf("the last frame is not folded:\n%s", all)
		}
	})
}

// Steps whose seconds turn at different times do not make for more frames.
func TestLiveIsCalmWithMany(t *testing.T) {
	late := pawl.New("late", "One later than the other.", func(r *pawl.Run, _ topic) (string, error) {
		pawl.Map(r, "items", []int{1, 250, 500, 750}, func(r *pawl.Run, ms int) (string, error) {
			pawl.Do(r, "wait", ms, func(_ context.Context, ms int) (int, error) {
				<-time.After(time.Duration(ms) * time.Millisecond)
				return ms, nil
			})
			return pawl.Ask(r, "say", pawl.Messages[string]("Saying something", llm.User("Topic: x."))), nil
		})
		return "done", nil
	})
	c := newCommand(t, late)
	synctest.Test(t, func(t *testing.T) {
		c := c.beside()
		c.screen = terminaltest.New(80, 24)
		_, stderr := c.ok("run", "late", "--model", "offline?latency=30s")
		if frames := strings.Count(stderr, "\x1b[?2026h"); frames < 30 || frames > 50 {
			t.Errorf("%d frames", frames)
		}
	})
}

// Warnings of the engine stand above the tree.
func TestLiveWarning(t *testing.T) {
	slow := pawl.New("slow", "Take its time.", func(r *pawl.Run, _ topic) (string, error) {
		said := pawl.Ask(r, "say", pawl.Messages[string]("Saying something", llm.User("Topic: x.")))
		<-time.After(12 * time.Second)
		return said, nil
	})
	c := newCommand(t, slow)
	synctest.Test(t, func(t *testing.T) {
		c := c.beside()
		c.screen = terminaltest.New(80, 24)
		c.ok("run", "slow")
		shows(t, c.screen, "flow code runs for long", "✓ done     say", "is done")
	})
}

// A signal is said above the tree, and what was in flight still stands in it.
func TestLiveSignal(t *testing.T) {
	c := newCommand(t, echo("echo"))
	synctest.Test(t, func(t *testing.T) {
		c := c.beside()
		c.screen = terminaltest.New(80, 24)
		go func() {
			<-time.After(time.Second)
			c.signals <- os.Interrupt
		}()
		if code, _, stderr := c.run("run", "echo", "--model", "offline?latency=2m"); code != 130 || !strings.HasPrefix(lastLine(stderr), "pawl resume ") {
			t.Errorf("exit code %d\n%s", code, stderr)
		}
		shows(t, c.screen, "interrupt: pausing", ": paused", "say", "\n1 model call, ", "is safe; 1 model call was cut")
		c.screen = terminaltest.New(80, 24)
		c.ok("resume", "last", "--model", "offline")
		shows(t, c.screen, "echo with offline: done", "✓ done     say", "2 model calls", "is done")
	})
}

// Without a terminal that can do it, and with --quiet, lines are lines.
func TestNoTree(t *testing.T) {
	c := newCommand(t, echo("echo"))
	for name, set := range map[string]func(*command){
		"TERM=dumb":      func(c *command) { c.env["TERM"] = "dumb" },
		"size unknown":   func(c *command) { c.screen = terminaltest.New(0, 0) },
		"not a terminal": func(c *command) { c.screen = nil },
	} {
		c := *c
		c.env = map[string]string{"PAWL_DATA": c.env["PAWL_DATA"]}
		c.screen = terminaltest.New(80, 24)
		set(&c)
		if name == "size unknown" {
			c.screen, c.terminal = nil, true
		}
		if _, stderr := c.ok("run", "echo", "--color", "never"); strings.Contains(stderr, "\x1b") || !strings.Contains(stderr, "] Saying something\n") {
			t.Errorf("%s: stderr is\n%q", name, stderr)
		}
	}
	c.screen = terminaltest.New(80, 24)
	if _, stderr := c.ok("run", "echo", "--quiet", "--model", "offline"); stderr != "" {
		t.Errorf("--quiet: stderr is\n%q", stderr)
	}
	if stdout, stderr := c.ok("watch", "last", "--json"); strings.Contains(stderr, "?2026") || !strings.Contains(stdout, `"type":"done"`) {
		t.Errorf("watch --json: stderr is\n%q", stderr)
	}
	if stdout, stderr := c.ok("logs", "last"); strings.Contains(stderr, "\x1b") || !strings.Contains(stdout, "Saying something") {
		t.Errorf("logs: stderr is\n%q\nstdout\n%s", stderr, stdout)
	}
}

// What is sensitive is not in the tree either, wherever a flow has put it.
func TestTreeIsMasked(t *testing.T) {
	flow := pawl.New("leaky", "Leak a token.", func(r *pawl.Run, in secretInput) (string, error) {
		pawl.Map(r, "m", []int{1}, func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "say", pawl.Messages[string]("Saying "+in.Token, llm.User("Topic: x."))), nil
		}, pawl.Purpose("With "+in.Token))
		return "done", nil
	})
	c := newCommand(t, flow)
	c.screen = terminaltest.New(80, 24)
	_, stderr := c.ok("run", "leaky", "--token", secret)
	shows(t, c.screen, "With ***", "Saying ***")
	if strings.Contains(stderr, "4711") {
		t.Errorf("stderr is\n%q", stderr)
	}
}

// A terminal that goes away does not stop a run.
func TestTerminalGoesAway(t *testing.T) {
	c := newCommand(t, echo("echo"))
	c.screen = terminaltest.New(80, 24)
	c.screen.Write([]byte("\x1b[?25l........")) // it takes nothing any more
	if code, stdout, _ := c.run("run", "echo"); code != 0 || stdout == "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	if rows := c.screen.Rows(); !slices.Equal(rows, []string{""}) {
		t.Errorf("the terminal shows %q", rows)
	}
}

package cli

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
)

// beside is a command in the same world, with signals of its own.
func (c *command) beside() *command {
	other := *c
	other.signals = make(chan os.Signal, 2)
	return &other
}

// A signal ends the watching at once and leaves the run alone.
func TestWatchSignal(t *testing.T) {
	for sig, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143} {
		c := newCommand(t, echo("echo"))
		synctest.Test(t, func(t *testing.T) {
			c := c.beside()
			ran := make(chan int)
			go func() {
				code, _, _ := c.run("run", "echo", "--topic", "x", "--model", "offline?latency=2m")
				ran <- code
			}()
			<-time.After(10 * time.Second)
			w := c.beside()
			began := time.Now()
			go func() {
				<-time.After(5 * time.Second)
				w.signals <- sig
			}()
			code, stdout, stderr := w.run("watch", "last")
			if took := time.Since(began); code != want || stdout != "" || took > 6*time.Second {
				t.Errorf("exit code %d after %s, stdout %q\n%s", code, took, stdout, stderr)
			}
			if !strings.Contains(stderr, "Saying something") || !strings.Contains(stderr, "is left as it is") || !strings.HasPrefix(lastLine(stderr), "pawl watch ") {
				t.Errorf("stderr is\n%s", stderr)
			}
			if code := <-ran; code != 0 {
				t.Errorf("the run ended with exit code %d", code)
			}
		})
	}
}

// gone is the writing end of a pipe whose reader went away.
type gone struct{}

func (gone) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// Without a reader the watching ends quietly, long before the run does.
func TestWatchClosedPipe(t *testing.T) {
	c := newCommand(t, echo("echo"))
	synctest.Test(t, func(t *testing.T) {
		c := c.beside()
		ran := make(chan int)
		go func() {
			code, _, _ := c.run("run", "echo", "--topic", "x", "--model", "offline?latency=2m")
			ran <- code
		}()
		<-time.After(10 * time.Second)
		for _, args := range [][]string{{"watch", "last", "--json"}, {"logs", "last", "--follow"}, {"logs", "last"}} {
			w := c.beside()
			w.stdout = gone{}
			began := time.Now()
			code, _, stderr := w.run(args...)
			if took := time.Since(began); code != 0 || stderr != "" || took > 5*time.Second {
				t.Errorf("pawl %v: exit code %d after %s\n%s", args, code, took, stderr)
			}
		}
		if code := <-ran; code != 0 {
			t.Errorf("the run ended with exit code %d", code)
		}
	})
}

// Watching a run at rest ends as the run did, and adds nothing to its history.
func TestWatchExitCodes(t *testing.T) {
	c := newCommand(t, echo("echo"), ends("reject", pawl.ErrRejected), ends("break", errors.New("the oven is cold")))
	for flow, want := range map[string]int{"echo": 0, "break": 1, "reject": 4} {
		if code, _, stderr := c.run("run", flow, "--topic", "x"); code != want {
			t.Fatalf("run %s: exit code %d\n%s", flow, code, stderr)
		}
		before, _ := c.ok("logs", "last", "--json")
		for _, args := range [][]string{{"watch", "last"}, {"watch", "last", "--json"}, {"watch", "last", "--quiet"}, {"logs", "last", "--follow"}} {
			code, stdout, stderr := c.run(args...)
			if code != want {
				t.Errorf("pawl %v of %s: exit code %d\n%s", args, flow, code, stderr)
			}
			if strings.Contains(strings.Join(args, " "), "--json") != json.Valid([]byte(firstLine(stdout))) {
				t.Errorf("pawl %v of %s prints\n%s", args, flow, stdout)
			}
		}
		if after, _ := c.ok("logs", "last", "--json"); after != before {
			t.Errorf("watching %s changed its history from\n%sto\n%s", flow, before, after)
		}
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// A run that failed on another day is told with the date, and a failure once.
func TestLogsOfAnotherDay(t *testing.T) {
	c := newCommand(t, ends("break", errors.New("the oven is cold")))
	synctest.Test(t, func(t *testing.T) {
		c := c.beside()
		c.run("run", "break", "--topic", "x")
		stdout, stderr := c.ok("logs", "last")
		if !strings.HasPrefix(stdout, "[00:00:00] break failed: the oven is cold") || stderr != "" {
			t.Errorf("today\n%s%s", stdout, stderr)
		}
		<-time.After(24 * time.Hour)
		if stdout, _ = c.ok("logs", "last"); !strings.HasPrefix(stdout, "[2000-01-01 00:00:00] break failed: the oven is cold") {
			t.Errorf("tomorrow\n%s", stdout)
		}
		if _, _, stderr = c.run("watch", "last"); strings.Count(stderr, "the oven is cold") != 1 {
			t.Errorf("watch says\n%s", stderr)
		}
	})
}

// Without the flow nobody can tell what is sensitive.
func TestLogsOfUnknownFlow(t *testing.T) {
	c := newCommand(t, leaky())
	c.ok("run", "leaky", "--token", secret)
	c.flows = nil
	for _, args := range [][]string{{"logs", "last"}, {"logs", "last", "--json"}} {
		stdout, _ := c.ok(args...)
		if strings.Contains(stdout, "-4711") || stdout == "" {
			t.Errorf("pawl %v shows\n%s", args, stdout)
		}
	}
}

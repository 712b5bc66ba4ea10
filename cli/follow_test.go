package cli

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
)

// The same signal again within a moment is no second one, and a call that is cut
// is said to be.
func TestSameSignalAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCommand(t, echo("echo"))
		c.signals = make(chan os.Signal, 2)
		began := time.Now()
		go func() {
			<-time.After(time.Second)
			c.signals <- os.Interrupt
			<-time.After(100 * time.Millisecond)
			c.signals <- os.Interrupt
		}()
		code, _, stderr := c.run("run", "echo", "--topic", "x", "--model", "offline?latency=2m")
		if took := time.Since(began).Round(time.Second); code != 130 || took != 31*time.Second {
			t.Errorf("exit code %d after %s\n%s", code, took, stderr)
		}
		if !strings.Contains(stderr, "is safe; 1 model call was cut and may have been billed\n") {
			t.Errorf("what was cut is not said:\n%s", stderr)
		}
	})
}

// A long wait says that nobody need sit through it.
func TestLongWait(t *testing.T) {
	var err strings.Builder
	l := &lines{w: &err, zone: time.UTC, now: time.Now, mask: func(s string) string { return s }, waited: map[pawl.Key]bool{}, said: map[string]bool{}}
	for wait, want := range map[time.Duration]bool{time.Minute: false, 2 * time.Minute: true} {
		err.Reset()
		now := pawl.At(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
		until := now.Add(wait).Format("2006-01-02T15:04:05.000Z")
		body := `{"number":1,"outcome":"failed","error":{"kind":"rate_limit","message":"slow down"},"retry_at":"` + until + `"}`
		if e := l.event(pawl.Event{Version: 1, Type: pawl.EventAttempt, Key: "say", At: now, Body: []byte(body)}); e != nil {
			t.Fatal(e)
		}
		if got := strings.Contains(err.String(), "Ctrl-C"); got != want {
			t.Errorf("waiting %s: %s", wait, err.String())
		}
	}
}

// Flow code that does not come back is said in one line, with its place.
func TestSlowFlowCode(t *testing.T) {
	slow := pawl.New("slow", "Take its time.", func(*pawl.Run, topic) (string, error) {
		<-time.After(12 * time.Second)
		return "at last", nil
	})
	synctest.Test(t, func(t *testing.T) {
		c := newCommand(t, slow)
		_, stderr := c.ok("run", "slow")
		if strings.Count(stderr, "flow code runs for long outside a step, at github.com/pawlrun/pawl/cli.TestSlowFlowCode") != 1 || strings.Contains(stderr, "goroutine ") {
			t.Errorf("stderr is\n%s", stderr)
		}
	})
}

// Without a name in the environment, the system's is taken.
func TestWho(t *testing.T) {
	a := newApp(world{getenv: func(string) string { return "" }}, Program{})
	if a.who() == "" {
		t.Error("nobody")
	}
	a.getenv = func(name string) string { return map[string]string{"LOGNAME": "eve"}[name] }
	if got := a.who(); got != "eve" {
		t.Errorf("who is %q", got)
	}
	if a.logger().Enabled(context.Background(), 0) {
		t.Error("it logs what is no warning")
	}
}

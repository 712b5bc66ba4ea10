package cli

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
)

// A call that does not end is cut 30 s after the signal, and the run is kept.
func TestSignalCutsCalls(t *testing.T) {
	c := newCommand(t, echo("echo"))
	synctest.Test(t, func(t *testing.T) {
		c.signals = make(chan os.Signal, 2)
		began := time.Now()
		go func() {
			<-time.After(time.Second)
			c.signals <- os.Interrupt
		}()
		code, stdout, stderr := c.run("run", "echo", "--topic", "x", "--model", "offline?latency=2m")
		if code != 130 || stdout != "" || !strings.HasPrefix(lastLine(stderr), "pawl resume ") {
			t.Errorf("exit code %d, stdout %q\n%s", code, stdout, stderr)
		}
		if took := time.Since(began); took < 31*time.Second || took > 40*time.Second {
			t.Errorf("it took %s", took)
		}
	})
	c.signals = make(chan os.Signal)
	if stdout, stderr := c.ok("resume", "last", "--model", "offline"); stdout == "" {
		t.Errorf("resume said nothing\n%s", stderr)
	}
}

func TestSignalExit(t *testing.T) {
	for sig, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143} {
		if got := signalExit(sig); got != want {
			t.Errorf("%s: %d, want %d", sig, got, want)
		}
	}
}

// leaves sends two signals to a command line and wants it to end with the code of
// the second, once ready is closed.
func leaves(t *testing.T, c *command, ready <-chan struct{}, args ...string) {
	t.Helper()
	ended := make(chan int, 1)
	go func() {
		code, _, _ := c.run(args...)
		ended <- code
	}()
	<-ready
	c.signals <- os.Interrupt
	c.signals <- syscall.SIGTERM
	select {
	case code := <-ended:
		if code != 143 {
			t.Errorf("pawl %s: exit code %d", args[0], code)
		}
	case <-time.After(5 * time.Minute):
		t.Errorf("pawl %s does not leave", args[0])
	}
}

// Flow code that hangs does not keep a second signal from being heard.
func TestSecondSignalLeavesStuckFlow(t *testing.T) {
	for _, args := range [][]string{{"run", "stuck", "--topic", "x"}, {"batch", "stuck", inputsFile(t, 1)}, {"worker"}} {
		begun, free := make(chan struct{}), make(chan struct{})
		t.Cleanup(func() { close(free) })
		c := newCommand(t, pawl.New("stuck", "Hang.", func(*pawl.Run, topic) (string, error) {
			close(begun)
			<-free
			return "", nil
		}))
		if args[0] == "worker" {
			c.ok("run", "stuck", "--topic", "x", "--detach")
		}
		leaves(t, c, begun, args...)
	}
}

// stalled is a reader that takes nothing until it is free.
type stalled struct{ begun, free chan struct{} }

func (s *stalled) Write(p []byte) (int, error) {
	close(s.begun)
	<-s.free
	return len(p), nil
}

// Nor does a reader of the results that stands still.
func TestSecondSignalLeavesStalledReader(t *testing.T) {
	c, s := newCommand(t, echo("echo")), &stalled{make(chan struct{}), make(chan struct{})}
	defer close(s.free)
	c.stdout = s
	leaves(t, c, s.begun, "batch", "echo", inputsFile(t, 1))
}

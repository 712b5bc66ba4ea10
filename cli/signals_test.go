package cli

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
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

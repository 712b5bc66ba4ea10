package cli

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// TestSignalManyRuns: Ctrl-C pauses the runs that go on since they were decided on, so that
// no worker pays for them, and no run that waits again; any other signal leaves them to
// workers. The last line says where they are left.
func TestSignalManyRuns(t *testing.T) {
	flow := pawl.New("gate", "Ask a person, then a model or a person again.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Approve(r, "agree", in.Topic, "Agreed?")
		if in.Topic == "short" {
			pawl.Approve(r, "again", in.Topic, "Really?")
			return "", nil
		}
		for _, key := range []string{"one", "two"} {
			pawl.Ask(r, key, pawl.Messages[string]("Saying something", llm.User("Topic: "+in.Topic)))
		}
		return "", nil
	})
	for _, test := range []struct {
		name    string
		sig     os.Signal
		latency string
		code    int
		status  pawl.Status
		says    string
	}{
		{"a person's", os.Interrupt, "10s", 130, pawl.StatusPaused, "1 waiting, 2 paused"},
		{"a person's, in a long call", os.Interrupt, "5m", 130, pawl.StatusPaused, "1 waiting, 2 paused"},
		{"a machine's", syscall.SIGTERM, "10s", 143, pawl.StatusQueued, "1 waiting, 2 queued"},
		{"a machine's, in a long call", syscall.SIGTERM, "5m", 143, pawl.StatusQueued, "1 waiting, 2 queued"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCommand(t, flow)
			synctest.Test(t, func(t *testing.T) {
				c.signals = make(chan os.Signal, 2)
				for _, in := range []string{"a", "short", "b"} {
					if code, _, stderr := c.run("run", "gate", "--topic", in, "--model", "offline?latency="+test.latency); code != 3 {
						t.Fatalf("exit code %d\n%s", code, stderr)
					}
				}
				go func() {
					<-time.After(time.Second)
					c.signals <- test.sig
				}()
				code, _, stderr := c.run("approve", "--all", "--yes")
				if code != test.code || !strings.Contains(stderr, "3 approved, 0 not; their runs: "+test.says+"\n") {
					t.Errorf("exit code %d\n%s", code, stderr)
				}
				stdout, _ := c.ok("runs", "--json")
				if n := strings.Count(stdout, `"status": "`+string(test.status)+`"`); n != 2 {
					t.Errorf("%d are %s\n%s", n, test.status, stdout)
				}
			})
		})
	}
}

package crashtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/disktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

func init() {
	suspendInCommit = func(ctx context.Context, dir string) error {
		var armed atomic.Bool
		disktest.Install(func(op disktest.Op) disktest.Verdict {
			if op.File != disktest.Log || op.Kind != disktest.Write || !armed.CompareAndSwap(true, false) {
				return disktest.Verdict{}
			}
			return disktest.Verdict{After: disktest.Suspend}
		})
		db, err := sqlite.Open(ctx, dir, nil)
		if err != nil {
			return err
		}
		armed.Store(true)
		c, err := db.Create(ctx, journal.NewRun{ID: pawl.NewRunID(), Flow: "article"}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{Flow: "article"}}})
		if err != nil {
			return err
		}
		if err := db.Release(ctx, c); err != nil {
			return err
		}
		return db.Close()
	}
}

// suspendedChild is a process that stands still in a commit.
func (h *home) suspendedChild() *process {
	h.t.Helper()
	order, err := json.Marshal(orders{Dir: h.dir, Play: playSuspend})
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(order))
	p := &process{t: h.t, cmd: cmd, stderr: &transcript{changed: make(chan struct{})}, ended: make(chan struct{})}
	cmd.Stderr = p.stderr
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	var status syscall.WaitStatus
	for !status.Stopped() {
		if _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || status.Exited() {
			h.t.Fatalf("the child does not stop: %v, %v; its stderr:\n%s", status, err, p.stderr)
		}
	}
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	h.t.Cleanup(func() { _ = cmd.Process.Kill(); <-p.ended })
	return p
}

// While a process stands still in a commit, what was asked of models is kept until it can
// be stored, commands that write say for whom they wait, and those that read print.
func TestBusyIsNotBroken(t *testing.T) {
	s := articleApproved
	ref := undisturbed(t, s)
	h := newHome(t, s)
	release := h.provider.holding(number(2))
	run := h.run(s)
	run.holds(h.provider, 1)
	frozen := h.suspendedChild()
	release() // the answer is there, and cannot be stored
	waiting := fmt.Sprintf("waiting for process %d, which has database", frozen.cmd.Process.Pid)
	run.says(waiting)
	for _, args := range [][]string{{"runs"}, {"show", "last"}, {"inbox"}, {"logs", "last"}, {"doctor", "--json"}} {
		p := h.start("", args...)
		p.exits(0)
		if said, _ := p.stderr.has("waiting for"); said || p.stdout.Len() == 0 && args[0] != "inbox" {
			t.Errorf("%q prints %q, and on stderr %s", args, p.stdout.Bytes(), p.stderr)
		}
	}
	cancel := h.start("", "cancel", "last", "--yes")
	cancel.says(waiting)
	cancel.kill()
	signal(frozen, syscall.SIGCONT)
	frozen.exits(0)
	rec := run.record(0)
	checkSame(t, rec, ref)
	checkCounts(t, h.provider.counts(), ref.counts)
}

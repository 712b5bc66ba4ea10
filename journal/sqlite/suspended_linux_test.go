package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/disktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// suspendItself is the child: it opens the journal, makes a run, and stops with the first
// thing that it writes to the log in between. It closes nothing.
func suspendItself(dir string) int {
	stopped := false
	disktest.Install(func(op disktest.Op) disktest.Verdict {
		if stopped || op.File != disktest.Log || op.Kind != disktest.Write {
			return disktest.Verdict{}
		}
		stopped = true
		return disktest.Verdict{After: disktest.Suspend}
	})
	ctx := context.Background()
	db, err := sqlite.Open(ctx, dir, nil)
	if err == nil {
		_, err = db.Create(ctx, journal.NewRun{ID: pawl.NewRunID()}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// suspended starts that child and returns when it stands still.
func suspended(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], dir)
	cmd.Env = append(os.Environ(), childEnv+"=suspended")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	var status syscall.WaitStatus
	for !status.Stopped() {
		if _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || status.Exited() {
			t.Fatalf("the child does not stop: %v, %v", status, err)
		}
	}
	return cmd
}

// goOn has the child go on, and returns when it has ended well.
func goOn(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the child: %v", err)
	}
}

// told opens a journal that says for whom it waits.
func told(t *testing.T, dir string) (*sqlite.Options, <-chan string) {
	says := make(chan string, 10)
	return &sqlite.Options{Waits: func(message string) { says <- message }}, says
}

func wantWaits(t *testing.T, says <-chan string, cmd *exec.Cmd, does string) {
	t.Helper()
	if got, want := <-says, fmt.Sprintf("waiting for process %d, which %s", cmd.Process.Pid, does); !strings.HasPrefix(got, want) || !strings.Contains(got, "suspended") {
		t.Errorf("it says %q, wants %q and that it is suspended", got, want)
	}
}

// readsAll reads as commands do that show runs.
func readsAll(t *testing.T, dir string, runs int) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), dir, &sqlite.Options{ReadOnly: true, Waits: func(message string) { t.Errorf("a reader waits: %s", message) }})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.Runs(t.Context(), pawl.RunFilter{})
	if err != nil || len(rows) != runs {
		t.Errorf("%d runs, %v; want %d", len(rows), err, runs)
	}
	if _, err := db.OpenBlockers(t.Context(), pawl.RunFilter{}); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// A process that is suspended in a commit keeps others from writing, and from nothing
// else. They wait until it goes on, say for whom, and lose nothing.
func TestSuspendedInCommit(t *testing.T) {
	dir := t.TempDir()
	t.Cleanup(func() { checkStored(t, dir) })
	o, says := told(t, dir)
	db, err := sqlite.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	c := create(t, db, "r1")
	cmd := suspended(t, dir)
	appended := make(chan error, 1)
	go func() {
		_, err := db.Append(t.Context(), c, note("paid"))
		appended <- err
	}()
	wantWaits(t, says, cmd, "has database")
	readsAll(t, dir, 1)

	// Whoever does not want to wait any longer need not.
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := db.Claim(ctx, "r1", true)
		gone <- err
	}()
	cancel()
	if err := <-gone; err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("a claim that nobody waits for: %v", err)
	}
	// One that only looks, through a journal that could write, closes at once.
	looker, err := sqlite.Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := looker.Close(); err != nil {
		t.Error(err)
	}
	goOn(t, cmd)
	if err := <-appended; err != nil {
		t.Errorf("append: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	readsAll(t, dir, 2)
}

// Close is told to end: then it does not wait for ever, and its runs are free.
func TestCloseBesideSuspended(t *testing.T) {
	dir := t.TempDir()
	t.Cleanup(func() { checkStored(t, dir) })
	o, says := told(t, dir)
	db, err := sqlite.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	c := create(t, db, "r1")
	cmd := suspended(t, dir)
	appended := make(chan error, 1)
	go func() {
		_, err := db.Append(t.Context(), c, note("paid"))
		appended <- err
	}()
	wantWaits(t, says, cmd, "has database")
	if err := db.Close(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d", cmd.Process.Pid)) {
		t.Errorf("close: %v, wants that the process is named", err)
	}
	if err := <-appended; err == nil {
		t.Error("append: no error")
	}
	goOn(t, cmd)
	next := openOnly(t, dir)
	if _, err := next.Claim(t.Context(), "r1", false); err != nil {
		t.Errorf("claim by the next: %v", err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "procs", "*.lock")); len(files) != 2 {
		t.Errorf("lock files %v, want ours and open.lock", files)
	}
}

// A process that is suspended while it opens the database keeps others from opening it
// to write, which say so, and nobody from reading.
func TestSuspendedInOpen(t *testing.T) {
	dir := t.TempDir()
	t.Cleanup(func() { checkStored(t, dir) })
	killed(t, dir, 0) // so that there is something to be swept
	before := openReadOnly(t, dir)
	rows, err := before.Runs(t.Context(), pawl.RunFilter{})
	if err != nil {
		t.Fatal(err)
	}
	cmd := suspended(t, dir)
	readsAll(t, dir, len(rows))
	o, says := told(t, dir)
	opened := make(chan error, 1)
	go func() {
		db, err := sqlite.Open(t.Context(), dir, o)
		if err == nil {
			err = db.Close()
		}
		opened <- err
	}()
	wantWaits(t, says, cmd, "is about to open")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlite.Open(ctx, dir, nil); err == nil {
		t.Error("open that nobody waits for: no error")
	}
	goOn(t, cmd)
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

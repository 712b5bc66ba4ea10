//go:build unix

package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// appendUntilDiskFails is the child: its files may only grow to a limit, so that
// writing the log fails with an I/O error. It prints the last acknowledged
// number and what further calls say, the last of them with the limit lifted.
func appendUntilDiskFails(dir string) int {
	signal.Ignore(syscall.SIGXFSZ)
	ctx := context.Background()
	db, err := sqlite.Open(ctx, dir, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var limit syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit)
	max := limit.Cur
	limit.Cur = 1 << 20 // the log holds the migrations already
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	c, err := db.Create(ctx, journal.NewRun{ID: "r1"}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}})
	note := journal.Batch{Drafts: []journal.Draft{{Type: pawl.EventNote, Body: journal.Note{Text: strings.Repeat("x", 8<<10)}}}}
	var seq pawl.Seq
	for err == nil {
		seq = c.Seq
		_, err = db.Append(ctx, c, note)
	}
	fmt.Println("acknowledged", seq)
	fmt.Println("first", kind(err))
	limit.Cur = max
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_, err = db.Append(ctx, c, note)
	fmt.Println("append", kind(err))
	_, err = db.Claim(ctx, "r1", true)
	fmt.Println("claim", kind(err))
	events, err := db.Read(ctx, "r1", 0, 0)
	fmt.Println("read", len(events), kind(err))
	fmt.Println("close", kind(db.Close()))
	return 0
}

func kind(err error) string {
	var e *pawl.Error
	if errors.As(err, &e) {
		return string(e.Kind)
	}
	return fmt.Sprint(err)
}

// After an I/O error nothing more is written, even if the disk seems well again;
// what was acknowledged is there when the file is opened anew.
func TestDiskError(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], dir)
	cmd.Env = append(os.Environ(), childEnv+"=disk")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var n int
	if _, err := fmt.Sscanf(string(out), "acknowledged %d", &n); err != nil || n < 5 {
		t.Fatalf("child said %s", out)
	}
	_, rest, _ := strings.Cut(string(out), "\n")
	want := fmt.Sprintf("first storage\nappend storage\nclaim storage\nread %d <nil>\nclose storage\n", n)
	if rest != want {
		t.Errorf("child said\n%swant\n%s", rest, want)
	}
	db := open(t, dir)
	events, err := db.Read(t.Context(), "r1", 0, 0)
	if err != nil || len(events) != n {
		t.Fatalf("%d events, %v; want the %d acknowledged", len(events), err, n)
	}
	if err := journal.Verify(events); err != nil {
		t.Error(err)
	}
	if _, err := db.Claim(t.Context(), "r1", false); err != nil {
		t.Errorf("claim: %v", err)
	}
}

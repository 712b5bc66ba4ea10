package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl/internal/disktest"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// sayReady is the child: it prints what Ready says while the disk is well, full, and well
// again, and while it fails, after which nothing more is written.
func sayReady(dir string) int {
	var code atomic.Int64 // of the error that every write to the log ends with; 0: none
	disktest.Install(func(op disktest.Op) disktest.Verdict {
		if op.File != disktest.Log || op.Kind != disktest.Write {
			return disktest.Verdict{}
		}
		return disktest.Verdict{Code: int(code.Load())}
	})
	ctx := context.Background()
	db, err := sqlite.Open(ctx, dir, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer db.Close()
	for _, disk := range []int64{0, disktest.Full, 0, disktest.WriteError, 0} {
		code.Store(disk)
		fmt.Println(kind(db.Ready(ctx)))
	}
	return 0
}

// What cannot write is not ready, though all can be read.
func TestReadyWrites(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], t.TempDir())
	cmd.Env = append(os.Environ(), childEnv+"=ready")
	out, err := cmd.CombinedOutput()
	if want := "<nil>\nstorage\n<nil>\nstorage\nstorage\n"; err != nil || string(out) != want {
		t.Errorf("%v: it says\n%swant\n%s", err, out, want)
	}
}

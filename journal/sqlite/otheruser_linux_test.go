package sqlite_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pawlrun/pawl"
)

// anothersDirectory names to a child process, which is another user, what it is to read.
const anothersDirectory = "PAWL_TEST_ANOTHERS_DIRECTORY"

// TestReadOnlyDirectoryOfAnother: who may read another user's files, and no more, sees the
// runs. TestReadOnlyDirectory cannot tell this to root, whom no mode keeps from writing.
func TestReadOnlyDirectoryOfAnother(t *testing.T) {
	if dir := os.Getenv(anothersDirectory); dir != "" {
		rows, err := openReadOnly(t, dir).Runs(t.Context(), pawl.RunFilter{})
		if err != nil || len(rows) != 1 {
			t.Errorf("%d runs, %v", len(rows), err)
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("TestReadOnlyDirectory tells this to anybody but root")
	}
	dir := t.TempDir()
	db := openOnly(t, dir)
	create(t, db, "r1")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{filepath.Dir(dir): 0o755, dir: 0o755, filepath.Join(dir, "procs"): 0o755, filepath.Join(dir, "pawl.db"): 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), anothersDirectory+"="+dir)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if says, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(says), "--- PASS: "+t.Name()) {
		t.Errorf("another user: %v\n%s", err, says)
	}
	if after := tree(t, dir); after != before {
		t.Errorf("something has changed; before:\n%safter:\n%s", before, after)
	}
}

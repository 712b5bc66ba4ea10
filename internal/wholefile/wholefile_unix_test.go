//go:build unix

package wholefile

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A new file has the rights that the user gives to new files.
func TestWriteObeysUmask(t *testing.T) {
	before := syscall.Umask(0o027)
	defer syscall.Umask(before)
	path := filepath.Join(t.TempDir(), "out.md")
	if err := Write(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("with umask 027 it has %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o604); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("y")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o604 {
		t.Errorf("a file that was there with 0604 has %v, %v", info.Mode(), err)
	}
}

// A link stays one, and what it leads to is replaced.
func TestWriteFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "sub", "out.md"), filepath.Join(dir, "link.md")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new" {
		t.Errorf("it holds %q, %v", got, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
}

// What a killed process left of a file is removed by the next one of the same path; one
// that is being written stays, and so does what is not ours.
func TestRemnantsAreRemoved(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	live, err := New(path)
	if err != nil {
		t.Fatal(err)
	}
	remnant := filepath.Join(dir, ".out.jsonl.pawl-17")
	others := []string{filepath.Join(dir, ".other.jsonl.pawl-17"), filepath.Join(dir, ".out.jsonl.pawl-mine"), live.Name()}
	for _, p := range append([]string{remnant}, others[:2]...) {
		if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	next, err := New(path)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Discard()
	if _, err := os.Stat(remnant); err == nil {
		t.Error("the remnant is still there")
	}
	for _, p := range others {
		if _, err := os.Stat(p); err != nil {
			t.Error(err)
		}
	}
	if err := live.Commit(); err != nil {
		t.Error(err)
	}
}

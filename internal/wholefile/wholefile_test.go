package wholefile

import (
	"os"
	"path/filepath"
	"testing"
)

// What is discarded changes nothing and leaves nothing; nor does a probe.
func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.md")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := New(path)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("half")
	f.Discard()
	if err := Probe(path); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("it holds %q, %v", got, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the directory has %v, %v", left, err)
	}
	if err := Probe(filepath.Join(dir, "none", "out.md")); err == nil {
		t.Error("a file can be written where there is no directory")
	}
}

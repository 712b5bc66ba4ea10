package sqlite

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A new database is whole as soon as it has its name, and never takes the place of a file.
func TestCreateFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	if created, err := createFile(path); !created || err != nil {
		t.Fatalf("created: %v, %v", created, err)
	}
	if dumpOf(t, path) == "" {
		t.Error("it is empty")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if m := info.Mode().Perm(); m&0o077 != 0 && runtime.GOOS != "windows" {
		t.Errorf("others may use it: %v", m)
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("what it was made in is left: %v, %v", all, err)
	}
	for _, text := range []string{"", "somebody's"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if created, err := createFile(path); created || err != nil {
			t.Errorf("over a file: %v, %v", created, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("a file with %q became %q, %v", text, got, err)
		}
	}
}

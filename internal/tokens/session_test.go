package tokens_test

import (
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/pawlrun/pawl/internal/tokens"
)

// Of servers that begin at once each has the same secret, which its owner alone can read.
func TestSession(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "session")
	if err := os.WriteFile(path, []byte("cut off"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := tokens.Session(dir); err == nil {
		t.Errorf("%q is a secret", s)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	got := make([]string, 20)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = tokens.Session(dir); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, s := range got {
		if len(s) < 26 || s != got[0] {
			t.Fatalf("secrets are %q", got)
		}
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	if _, err := tokens.Session(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("there is a session in no directory")
	}
}

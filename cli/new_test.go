package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pawlrun/pawl/internal/skeleton"
)

// A folder is made whole or not at all, and what was there stays.
func TestAFolderIsWholeOrNotThere(t *testing.T) {
	t.Chdir(t.TempDir())
	whole := []skeleton.File{{Path: "a", Data: []byte("1")}, {Path: "b/c", Data: []byte("2")}}
	if err := writeFolder("x", append(whole, skeleton.File{Path: "a/d"})); err == nil {
		t.Error("a file was written below a file")
	}
	if _, err := os.Stat("x"); !os.IsNotExist(err) {
		t.Errorf("half a folder is left: %v", err)
	}
	if err := writeFolder("x", whole); err != nil {
		t.Fatal(err)
	}
	if err := writeFolder("x", []skeleton.File{{Path: "a", Data: []byte("other")}}); err == nil {
		t.Error("a folder was written twice")
	}
	for name, want := range map[string]string{"a": "1", filepath.Join("b", "c"): "2"} {
		if got, err := os.ReadFile(filepath.Join("x", name)); string(got) != want {
			t.Errorf("%s has %q, %v, want %q", name, got, err, want)
		}
	}
}

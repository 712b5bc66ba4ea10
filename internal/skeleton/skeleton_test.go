package skeleton

import (
	"bytes"
	"slices"
	"testing"
)

// Every folder is a pattern, and a program under its new name has all that it needs.
func TestFiles(t *testing.T) {
	folders, err := programs.ReadDir(".")
	if err != nil || len(folders) != len(Patterns()) {
		t.Errorf("%d folders for %d patterns, %v", len(folders), len(Patterns()), err)
	}
	for _, pattern := range Patterns() {
		files := Files(pattern, "letter")
		var paths []string
		for _, f := range files {
			paths = append(paths, f.Path)
			if bytes.Contains(f.Data, []byte(placeholder)) {
				t.Errorf("%s of %s still speaks of %s", f.Path, pattern, placeholder)
			}
		}
		if len(paths) < 4 || !slices.Equal(paths[:3], []string{"flow.go", "flow_test.go", "main.go"}) {
			t.Errorf("%s has the files %q", pattern, paths)
		}
		if !bytes.Contains(files[0].Data, []byte(`pawl.New("letter", `)) {
			t.Errorf("the flow of %s is not called letter", pattern)
		}
	}
}

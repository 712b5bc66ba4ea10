package housetest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

// RecordedRuns checks that a flow still does what it did in the runs in testdata, which were
// recorded with the stand-in. go test -pawl.update records them anew.
func RecordedRuns(t *testing.T, f pawl.Flow) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("recorded runs: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { pawltest.Replay(t, f, file, offline.Model{ReadFile: os.ReadFile}) })
	}
}

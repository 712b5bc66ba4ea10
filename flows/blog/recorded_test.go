package blog_test

import (
	"path/filepath"
	"testing"

	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/pawltest"
)

// The flow still does what it did in runs that were recorded with the stand-in.
func TestRecordedRuns(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("recorded runs: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { pawltest.Replay(t, blog.Flow, file) })
	}
}

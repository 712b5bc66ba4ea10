package pawlvet_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/pawlrun/pawl/pawlvet"
)

// The code under testdata uses the real package, so that it is told when that
// changes.
func TestAnalyzer(t *testing.T) {
	module, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	analysistest.Run(t, module, pawlvet.Analyzer, "./pawlvet/testdata/flow")
}

package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/cost"
)

// What was written into a provider's cache has a column of its own, where anything was.
func TestCostsShowCacheWrites(t *testing.T) {
	for written, want := range map[int64]string{
		0:    `TOKENS IN CACHED OUT; m/one $1 1 2 9,000 500 70; total $1 1 2 9,000 500 70;`,
		3400: `TOKENS IN CACHED WRITTEN OUT; m/one $1 1 2 9,000 500 3,400 70; total $1 1 2 9,000 500 3,400 70;`,
	} {
		var out strings.Builder
		a := newApp(world{getenv: func(string) string { return "" }, stdout: term.Stream{Writer: &out}}, Program{})
		took := cost.Taken{Calls: 2, InputTokens: 9000, OutputTokens: 70, CachedTokens: 500, CacheWriteTokens: written, USD: 1}
		a.printCosts(cost.Report{By: cost.ByModel, Zone: "UTC", Total: cost.SumOf("", 1, took), Sums: []cost.Sum{cost.SumOf("m/one", 1, took)}})
		got := regexp.MustCompile(` +`).ReplaceAllString(strings.ReplaceAll(out.String(), "\n", "; "), " ")
		if !strings.HasPrefix(got, "MODEL COST RUNS CALLS ") || !strings.Contains(strings.ReplaceAll(got, "$1.00", "$1"), want) {
			t.Errorf("%d written: %s", written, got)
		}
	}
}

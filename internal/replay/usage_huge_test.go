package replay

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// A journal may have any cost, as one of a file that was imported: what the run took is told
// all the same.
func TestUsageOfHugeCosts(t *testing.T) {
	for n, known := range []bool{true, true, false} {
		s := &Step{}
		for range n {
			s.Attempts = append(s.Attempts, journal.Attempt{Model: "m", Usage: &llm.Usage{InputTokens: math.MaxInt64}, CostUSD: new(math.MaxFloat64), CacheSavedUSD: math.MaxFloat64})
		}
		u := s.Usage()
		if text, err := json.Marshal(u); err != nil || (u.CostUSD != nil) != known || u.ModelCalls != int64(n) {
			t.Errorf("%d attempts took %s, %v", n, text, err)
		}
	}
}

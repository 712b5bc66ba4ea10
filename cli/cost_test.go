package cli

import (
	"testing"

	"github.com/pawlrun/pawl"
)

// What a batch paid is what its lines paid, none of it before it began.
func TestBatchCosts(t *testing.T) {
	of := func(calls int64, usd *float64) pawl.UsageRecord {
		return pawl.UsageRecord{ModelCalls: calls, CostUSD: usd}
	}
	sum := noUsage().Plus(since(of(1, new(0.1)), of(2, new(0.3)))).Plus(since(of(0, nil), of(1, new(0.1))))
	if sum.CostUSD == nil || *sum.CostUSD != 0.3 {
		t.Errorf("got %v", sum.CostUSD)
	}
	if sum := sum.Plus(since(of(2, nil), of(2, nil))); sum.CostUSD == nil || *sum.CostUSD != 0.3 {
		t.Errorf("a line that made no call changes the sum: %v", sum.CostUSD)
	}
	if sum := sum.Plus(since(of(2, nil), of(3, nil))); sum.CostUSD != nil {
		t.Errorf("an unknown cost is %v", *sum.CostUSD)
	}
}

package pawl_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
)

func TestUsagePlus(t *testing.T) {
	of := func(calls, tokens int64, usd float64) pawl.UsageRecord {
		return pawl.UsageRecord{ModelCalls: calls, InputTokens: new(tokens), OutputTokens: new(tokens), CachedTokens: new(tokens), CacheWriteTokens: tokens, CostUSD: new(usd), CacheSavedUSD: -usd}
	}
	most, least, big := int64(math.MaxInt64), int64(math.MinInt64), math.MaxFloat64
	tooMuch := of(2, 3, 0)
	tooMuch.CostUSD = nil
	unknown := of(1, 2, 3)
	unknown.InputTokens, unknown.CostUSD = nil, nil
	partly := of(2, 4, 6)
	partly.InputTokens, partly.CostUSD = nil, nil
	for name, c := range map[string][3]pawl.UsageRecord{
		"both known":            {of(1, 2, 0.1), of(3, 5, 0.2), of(4, 7, 0.3)},
		"nothing":               {of(0, 0, 0), of(1, 2, 0.1), of(1, 2, 0.1)},
		"less":                  {of(3, 5, 0.3), of(-1, -2, -0.1), of(2, 3, 0.2)},
		"one is not known":      {of(1, 2, 3), unknown, partly},
		"too many":              {of(most, most, 1), of(1, most, 1), of(most, most, 2)},
		"too few":               {of(least, -2, 1), of(-1, least, 1), of(least, least, 2)},
		"a sum as it is":        {of(1, 1, big), of(1, 2, 0), of(2, 3, big)},
		"more than a number":    {of(1, 1, big), of(1, 2, big), tooMuch},
		"the same, but no debt": {of(1, 1, -big), of(1, 2, -big), tooMuch},
	} {
		for _, both := range [][2]pawl.UsageRecord{{c[0], c[1]}, {c[1], c[0]}} {
			sum := both[0].Plus(both[1])
			if diff := cmp.Diff(c[2], sum); diff != "" {
				t.Errorf("%s: want -, got +\n%s", name, diff)
			}
			if _, err := json.Marshal(sum); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

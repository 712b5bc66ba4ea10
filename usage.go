package pawl

import "math"

// Plus returns what was used of both together. What is unknown of one of them is unknown of
// both, and so are dollars that no number can hold; counts stay at the largest that there is.
// Dollars are without the noise of adding up.
func (u UsageRecord) Plus(v UsageRecord) UsageRecord {
	sum := UsageRecord{
		ModelCalls:       plusCount(u.ModelCalls, v.ModelCalls),
		InputTokens:      plusKnown(u.InputTokens, v.InputTokens),
		OutputTokens:     plusKnown(u.OutputTokens, v.OutputTokens),
		CachedTokens:     plusKnown(u.CachedTokens, v.CachedTokens),
		CacheWriteTokens: plusCount(u.CacheWriteTokens, v.CacheWriteTokens),
	}
	if usd, ok := plusDollars(u.CacheSavedUSD, v.CacheSavedUSD); ok {
		sum.CacheSavedUSD = usd
	}
	if u.CostUSD != nil && v.CostUSD != nil {
		if usd, ok := plusDollars(*u.CostUSD, *v.CostUSD); ok {
			sum.CostUSD = &usd
		}
	}
	return sum
}

// plusCount adds up counts. Older journals have any that a provider reported.
func plusCount(a, b int64) int64 {
	if sum := a + b; (sum > a) == (b > 0) {
		return sum
	}
	if b < 0 {
		return math.MinInt64
	}
	return math.MaxInt64
}

func plusKnown(a, b *int64) *int64 {
	if a == nil || b == nil {
		return nil
	}
	return new(plusCount(*a, *b))
}

// mostNeat bounds the dollars whose noise is taken off: there is none in larger sums.
const mostNeat = 1e15

// plusDollars adds up dollars; ok is false where no number can hold the sum.
func plusDollars(a, b float64) (sum float64, ok bool) {
	if sum = a + b; math.Abs(sum) < mostNeat {
		sum = math.Round(sum*1e12) / 1e12
	}
	return sum, !math.IsInf(sum, 0) && !math.IsNaN(sum)
}

package cost

import (
	"math"

	"github.com/pawlrun/pawl"
)

// Taken is what some calls of models took, as far as it is known.
type Taken struct {
	Calls        int64
	InputTokens  int64 // cached ones included
	OutputTokens int64 // reasoning included
	CachedTokens int64 // part of InputTokens

	CacheWriteTokens int64 // part of InputTokens, none of them in CachedTokens

	USD       float64
	Unpriced  int64 // of the calls: how many may have cost something that nobody knows
	Unmetered int64 // of the calls: how many took tokens that nobody has counted
}

// Lost is what a call took whose outcome nobody will know.
func Lost() Taken { return Taken{Calls: 1, Unpriced: 1, Unmetered: 1} }

// Plus returns the sum of both.
func (a Taken) Plus(b Taken) Taken {
	return Taken{
		Calls: a.Calls + b.Calls, InputTokens: a.InputTokens + b.InputTokens, OutputTokens: a.OutputTokens + b.OutputTokens,
		CachedTokens: a.CachedTokens + b.CachedTokens, CacheWriteTokens: a.CacheWriteTokens + b.CacheWriteTokens, USD: a.USD + b.USD, Unpriced: a.Unpriced + b.Unpriced, Unmetered: a.Unmetered + b.Unmetered,
	}
}

const (
	mostTokens = 1 << 40 // that a call is believed to have taken, so that sums stay numbers
	mostUSD    = 1e9
)

// Believed returns what one call took, without what no call takes: providers report
// whatever they like.
func (a Taken) Believed() Taken {
	for _, n := range []*int64{&a.InputTokens, &a.OutputTokens, &a.CachedTokens, &a.CacheWriteTokens} {
		*n = min(max(*n, 0), mostTokens)
	}
	a.USD = min(max(a.USD, 0), mostUSD)
	return a
}

// What says what has become of a call.
type What int

const (
	Left  What = iota // the call of Key left
	Ended             // it ended, and took that
	Gone              // nobody will know how those of the run ended that have left
)

// Happened is what an event of a run says of its calls of models.
type Happened struct {
	What  What
	Key   pawl.Key // the step's; of Gone it is empty
	Model string   // provider/model; of Gone it is empty
	Took  Taken    // of Ended
}

// Sum is what some calls took.
type Sum struct {
	Name         string `json:"name"`          // the flow, the model, or the day as in 2026-01-31; of a total it is empty
	Runs         int64  `json:"runs"`          // how many made them
	ModelCalls   int64  `json:"model_calls"`   // how many calls of models have ended
	InputTokens  *int64 `json:"input_tokens"`  // tokens sent, cached ones included, as far as known; null: of no call
	OutputTokens *int64 `json:"output_tokens"` // tokens answered, reasoning included, likewise
	CachedTokens *int64 `json:"cached_tokens"` // input tokens that the provider had cached, likewise

	CacheWriteTokens *int64 `json:"cache_write_tokens"` // input tokens that were written into the provider's cache, none of them in cached_tokens, likewise

	CostUSD *float64 `json:"cost_usd"` // dollars by the prices of the time of each call, as far as known; null: of no call

	UnpricedCalls  int64 `json:"unpriced_calls"`  // of the calls: how many may have cost something that is not known, and not in cost_usd
	UnmeteredCalls int64 `json:"unmetered_calls"` // of the calls: how many took tokens that nobody has counted
}

// SumOf returns a sum as it is shown.
func SumOf(name string, runs int64, t Taken) Sum {
	s := Sum{Name: name, Runs: runs, ModelCalls: t.Calls, UnpricedCalls: t.Unpriced, UnmeteredCalls: t.Unmetered}
	if t.Unmetered == 0 || t.InputTokens+t.OutputTokens > 0 {
		s.InputTokens, s.OutputTokens, s.CachedTokens = &t.InputTokens, &t.OutputTokens, &t.CachedTokens
		s.CacheWriteTokens = &t.CacheWriteTokens
	}
	if t.Unpriced == 0 || t.USD > 0 {
		s.CostUSD = new(math.Round(t.USD*1e12) / 1e12) // without the noise of binary fractions
	}
	return s
}

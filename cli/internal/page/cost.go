package page

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// Bill says how a cost is to be read.
type Bill struct {
	Paid  bool // a model was asked that may cost something; of others there is nothing to say
	About bool // a call may have been billed of which no usage came
}

// BillOf returns how the cost of steps is to be read. standIn reports whether no
// language model answers by a model's full name; nil: one always does.
func BillOf(steps []pawl.StepRecord, standIn func(model string) bool) (b Bill) {
	for _, s := range steps {
		for _, at := range s.Attempts {
			b.add(at, standIn)
		}
	}
	return b
}

// add counts an attempt of a language model.
func (b *Bill) add(at pawl.Attempt, standIn func(model string) bool) {
	if at.Model == "" || standIn != nil && standIn(at.Model) {
		return
	}
	b.Paid = true
	if at.Error != nil && at.Usage == nil {
		switch llm.ErrorKind(at.Error.Kind) {
		case llm.Timeout, llm.Network:
			b.About = true
		}
	}
}

// Usage says what model calls took.
func Usage(u pawl.UsageRecord, b Bill) string {
	s := term.Count(u.ModelCalls, "model call")
	unknown := ""
	if u.InputTokens != nil && u.OutputTokens != nil {
		s += fmt.Sprintf(", %s tokens in, %s out", term.Grouped(*u.InputTokens), term.Grouped(*u.OutputTokens))
	} else if u.ModelCalls > 0 {
		unknown = "tokens"
	}
	switch {
	case u.CostUSD == nil && u.ModelCalls > 0 && b.Paid:
		if unknown != "" {
			unknown += " and "
		}
		unknown += "cost"
	case u.CostUSD != nil && *u.CostUSD > 0 && b.About:
		s += ", about " + Dollars(*u.CostUSD)
	default:
		s += Cost(u)
	}
	if unknown != "" {
		s += ", " + unknown + " unknown"
	}
	return s
}

// cacheLine says what the providers' caches had of the input and what that saved; empty: nothing
// came of them, as far as is known.
func cacheLine(u pawl.UsageRecord) string {
	var parts []string
	if u.CachedTokens != nil && *u.CachedTokens+u.CacheWriteTokens > 0 {
		parts = append(parts, term.Grouped(*u.CachedTokens)+" tokens read")
	}
	if u.CacheWriteTokens > 0 {
		parts = append(parts, term.Grouped(u.CacheWriteTokens)+" written")
	}
	known := ""
	if u.CostUSD == nil {
		known = ", as far as is known"
	}
	switch {
	case len(parts) == 0:
	case u.CacheSavedUSD > 0:
		parts = append(parts, "saved "+Dollars(u.CacheSavedUSD)+known)
	case u.CacheSavedUSD < 0:
		parts = append(parts, "cost "+Dollars(-u.CacheSavedUSD)+" more than it saved"+known)
	}
	return strings.Join(parts, ", ")
}

// Cost is what follows upon other sums, if anything was paid as far as is known.
func Cost(u pawl.UsageRecord) string {
	if u.CostUSD == nil || *u.CostUSD == 0 {
		return ""
	}
	return ", " + Dollars(*u.CostUSD)
}

// Dollars says an amount, and never that a small one is nothing.
func Dollars(usd float64) string {
	switch {
	case usd == 0:
		return "$0"
	case usd < 0.0001:
		return "<$0.0001"
	case usd < 1:
		return fmt.Sprintf("$%.4f", usd)
	}
	return fmt.Sprintf("$%.2f", usd)
}

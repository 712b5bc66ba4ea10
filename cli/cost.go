package cli

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// bill says how a cost is to be read.
type bill struct {
	paid  bool // a model was asked that may cost something; of others there is nothing to say
	about bool // a call may have been billed of which no usage came
}

func (a *app) billOf(steps []pawl.StepRecord) (b bill) {
	for _, s := range steps {
		for _, at := range s.Attempts {
			if at.Model != "" && !a.isStandIn(at.Model) {
				b.add(at)
			}
		}
	}
	return b
}

// add counts an attempt of a language model.
func (b *bill) add(at pawl.Attempt) {
	b.paid = true
	if at.Error != nil && at.Usage == nil {
		switch llm.ErrorKind(at.Error.Kind) {
		case llm.Timeout, llm.Network:
			b.about = true
		}
	}
}

// usage says what model calls took.
func usage(u pawl.UsageRecord, b bill) string {
	s := term.Count(u.ModelCalls, "model call")
	unknown := ""
	if u.InputTokens != nil && u.OutputTokens != nil {
		s += fmt.Sprintf(", %s tokens in, %s out", term.Grouped(*u.InputTokens), term.Grouped(*u.OutputTokens))
	} else if u.ModelCalls > 0 {
		unknown = "tokens"
	}
	switch {
	case u.CostUSD == nil && u.ModelCalls > 0 && b.paid:
		if unknown != "" {
			unknown += " and "
		}
		unknown += "cost"
	case u.CostUSD != nil && *u.CostUSD > 0 && b.about:
		s += ", about " + dollars(*u.CostUSD)
	default:
		s += cost(u)
	}
	if unknown != "" {
		s += ", " + unknown + " unknown"
	}
	return s
}

// cost is what follows upon other sums, if anything was paid as far as is known.
func cost(u pawl.UsageRecord) string {
	if u.CostUSD == nil || *u.CostUSD == 0 {
		return ""
	}
	return ", " + dollars(*u.CostUSD)
}

// dollars says an amount, and never that a small one is nothing.
func dollars(usd float64) string {
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

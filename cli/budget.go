package cli

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// budgetFlags fill a budget; without any of them it stays empty.
func budgetFlags(flags *pflag.FlagSet, b *pawl.Budget) {
	flags.Var(usdFlag{&b.USD}, "budget-usd", "let a run cost at most `N` dollars; it waits for a person before it passes that")
	flags.Var(countFlag{&b.Tokens}, "budget-tokens", "let a run take at most `N` tokens, in and out")
	flags.Var(countFlag{&b.Calls}, "budget-calls", "let a run make at most `N` model calls")
}

// given returns the budget, nil if it has no limit.
func given(b pawl.Budget) *pawl.Budget {
	if b == (pawl.Budget{}) {
		return nil
	}
	return &b
}

// usdFlag is a limit in dollars.
type usdFlag struct{ to **float64 }

func (f usdFlag) Type() string    { return "dollars" }
func (f usdFlag) Accepts() string { return "dollars, as in 0.50" }

func (f usdFlag) String() string {
	if f.to == nil || *f.to == nil {
		return ""
	}
	return strconv.FormatFloat(**f.to, 'f', -1, 64)
}

func (f usdFlag) Set(s string) error {
	n, err := strconv.ParseFloat(strings.TrimPrefix(s, "$"), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
		return errors.New("wants " + f.Accepts())
	}
	*f.to = &n
	return nil
}

// countFlag is a limit in tokens or calls.
type countFlag struct{ to **int64 }

func (f countFlag) Type() string    { return "count" }
func (f countFlag) Accepts() string { return "a whole number" }

func (f countFlag) String() string {
	if f.to == nil || *f.to == nil {
		return ""
	}
	return strconv.FormatInt(**f.to, 10)
}

func (f countFlag) Set(s string) error {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	if err != nil || n < 0 {
		return errors.New("wants " + f.Accepts())
	}
	*f.to = &n
	return nil
}

// budgetWords are the flags that say a budget again.
func budgetWords(b pawl.Budget) []string {
	var words []string
	if b.USD != nil {
		words = append(words, "--budget-usd", usdFlag{&b.USD}.String())
	}
	if b.Tokens != nil {
		words = append(words, "--budget-tokens", countFlag{&b.Tokens}.String())
	}
	if b.Calls != nil {
		words = append(words, "--budget-calls", countFlag{&b.Calls}.String())
	}
	return words
}

// budgetLine says of each limit what is spent, what is reserved for calls in
// flight, and the limit. Nil: there is none.
func budgetLine(b *pawl.BudgetRecord) string {
	if b == nil {
		return ""
	}
	var parts []string
	add := func(spent, reserved, limit string) {
		s := spent
		if reserved != "" {
			s += " and " + reserved + " reserved"
		}
		parts = append(parts, s+" of "+limit)
	}
	some := func(n int64) string {
		if n == 0 {
			return ""
		}
		return term.Grouped(n)
	}
	if l := b.Limit.USD; l != nil {
		add(dollarsOrUnknown(b.Spent.USD), reservedDollars(b.Reserved), dollars(*l))
	}
	if l := b.Limit.Tokens; l != nil {
		add(term.Grouped(b.Spent.Tokens), some(b.Reserved.Tokens), term.Count(*l, "token"))
	}
	if l := b.Limit.Calls; l != nil {
		add(term.Grouped(b.Spent.Calls), some(b.Reserved.Calls), term.Count(*l, "model call"))
	}
	return strings.Join(parts, "; ")
}

func dollarsOrUnknown(usd *float64) string {
	if usd == nil {
		return "an unknown sum"
	}
	return dollars(*usd)
}

// reservedDollars is empty if nothing is reserved.
func reservedDollars(s pawl.Spending) string {
	switch {
	case s.USD == nil && s.Calls > 0:
		return "an unknown sum"
	case s.USD == nil || *s.USD == 0:
		return ""
	}
	return dollars(*s.USD)
}

// limits says a budget's limits.
func limits(b pawl.Budget) string {
	var parts []string
	if b.USD != nil {
		parts = append(parts, dollars(*b.USD))
	}
	if b.Tokens != nil {
		parts = append(parts, term.Count(*b.Tokens, "token"))
	}
	if b.Calls != nil {
		parts = append(parts, term.Count(*b.Calls, "model call"))
	}
	return strings.Join(parts, ", ")
}

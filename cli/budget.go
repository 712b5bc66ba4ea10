package cli

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
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

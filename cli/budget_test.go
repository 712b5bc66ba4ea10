package cli

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
)

// budgetOf is the budget that flags give, and the words that give it again.
func budgetOf(t *testing.T, args ...string) (b pawl.Budget, again []string) {
	t.Helper()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SortFlags = false
	budgetFlags(flags, &b)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	flags.Visit(func(f *pflag.Flag) { again = append(again, flagWords(f, nil)...) })
	return b, again
}

func TestBudgetFlags(t *testing.T) {
	if b, _ := budgetOf(t); given(b) != nil {
		t.Errorf("no flags give %+v", b)
	}
	for _, args := range []string{
		"--budget-usd 0.5", "--budget-calls 0", "--budget-tokens 12000", "--budget-calls 3", "--budget-usd 2 --budget-tokens 1 --budget-calls 9",
	} {
		_, again := budgetOf(t, strings.Fields(args)...)
		if got := strings.Join(again, " "); got != args {
			t.Errorf("%s is said again as %s", args, got)
		}
	}
	for _, args := range []string{"--budget-usd NaN", "--budget-usd Inf", "--budget-usd -0.1", "--budget-calls -1", "--budget-tokens 1e3", "--budget-tokens 99999999999999999999"} {
		var b pawl.Budget
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		budgetFlags(flags, &b)
		if err := flags.Parse(strings.Fields(args)); err == nil {
			t.Errorf("%s gives %+v", args, b)
		}
	}
}

func TestBudgetLine(t *testing.T) {
	usd := func(n float64) *float64 { return &n }
	limit, _ := budgetOf(t, "--budget-usd", "2", "--budget-tokens", "5000", "--budget-calls", "4")
	for want, b := range map[string]*pawl.BudgetRecord{
		"": nil,
		"$0.5000 and $0.2500 reserved of $2.00; 1,200 and 300 reserved of 5,000 tokens; 2 and 1 reserved of 4 model calls": {
			Limit: limit, Spent: pawl.Spending{USD: usd(0.5), Tokens: 1200, Calls: 2}, Reserved: pawl.Spending{USD: usd(0.25), Tokens: 300, Calls: 1},
		},
		"an unknown sum and an unknown sum reserved of $2.00; 0 of 5,000 tokens; 1 and 1 reserved of 4 model calls": {
			Limit: limit, Spent: pawl.Spending{Calls: 1}, Reserved: pawl.Spending{Calls: 1},
		},
		"0 of 4 model calls": {Limit: pawl.Budget{Calls: limit.Calls}, Spent: pawl.Spending{USD: usd(0)}},
	} {
		if got := page.Budget(b); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

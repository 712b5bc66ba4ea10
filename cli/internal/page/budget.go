package page

import (
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// Budget says of each limit what is spent, what is reserved for calls in
// flight, and the limit. Nil: there is none.
func Budget(b *pawl.BudgetRecord) string {
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
		add(dollarsOrUnknown(b.Spent.USD), reservedDollars(b.Reserved), Dollars(*l))
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
	return Dollars(*usd)
}

// reservedDollars is empty if nothing is reserved.
func reservedDollars(s pawl.Spending) string {
	switch {
	case s.USD == nil && s.Calls > 0:
		return "an unknown sum"
	case s.USD == nil || *s.USD == 0:
		return ""
	}
	return Dollars(*s.USD)
}

// Limits says a budget's limits.
func Limits(b pawl.Budget) string {
	var parts []string
	if b.USD != nil {
		parts = append(parts, Dollars(*b.USD))
	}
	if b.Tokens != nil {
		parts = append(parts, term.Count(*b.Tokens, "token"))
	}
	if b.Calls != nil {
		parts = append(parts, term.Count(*b.Calls, "model call"))
	}
	return strings.Join(parts, ", ")
}

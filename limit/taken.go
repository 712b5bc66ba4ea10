package limit

import (
	"math"

	"github.com/pawlrun/pawl"
)

// Taken is what some calls of models take, or may take.
type Taken struct {
	Calls    int64   `json:"calls"`
	Tokens   int64   `json:"tokens"`
	USD      float64 `json:"usd"`
	Unpriced int64   `json:"unpriced,omitempty"` // of the calls: how many have no known price
}

// Plus returns the sum of both.
func (a Taken) Plus(b Taken) Taken {
	sum := Taken{a.Calls + b.Calls, a.Tokens + b.Tokens, neat(a.USD + b.USD), a.Unpriced + b.Unpriced}
	if sum.Tokens < 0 {
		sum.Tokens = math.MaxInt64
	}
	return sum
}

// Minus takes b, which is part of a, off it.
func (a Taken) Minus(b Taken) Taken {
	return Taken{a.Calls - b.Calls, max(a.Tokens-b.Tokens, 0), max(neat(a.USD-b.USD), 0), a.Unpriced - b.Unpriced}
}

// neat takes the noise of binary fractions off a sum of dollars.
func neat(usd float64) float64 { return math.Round(usd*1e12) / 1e12 }

// Spending is a as records have it.
func (a Taken) Spending() pawl.Spending {
	s := pawl.Spending{Tokens: a.Tokens, Calls: a.Calls}
	if a.Unpriced == 0 {
		s.USD = new(a.USD)
	}
	return s
}

// Within reports whether a passes no limit. A limit in dollars is passed if a price is not
// known.
func (a Taken) Within(l pawl.Budget) bool {
	return (l.Calls == nil || a.Calls <= *l.Calls) && (l.Tokens == nil || a.Tokens <= *l.Tokens) &&
		(l.USD == nil || a.Unpriced == 0 && a.USD <= *l.USD)
}

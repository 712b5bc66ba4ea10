package replay

import (
	"fmt"
	"math"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// messageTokens is what a message takes beside its text: its role and marks.
const messageTokens = 16

// Estimate returns what a call of a model may take at most. Its input is counted
// in bytes, of the messages and of the schema: tokenizers make no more than one
// token of a byte, and nobody's tokenizer has to be known for it. English text
// has about four bytes to a token, so that this is too much rather than too
// little. Its output is the limit that is sent with it.
func Estimate(messages []llm.Message, s *schema.Schema, maxTokens int, prices llm.Prices, model string) journal.Reserve {
	input, output := int64(0), int64(maxTokens)
	for _, m := range messages {
		input += messageTokens
		for _, p := range m.Parts {
			input += int64(len(p.Text))
		}
	}
	if s != nil {
		input += int64(len(s.JSON()))
	}
	r := journal.Reserve{Tokens: input + output}
	if usd, known := prices.Most(model, input, output); known {
		r.USD = &usd
	}
	return r
}

// CheckBudget refuses limits that are none. The error is ErrInput and names the
// field.
func CheckBudget(b *pawl.Budget) error {
	wrong := func(field string, v any) error {
		return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("budget: %s is %v, wants a number of 0 or more", field, v)}
	}
	switch {
	case b == nil:
	case b.USD != nil && !(*b.USD >= 0 && !math.IsInf(*b.USD, 1)):
		return wrong("usd", *b.USD)
	case b.Tokens != nil && *b.Tokens < 0:
		return wrong("tokens", *b.Tokens)
	case b.Calls != nil && *b.Calls < 0:
		return wrong("calls", *b.Calls)
	}
	return nil
}

// Account is a run's budget and what of it is gone. It is kept without a budget
// too, since the run can get one. The zero value has none, and nothing is gone.
// An Account may be copied; the copies are independent.
type Account struct {
	Blocker pawl.Key // the step with the open budget blocker; empty: there is none

	// AtLimit: that blocker is about a limit of the journal. No call leaves until it is lifted.
	AtLimit bool

	limit           pawl.Budget
	spent, reserved limit.Taken
	beyond          limit.Taken // the most tokens and dollars that a call reserved and did not take
	allowance       allowance
}

// Limit sets the limits.
func (a *Account) Limit(b pawl.Budget) { a.limit = b }

// Limits returns the limits in force; nil: there are none.
func (a *Account) Limits() *pawl.Budget {
	if !a.Limited() {
		return nil
	}
	return new(a.limit)
}

// Limited reports whether there is a budget at all.
func (a *Account) Limited() bool {
	return a.limit.USD != nil || a.limit.Tokens != nil || a.limit.Calls != nil
}

// LimitsDollars reports whether a limit in dollars is to be kept.
func (a *Account) LimitsDollars() bool { return a.limit.USD != nil }

// Reserve takes in that a call leaves that may take r.
func (a *Account) Reserve(r *journal.Reserve) {
	a.reserved = a.reserved.Plus(r.Taken())
	if r != nil && r.Beyond {
		a.allowance.gone = a.allowance.gone.Plus(r.Taken())
	}
}

// Settle takes in how a call ended that had reserved r, see took.
func (a *Account) Settle(r *journal.Reserve, at journal.Attempt) {
	took := took(r, at)
	a.reserved, a.spent = a.reserved.Minus(r.Taken()), a.spent.Plus(took)
	a.beyond = largest(a.beyond, r.Taken().Minus(took))
	if r != nil && r.Beyond {
		a.allowance.gone = a.allowance.gone.Minus(r.Taken()).Plus(took)
	}
}

// took is what a call took that had reserved r. It has been one call in
// any case. Its tokens are those that it reported, even if they are more than was
// reserved; its dollars what they cost. Of what is not known the reservation
// counts, also of an answer that was of no use; if that is so since the answer was of
// another service tier, it may have cost more, and the call is one without a price. One that the provider turned down
// took no tokens. One that timed out or
// whose connection broke may have been billed: its reservation counts.
func took(r *journal.Reserve, at journal.Attempt) limit.Taken {
	took := r.Taken()
	switch {
	case at.Usage != nil:
		took.Tokens = max(at.Usage.InputTokens, 0) + max(at.Usage.OutputTokens, 0)
		if took.Tokens < 0 {
			took.Tokens = math.MaxInt64
		}
		switch {
		case at.CostUSD != nil:
			took.USD, took.Unpriced = *at.CostUSD, 0
		case !llm.OrdinaryTier(at.Usage.ServiceTier):
			took.Unpriced = 1
		}
	case at.Raw == nil && !at.Unmetered && at.Error != nil && turnedDown(llm.ErrorKind(at.Error.Kind)):
		took = limit.Taken{Calls: 1}
	}
	return took
}

// Took returns what the open attempt at a model of a step took that ended so; ok is false if
// it has none.
func (st *State) Took(key pawl.Key, at journal.Attempt) (t limit.Taken, ok bool) {
	s := st.Steps[key]
	if s == nil || s.Open == nil || s.Open.Model == "" {
		return t, false
	}
	return took(s.Open.Reserve, at), true
}

// Lose takes in that nobody will know how a call ended: what it reserved is spent.
func (a *Account) Lose(r *journal.Reserve) {
	took := r.Taken()
	a.reserved, a.spent = a.reserved.Minus(took), a.spent.Plus(took)
}

// turnedDown reports whether a call that failed so, without an answer and without
// usage, was not billed.
func turnedDown(k llm.ErrorKind) bool {
	switch k {
	case llm.RateLimit, llm.Overloaded, llm.Auth, llm.Quota, llm.Invalid, llm.ContextLength, llm.TooLarge:
		return true
	}
	return false
}

// Fit says whether a call may leave.
type Fit int

const (
	Fits  Fit = iota
	Waits     // for calls in flight: they could leave enough
	Over      // it could pass the budget, whatever those in flight take
)

// Fit says whether a call that may take r may leave.
func (a *Account) Fit(r journal.Reserve) Fit {
	switch {
	case a.AtLimit:
		return Waits
	case !a.Limited():
		return Fits
	}
	with := a.spent.Plus(r.Taken())
	least := with
	least.Calls += a.reserved.Calls
	switch {
	case with.Plus(a.reserved).Within(a.limit):
		return Fits
	case !a.unpriced(r) && least.Within(a.limit):
		return Waits
	}
	return Over
}

// unpriced reports whether a limit of dollars cannot be kept, since a price is not
// known.
func (a *Account) unpriced(r journal.Reserve) bool {
	return a.limit.USD != nil && (a.spent.Unpriced+a.reserved.Unpriced > 0 || r.USD == nil)
}

// Record returns the account as views show it, nil if there is no budget.
func (a *Account) Record() *pawl.BudgetRecord {
	if !a.Limited() {
		return nil
	}
	return &pawl.BudgetRecord{Limit: a.limit, Spent: a.spent.Spending(), Reserved: a.reserved.Spending()}
}

package replay

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
)

// allowance is what a run may take beyond the limits of its journal, as somebody has
// allowed. The zero value allows nothing.
type allowance struct {
	limit pawl.Budget
	gone  limit.Taken // by calls that left since they were allowed to
}

// Allows reports whether a call may leave although it does not fit a limit of the journal.
func (a *Account) Allows(r journal.Reserve) bool {
	return a.allowance.limit != (pawl.Budget{}) && a.allowance.with(r).Within(a.allowance.limit)
}

// with is what is gone with one more call. Prices of calls that have left are not asked for
// again: somebody has let them leave.
func (a allowance) with(r journal.Reserve) limit.Taken {
	gone := a.gone
	gone.Unpriced = 0
	return gone.Plus(r.Taken())
}

// StopsAt returns the blocker of a call of a step that does not fit a limit of the journal.
// What it proposes lets this call leave.
func (a *Account) StopsAt(key pawl.Key, head journal.Step, r journal.Reserve, over limit.Over, model string) journal.Blocker {
	t := over.Limit
	b := journal.Blocker{Step: &head, Kind: pawl.BlockerBudget, Raise: &pawl.Budget{}, Limit: new(t.Name()), Again: t.Until}
	gone, need := t.Spent.Plus(t.Reserved), a.allowance.with(r)
	with := gone.Plus(r.Taken())
	until := ""
	if !t.Until.IsZero() {
		until = " until " + limit.When(t.Until, t.Zone)
	}
	var says []string
	if m := t.Most.Calls; m != nil && with.Calls > *m {
		says = append(says, fmt.Sprintf("%s may make %s %s; %s are made%s", t.Name().Whose(), counted(*m, "call"), t.Per.Each(), grouped(gone.Calls), until))
		b.Raise.Calls = new(need.Calls)
	}
	if m := t.Most.Tokens; m != nil && with.Tokens > *m {
		says = append(says, fmt.Sprintf("%s may take %s %s; %s are taken or reserved%s, and the next call of %s may take up to %s", t.Name().Whose(), counted(*m, "token"), t.Per.Each(), grouped(gone.Tokens), until, key, grouped(r.Tokens)))
		b.Raise.Tokens = new(int64(roundUp(float64(need.Tokens))))
	}
	switch m := t.Most.USD; {
	case m == nil:
	case r.USD == nil:
		says = append(says, fmt.Sprintf("%s may spend %s %s, and what the next call of %s may cost is not known: give %s a price", t.Name().Whose(), dollars(*m), t.Per.Each(), key, model))
		b.Unpriced, b.Raise.Tokens = model, new(int64(roundUp(float64(need.Tokens))))
	case over.Unpriced:
		says = append(says, fmt.Sprintf("%s may spend %s %s, and what is spent%s is not known, since a price was missing", t.Name().Whose(), dollars(*m), t.Per.Each(), until))
		b.Raise.Tokens = new(int64(roundUp(float64(need.Tokens))))
	case with.USD > *m:
		says = append(says, fmt.Sprintf("%s may spend %s %s; %s are spent or reserved%s, and the next call of %s may cost up to %s", t.Name().Whose(), dollars(*m), t.Per.Each(), dollars(gone.USD), until, key, dollars(*r.USD)))
		b.Raise.USD = new(roundUp(need.USD))
	}
	a.allowance.widen(&b, need, model)
	b.Question = strings.Join(says, "; ")
	b.Digest = journal.Digest([]byte(string(key) + "\n" + b.Question))
	return b
}

// widen has a proposal name also what was allowed before and is used up: a raise changes what
// it names, and the rest of what was allowed holds on.
func (a allowance) widen(b *journal.Blocker, need limit.Taken, model string) {
	if m := a.limit.Calls; m != nil && need.Calls > *m && b.Raise.Calls == nil {
		b.Raise.Calls = new(need.Calls)
	}
	b.Raise.Tokens = atLeast(b.Raise.Tokens, a.limit.Tokens, need.Tokens)
	if a.limit.USD != nil && need.Unpriced > 0 {
		b.Unpriced = model // a raise that names no dollars gives those up that were allowed
	} else {
		b.Raise.USD = atLeast(b.Raise.USD, a.limit.USD, need.USD)
	}
}

// Again returns when a step that stands at a limit of the journal goes on by itself; zero:
// it stands at none, or does not.
func (st *State) Again(key pawl.Key) pawl.Time {
	if s := st.Steps[key]; s != nil && s.Asked != nil && st.Account.AtLimit && key == st.Account.Blocker {
		return s.Asked.Again
	}
	return pawl.Time{}
}

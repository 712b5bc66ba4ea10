package replay

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
)

// Stops returns the blocker of a call of a step that is Over, while others wait. What it
// proposes lets all of them leave.
func (a *Account) Stops(key pawl.Key, head journal.Step, r journal.Reserve, others []journal.Reserve, model string) journal.Blocker {
	b := journal.Blocker{Step: &head, Kind: pawl.BlockerBudget, Raise: &pawl.Budget{}}
	gone := a.spent.Plus(a.reserved)
	with := gone.Plus(r.Taken())
	all := with
	for i := range others {
		all = all.Plus(others[i].Taken())
	}
	var says []string
	if a.unpriced(r) {
		b.Unpriced = model
		says = []string{fmt.Sprintf("what the next call of %s may cost is not known: give %s a price, or raise the budget without a limit in dollars", key, model)}
		if r.USD != nil {
			says[0] = fmt.Sprintf("what has been spent before %s is not known, since a price was missing, so no limit in dollars can be kept: raise the budget without one", key)
		}
		most := max(float64(all.Tokens), float64(gone.Tokens)+10*float64(r.Tokens))
		if a.limit.Tokens != nil {
			most = max(most, float64(*a.limit.Tokens))
		}
		b.Raise.Tokens = new(int64(roundUp(most)))
	} else {
		says = a.shortOf(key, r, gone, with)
		a.propose(b.Raise, all)
	}
	if n := int64(len(others)); n > 0 {
		says = append(says, fmt.Sprintf("with the %s waiting, the run may come to %s", counted(n, "other call"), a.inAll(all)))
	}
	if took := a.took(a.spent); a.spent.Calls > 0 && took != "" {
		says = append(says, fmt.Sprintf("so far %s took %s", counted(a.spent.Calls, "call"), took))
	}
	b.Question = strings.Join(says, "; ")
	b.Digest = journal.Digest([]byte(string(key) + "\n" + b.Question))
	return b
}

// shortOf says which limits a call would pass.
func (a *Account) shortOf(key pawl.Key, r journal.Reserve, gone, with limit.Taken) (says []string) {
	l, may := a.limit, "the next call of "+string(key)
	if l.Calls != nil && with.Calls > *l.Calls {
		says = append(says, fmt.Sprintf("%s would be number %s; %s of %s calls are left", may, grouped(with.Calls), grouped(*l.Calls-gone.Calls), grouped(*l.Calls)))
		may = "it"
	}
	if l.Tokens != nil && with.Tokens > *l.Tokens {
		says = append(says, fmt.Sprintf("%s may take up to %s tokens; %s of %s are left", may, grouped(r.Tokens), grouped(*l.Tokens-gone.Tokens), grouped(*l.Tokens)))
		may = "it"
	}
	if l.USD != nil && with.USD > *l.USD {
		says = append(says, fmt.Sprintf("%s may cost up to %s; %s of %s are left", may, dollars(*r.USD), dollars(*l.USD-gone.USD), dollars(*l.USD)))
	}
	return says
}

// propose sets the limits that are too low for so much.
func (a *Account) propose(raise *pawl.Budget, enough limit.Taken) {
	l := a.limit
	if l.Calls != nil && enough.Calls > *l.Calls {
		raise.Calls = new(int64(suggest(float64(*l.Calls), float64(enough.Calls))))
	}
	if l.Tokens != nil && enough.Tokens > *l.Tokens {
		raise.Tokens = new(int64(suggest(float64(*l.Tokens), float64(enough.Tokens))))
	}
	if l.USD != nil && enough.USD > *l.USD {
		raise.USD = new(suggest(*l.USD, enough.USD))
	}
}

// inAll is an amount as people read it, in what the budget limits.
func (a *Account) inAll(x limit.Taken) string {
	parts := []string{a.took(x)}
	if a.limit.Calls != nil {
		parts = append([]string{counted(x.Calls, "call")}, parts...)
	}
	return strings.TrimSuffix(strings.Join(parts, ", "), ", ")
}

// took is what calls take, in what the budget limits; empty: it limits but their number.
func (a *Account) took(x limit.Taken) string {
	var parts []string
	if a.limit.Tokens != nil || a.limit.USD != nil && x.Unpriced > 0 {
		parts = append(parts, counted(x.Tokens, "token"))
	}
	if a.limit.USD != nil && x.Unpriced == 0 {
		parts = append(parts, dollars(x.USD))
	}
	return strings.Join(parts, ", ")
}

// counted is a number of things as people read it.
func counted(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

// suggest is the limit that is proposed in place of one that is too low: twice as
// much, and enough for the call.
func suggest(limit, enough float64) float64 { return roundUp(max(2*limit, enough)) }

// neat takes the noise of binary fractions off a number.
func neat(x float64) float64 { return math.Round(x*1e12) / 1e12 }

// roundUp rounds up to two digits that count.
func roundUp(x float64) float64 {
	if x <= 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-1)
	up := math.Ceil(neat(x/unit)) * unit
	if x >= 1e12 {
		return min(up, 1<<62)
	}
	return max(neat(up), x)
}

// grouped is a number of 0 or more as people read it: 1,234,567.
func grouped(n int64) string {
	s := strconv.FormatInt(max(n, 0), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// dollars is a sum of 0 or more as people read it.
func dollars(usd float64) string {
	usd = max(usd, 0)
	if cut := math.Round(usd*1e6) / 1e6; cut > 0 {
		usd = cut
	}
	return "$" + strconv.FormatFloat(usd, 'f', -1, 64)
}

// Raisable returns the key of the budget blocker that a raise lifts, empty if none
// is open, and whether the raise may be taken. It may with and without one; but
// one that is about a blocker, by its key or what was shown, needs that.
//
// What it means depends on where the run stands. Without a digest it is about the run's own
// budget, and refused at a limit of the journal: there it has to say what was shown, or it
// would mean the one or the other by when it comes.
func (st *State) Raisable(d pawl.Decision) (pawl.Key, error) {
	if d.Key == "" && (d.Digest == "" || st.Account.Blocker != "") {
		d.Key = st.Account.Blocker
	}
	if d.Key == "" && d.Digest == "" && !st.Ended() {
		return "", nil
	}
	b, err := st.Decidable(d)
	if err == nil && st.Account.AtLimit && d.Digest == "" {
		err = &pawl.Error{Kind: pawl.ErrInput, Run: st.Run, Step: b.Key,
			Message: fmt.Sprintf("the run stands at a limit on many runs, not at its own budget (%s): a raise is what it may take beyond that, and says with the digest of what was shown that this is meant", b.Question),
			Hint:    "what is shown now has the digest " + Seen(b.Digest)}
	}
	return d.Key, err
}

// Raised returns the limits after a raise: those that it names are new, the others
// stay. Where the run stands because a price is not known, a raise that names no
// dollars gives the limit in dollars up.
//
// At a limit of the journal they are what the run may take beyond it.
func (st *State) Raised(named pawl.Budget) pawl.Budget {
	b := st.Account.limit
	if st.Account.AtLimit {
		b = st.Account.allowance.limit
	}
	if s := st.Steps[st.Account.Blocker]; s != nil && s.Asked != nil && s.Asked.Unpriced != "" {
		b.USD = nil
	}
	b.USD, b.Tokens, b.Calls = cmp.Or(named.USD, b.USD), cmp.Or(named.Tokens, b.Tokens), cmp.Or(named.Calls, b.Calls)
	return b
}

package replay

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
)

// Forecast says what a run probably takes, by what finished runs of its kind took. The
// zero value knows of none. It may not be used by several goroutines at once.
type Forecast struct {
	runs        int64
	least, most amount // that one of them took
	enough      amount // within which each of them could have made its calls, one after the other
}

// Add takes in what a finished run took.
func (f *Forecast) Add(a Account) {
	took := a.spent
	enough := took.plus(amount{tokens: a.beyond.tokens, usd: a.beyond.usd})
	if f.runs == 0 {
		f.least, f.most, f.enough = took, took, enough
	}
	f.least = amount{min(f.least.calls, took.calls), min(f.least.tokens, took.tokens), min(f.least.usd, took.usd), max(f.least.unpriced, took.unpriced)}
	f.most, f.enough = f.most.most(took), f.enough.most(enough)
	f.runs++
}

// most is the larger of each.
func (a amount) most(b amount) amount {
	return amount{max(a.calls, b.calls), max(a.tokens, b.tokens), max(a.usd, b.usd), max(a.unpriced, b.unpriced)}
}

// Propose returns the limits that a budget blocker proposes, which let its calls leave, or
// more where such a run needs more; with those of the limits in force that it would pass
// later. What took a sum that is not known says nothing of dollars.
func (f *Forecast) Propose(raise, inForce pawl.Budget) pawl.Budget {
	if f.runs == 0 {
		return raise
	}
	raise.Calls = atLeast(raise.Calls, inForce.Calls, f.enough.calls)
	raise.Tokens = atLeast(raise.Tokens, inForce.Tokens, f.enough.tokens)
	if f.enough.unpriced == 0 {
		raise.USD = atLeast(raise.USD, inForce.USD, f.enough.usd)
	}
	return raise
}

// atLeast is a limit that is proposed, or so much where that or, if none is proposed, the
// one in force is lower.
func atLeast[N int64 | float64](proposed, inForce *N, need N) *N {
	limit := proposed
	if limit == nil {
		limit = inForce
	}
	if limit == nil || *limit >= need {
		return proposed
	}
	return new(N(roundUp(float64(need))))
}

// Says is on what a proposal stands for a run of a kind, as in "article with offline",
// within these limits, as people read it.
func (f *Forecast) Says(kind string, limits pawl.Budget) string {
	if f.runs == 0 {
		return fmt.Sprintf("what a run of %s takes is not known yet: the limit that is proposed is for its next call", kind)
	}
	runs := "the last done run"
	if f.runs > 1 {
		runs = fmt.Sprintf("the last %d done runs", f.runs)
	}
	var took []string
	if limits.Calls != nil {
		took = append(took, span(grouped(f.least.calls), counted(f.most.calls, "call")))
	}
	priced := f.most.unpriced == 0
	if limits.Tokens != nil || limits.USD != nil && !priced {
		took = append(took, span(grouped(f.least.tokens), counted(f.most.tokens, "token")))
	}
	if limits.USD != nil && priced {
		took = append(took, span(dollars(f.least.usd), dollars(f.most.usd)))
	}
	s := fmt.Sprintf("%s of %s took %s", runs, kind, strings.Join(took, ", "))
	a := Account{limit: limits}
	if enough := a.took(f.enough); enough != a.took(f.most) {
		s += "; with what a call reserves, " + enough + " is enough for that"
	}
	return s
}

// span is a range as people read it: "3 to 4 calls", or "4 calls".
func span(least, most string) string {
	if most == least || strings.HasPrefix(most, least+" ") {
		return most
	}
	return least + " to " + most
}

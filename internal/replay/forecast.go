package replay

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/limit"
)

// Forecast says what a run probably takes, by what finished runs of its kind took. The
// zero value knows of none. It may not be used by several goroutines at once.
type Forecast struct {
	runs        int64
	least, most limit.Taken // that one of them took
	enough      limit.Taken // within which each of them could have made its calls, one after the other
}

// Add takes in what a finished run took.
func (f *Forecast) Add(a Account) {
	took := a.spent
	enough := took.Plus(limit.Taken{Tokens: a.beyond.Tokens, USD: a.beyond.USD})
	if f.runs == 0 {
		f.least, f.most, f.enough = took, took, enough
	}
	f.least = limit.Taken{Calls: min(f.least.Calls, took.Calls), Tokens: min(f.least.Tokens, took.Tokens), USD: min(f.least.USD, took.USD), Unpriced: max(f.least.Unpriced, took.Unpriced)}
	f.most, f.enough = largest(f.most, took), largest(f.enough, enough)
	f.runs++
}

// largest is the larger of each.
func largest(a, b limit.Taken) limit.Taken {
	return limit.Taken{Calls: max(a.Calls, b.Calls), Tokens: max(a.Tokens, b.Tokens), USD: max(a.USD, b.USD), Unpriced: max(a.Unpriced, b.Unpriced)}
}

// Propose returns the limits that a budget blocker proposes, which let its calls leave, or
// more where such a run needs more; with those of the limits in force that it would pass
// later. What took a sum that is not known says nothing of dollars.
func (f *Forecast) Propose(raise, inForce pawl.Budget) pawl.Budget {
	if f.runs == 0 {
		return raise
	}
	raise.Calls = atLeast(raise.Calls, inForce.Calls, f.enough.Calls)
	raise.Tokens = atLeast(raise.Tokens, inForce.Tokens, f.enough.Tokens)
	if f.enough.Unpriced == 0 {
		raise.USD = atLeast(raise.USD, inForce.USD, f.enough.USD)
	}
	return raise
}

// atLeast is a limit that is proposed, or so much where that or, if none is proposed, the
// one in force is lower.
func atLeast[N int64 | float64](proposed, inForce *N, need N) *N {
	limit := cmp.Or(proposed, inForce)
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
		took = append(took, span(grouped(f.least.Calls), counted(f.most.Calls, "call")))
	}
	priced := f.most.Unpriced == 0
	if limits.Tokens != nil || limits.USD != nil && !priced {
		took = append(took, span(grouped(f.least.Tokens), counted(f.most.Tokens, "token")))
	}
	if limits.USD != nil && priced {
		took = append(took, span(dollars(f.least.USD), dollars(f.most.USD)))
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

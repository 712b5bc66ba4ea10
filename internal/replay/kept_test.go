package replay

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
)

// Of the decisions on a step only the one that waits is unused when another takes its place.
func TestReplacedIsWhatWaits(t *testing.T) {
	s := &Step{Key: "a", Kept: &Kept{}}
	st := &State{kept: []*Step{s}, decisions: []pawl.Decision{
		{Key: "a", What: pawl.DecideRetry}, {Key: "a", What: pawl.DecideSupply, Waits: true},
		{Key: "a", What: pawl.DecideAnswer, Waits: true, Delivery: "1"}, {Key: "b", What: pawl.DecideSupply, Waits: true}}}
	st.replaceKept(s)
	for i, d := range st.decisions {
		if unused := i == 1; d.Unused != unused || d.Waits != (i > 1) || s.Kept != nil {
			t.Errorf("%d: %+v", i, d)
		}
	}
}

// What was allowed beyond limits, and would not be enough for the call, is proposed too.
func TestStopsAtProposesWhatIsUsedUp(t *testing.T) {
	allowed := pawl.Budget{Tokens: new(int64(10)), USD: new(0.5), Calls: new(int64(1))}
	a := Account{allowance: allowance{limit: allowed, gone: limit.Taken{Tokens: 9, USD: 0.4, Calls: 1}}}
	r := journal.Reserve{Tokens: 200, USD: new(2.0)}
	over := limit.Over{Limit: limit.Tally{Limit: limit.Limit{Most: pawl.Budget{Calls: new(int64(0))}}}}
	b := a.StopsAt("k", journal.Step{}, r, over, "p/m")
	st := State{Account: a}
	st.Account.AtLimit = true
	st.Account.allowance.limit = st.Raised(*b.Raise)
	if r := b.Raise; r.Calls == nil || r.Tokens == nil || r.USD == nil || !st.Account.Allows(journal.Reserve{Tokens: 200, USD: new(2.0)}) {
		t.Errorf("%v %v %v is not enough", r.Calls, r.Tokens, r.USD)
	}
	unpriced := a.StopsAt("k", journal.Step{}, journal.Reserve{Tokens: 1}, over, "p/m")
	if unpriced.Unpriced != "p/m" || unpriced.Raise.USD != nil || unpriced.Raise.Tokens != nil {
		t.Errorf("of a call without a price: %+v", unpriced)
	}
}

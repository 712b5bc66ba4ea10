package local_test

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// A budget's question speaks of all calls that wait, and what it proposes lets all of
// them leave: nobody is asked again for each.
func TestBudgetSpeaksOfAllThatWaits(t *testing.T) {
	wide := pawl.New("wide", "Asks for 5.", func(r *pawl.Run, in topic) (int, error) {
		return len(pawl.Map(r, "items", make([]int, 5), func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "ask", text("Ask").MaxTokens(1000)), nil
		})), nil
	})
	m := &script{}
	e := pricedEngine(checktest.Memory(t), m, llm.Prices{"test/one": {Input: 100, Output: 100}})
	rec := follow(t, e, startWith(t, e, wide, &pawl.Budget{Tokens: new(int64(900)), USD: new(0.3), Calls: new(int64(50))}))
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || len(m.Requests) != 0 {
		t.Fatalf("run is %s (%s), %d blockers", rec.Status, rec.Reason, len(rec.Blockers))
	}
	b := rec.Blockers[0]
	if want := "the next call of items[0]/ask may take up to 1,019 tokens; 900 of 900 are left; with the 4 other calls waiting, the run may come to 5 calls, 5,095 tokens, $0.5095"; b.Question != want {
		t.Errorf("%s\nwants %s", b.Question, want)
	}
	proposed := b.Actions[0].Budget
	if proposed.Calls != nil || *proposed.Tokens < 5095 || *proposed.USD < 0.5095 {
		t.Fatalf("proposes %+v", b.Actions[0])
	}
	raise(t, e, rec.ID, *proposed)
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 {
		t.Errorf("run is %s (%s) after %d decisions", rec.Status, rec.Reason, len(rec.Decisions))
	}
}

package cli

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

func TestUsageLine(t *testing.T) {
	n := new(int64(1200))
	tokens := func(usd *float64) pawl.UsageRecord {
		return pawl.UsageRecord{ModelCalls: 2, InputTokens: n, OutputTokens: n, CachedTokens: n, CostUSD: usd}
	}
	none := pawl.UsageRecord{ModelCalls: 2}
	paid, cut := pawl.Attempt{Model: "a/b", Outcome: pawl.OutcomeAccepted}, pawl.Attempt{Model: "a/b", Outcome: pawl.OutcomeFailed, Error: &pawl.ErrorRecord{Kind: pawl.ErrorKind(llm.Timeout)}}
	refused := pawl.Attempt{Model: "a/b", Outcome: pawl.OutcomeFailed, Error: &pawl.ErrorRecord{Kind: pawl.ErrorKind(llm.Overloaded)}}
	free := pawl.Attempt{Model: "offline?fail=1", Outcome: pawl.OutcomeUnknown}
	freeCut := pawl.Attempt{Model: "offline", Outcome: pawl.OutcomeFailed, Error: cut.Error}
	a := newApp(world{}, Program{})
	for _, c := range []struct {
		name     string
		usage    pawl.UsageRecord
		attempts []pawl.Attempt
		want     string
	}{
		{"paid", tokens(new(0.01234)), []pawl.Attempt{paid}, "2 model calls, 1,200 tokens in, 1,200 out, $0.0123"},
		{"little", tokens(new(0.00004)), []pawl.Attempt{paid}, "2 model calls, 1,200 tokens in, 1,200 out, <$0.0001"},
		{"much", tokens(new(12.345)), []pawl.Attempt{paid}, "2 model calls, 1,200 tokens in, 1,200 out, $12.35"},
		{"about", tokens(new(0.01234)), []pawl.Attempt{paid, cut}, "2 model calls, 1,200 tokens in, 1,200 out, about $0.0123"},
		{"not billed", tokens(new(0.01234)), []pawl.Attempt{refused, paid}, "2 model calls, 1,200 tokens in, 1,200 out, $0.0123"},
		{"no price", tokens(nil), []pawl.Attempt{paid}, "2 model calls, 1,200 tokens in, 1,200 out, cost unknown"},
		{"no usage", none, []pawl.Attempt{paid}, "2 model calls, tokens and cost unknown"},
		{"own server", tokens(new(0.0)), []pawl.Attempt{paid}, "2 model calls, 1,200 tokens in, 1,200 out"},
		{"offline", tokens(new(0.0)), []pawl.Attempt{free}, "2 model calls, 1,200 tokens in, 1,200 out"},
		{"offline, killed", tokens(nil), []pawl.Attempt{free, freeCut}, "2 model calls, 1,200 tokens in, 1,200 out"},
		{"offline, no usage", none, []pawl.Attempt{free}, "2 model calls, tokens unknown"},
		{"offline and another", tokens(nil), []pawl.Attempt{free, paid}, "2 model calls, 1,200 tokens in, 1,200 out, cost unknown"},
		{"no call", noUsage(), nil, "0 model calls, 0 tokens in, 0 out"},
	} {
		if got := usage(c.usage, a.billOf([]pawl.StepRecord{{Attempts: c.attempts}})); got != c.want {
			t.Errorf("%s: got %q, wants %q", c.name, got, c.want)
		}
	}
}

// The live tree shows what a step and the run have cost so far, and no more than
// there is to say.
func TestTreeShowsCosts(t *testing.T) {
	for _, c := range []struct {
		usd        *float64
		step, sums string
	}{
		{new(0.0123), "1,200+34 tokens, $0.0123  Drafting", "1,200 tokens in, 34 out, $0.0123, "},
		{new(0.0), "1,200+34 tokens  Drafting", "1,200 tokens in, 34 out, "},
		{nil, "1,200+34 tokens  Drafting", "1,200 tokens in, 34 out, "},
	} {
		h := newHistory(t)
		h.begin("draft", "Drafting")
		h.attempt("draft", journal.Attempt{Outcome: pawl.OutcomeRejected, Raw: new("x"), Usage: &llm.Usage{InputTokens: 1200, OutputTokens: 34}, CostUSD: c.usd})
		h.begin("draft", "Drafting")
		text := strings.Join(h.frame(120, 20), "\n")
		if !strings.Contains(text, c.step) || !strings.Contains(text, c.sums) || c.usd != nil && *c.usd == 0 && strings.Contains(text, "$") {
			t.Errorf("cost %v:\n%s", c.usd, text)
		}
	}
}

// What a batch paid is what its lines paid, none of it before it began.
func TestBatchCosts(t *testing.T) {
	of := func(calls int64, usd *float64) pawl.UsageRecord {
		return pawl.UsageRecord{ModelCalls: calls, CostUSD: usd}
	}
	sum := plus(plus(noUsage(), since(of(1, new(0.1)), of(2, new(0.3)))), since(of(0, nil), of(1, new(0.1))))
	if sum.CostUSD == nil || *sum.CostUSD != 0.3 {
		t.Errorf("got %v", sum.CostUSD)
	}
	if sum := plus(sum, since(of(2, nil), of(2, nil))); sum.CostUSD == nil || *sum.CostUSD != 0.3 {
		t.Errorf("a line that made no call changes the sum: %v", sum.CostUSD)
	}
	if sum := plus(sum, since(of(2, nil), of(3, nil))); sum.CostUSD != nil {
		t.Errorf("an unknown cost is %v", *sum.CostUSD)
	}
}

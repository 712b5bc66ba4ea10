package page

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

func TestCacheLine(t *testing.T) {
	for _, c := range []struct {
		usage pawl.UsageRecord
		want  string
	}{
		{pawl.UsageRecord{}, ""},
		{pawl.UsageRecord{CachedTokens: new(int64)}, ""},
		{pawl.UsageRecord{CachedTokens: new(int64(1200))}, "1,200 tokens read"}, // its price is not known
		{pawl.UsageRecord{CachedTokens: new(int64(1200)), CacheWriteTokens: 3400, CacheSavedUSD: 0.01234, CostUSD: new(1.0)}, "1,200 tokens read, 3,400 written, saved $0.0123"},
		{pawl.UsageRecord{CachedTokens: new(int64), CacheWriteTokens: 3400, CacheSavedUSD: -0.005, CostUSD: new(1.0)}, "0 tokens read, 3,400 written, cost $0.0050 more than it saved"},
		{pawl.UsageRecord{CacheWriteTokens: 3400, CacheSavedUSD: -0.005}, "3,400 written, cost $0.0050 more than it saved, as far as is known"}, // nor what was read
	} {
		if got := cacheLine(c.usage); got != c.want {
			t.Errorf("%+v: got %q, wants %q", c.usage, got, c.want)
		}
	}
}

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
		{"no call", pawl.UsageRecord{InputTokens: new(int64), OutputTokens: new(int64), CachedTokens: new(int64), CostUSD: new(float64)}, nil, "0 model calls, 0 tokens in, 0 out"},
	} {
		if got := Usage(c.usage, BillOf([]pawl.StepRecord{{Attempts: c.attempts}}, func(model string) bool { return strings.HasPrefix(model, "offline") })); got != c.want {
			t.Errorf("%s: got %q, wants %q", c.name, got, c.want)
		}
	}
}

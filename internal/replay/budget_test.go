package replay_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

func TestEstimate(t *testing.T) {
	prices := llm.Prices{"p/m": {Input: 1, Output: 10}, "p/short": {Input: 1, MaxInputTokens: 100}}
	s, err := schema.For[struct {
		Title string `json:"title"`
	}]()
	if err != nil {
		t.Fatal(err)
	}
	long := []llm.Message{llm.System("äö"), llm.User(strings.Repeat("x", 100))}
	for _, c := range []struct {
		name     string
		messages []llm.Message
		schema   *schema.Schema
		max      int
		model    string
		tokens   int64
		usd      float64 // negative: unknown
	}{
		{"nothing but an answer", nil, nil, 4096, "p/m", 4096, 0.04096},
		{"bytes of messages", long, nil, 50, "p/m", 4 + 100 + 2*16 + 50, 0.000636},
		{"and of the schema", long, s, 50, "p/m", 4 + 100 + 2*16 + 50 + int64(len(s.JSON())), (636 + float64(len(s.JSON()))) / 1e6},
		{"no price", long, nil, 50, "q/m", 186, -1},
		{"no price for so much", long, nil, 50, "p/short", 186, -1},
	} {
		got := replay.Estimate(c.messages, c.schema, c.max, prices, c.model)
		usd := -1.0
		if got.USD != nil {
			usd = *got.USD
		}
		if got.Tokens != c.tokens || usd != c.usd {
			t.Errorf("%s: %d tokens, %v dollars, wants %d, %v", c.name, got.Tokens, usd, c.tokens, c.usd)
		}
	}
}

func TestCheckBudget(t *testing.T) {
	for field, b := range map[string]*pawl.Budget{
		"": nil, " ": {}, "  ": {USD: new(0.0), Tokens: new(int64(0)), Calls: new(int64(0))}, "   ": {USD: new(math.MaxFloat64), Tokens: new(int64(math.MaxInt64))},
		"usd is NaN": {USD: new(math.NaN())}, "usd is +Inf": {USD: new(math.Inf(1))}, "usd is -0.01": {USD: new(-0.01)},
		"tokens is -1": {Tokens: new(int64(-1))}, "calls is -1": {Calls: new(int64(-1)), Tokens: new(int64(1))},
	} {
		err := replay.CheckBudget(b)
		if wrong := strings.TrimSpace(field); wrong == "" && err != nil || wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)) {
			t.Errorf("%q: %v", field, err)
		}
	}
}

// What a call took once it is settled, by what is known of it.
func TestSettle(t *testing.T) {
	failed := func(kind pawl.ErrorKind) journal.Attempt {
		return journal.Attempt{Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: kind}}
	}
	text := "x"
	r := &journal.Reserve{Tokens: 100, USD: new(0.1)}
	for _, c := range []struct {
		name    string
		reserve *journal.Reserve
		at      journal.Attempt
		tokens  int64
		usd     float64 // negative: unknown
	}{
		{"usage", r, journal.Attempt{Usage: &llm.Usage{InputTokens: 10, OutputTokens: 5}, CostUSD: new(0.02)}, 15, 0.02},
		{"more than reserved", r, journal.Attempt{Usage: &llm.Usage{InputTokens: 1000, OutputTokens: 5}, CostUSD: new(2.0)}, 1005, 2},
		{"usage without a cost", r, journal.Attempt{Usage: &llm.Usage{InputTokens: 10}}, 10, 0.1},
		{"a price came up meanwhile", &journal.Reserve{Tokens: 100}, journal.Attempt{Usage: &llm.Usage{InputTokens: 10}, CostUSD: new(0.02)}, 10, 0.02},
		{"no price", &journal.Reserve{Tokens: 100}, journal.Attempt{Usage: &llm.Usage{InputTokens: 10}}, 10, -1},
		{"an answer without usage", r, journal.Attempt{Raw: &text}, 100, 0.1},
		{"nonsense", r, journal.Attempt{Usage: &llm.Usage{InputTokens: -10, OutputTokens: math.MinInt64}, CostUSD: new(0.0)}, 0, 0},
		{"too much", r, journal.Attempt{Usage: &llm.Usage{InputTokens: math.MaxInt64, OutputTokens: math.MaxInt64}, CostUSD: new(1.0)}, math.MaxInt64, 1},
		{"turned down", r, failed(pawl.ErrorKind(llm.RateLimit)), 0, 0},
		{"turned down without a price", &journal.Reserve{Tokens: 100}, failed(pawl.ErrorKind(llm.Overloaded)), 0, 0},
		{"answered with nothing of use", r, journal.Attempt{Unmetered: true, Error: &journal.Failure{Kind: pawl.ErrorKind(llm.Overloaded)}}, 100, 0.1},
		{"answered with nothing of use, and no price", &journal.Reserve{Tokens: 100}, journal.Attempt{Unmetered: true, Error: &journal.Failure{Kind: pawl.ErrorKind(llm.Overloaded)}}, 100, -1},
		{"timed out", r, failed(pawl.ErrorKind(llm.Timeout)), 100, 0.1},
		{"cut", r, failed(pawl.ErrorKind(llm.Network)), 100, 0.1},
		{"panicked", r, failed(pawl.ErrInternal), 100, 0.1},
		{"refused, with what it said", r, journal.Attempt{Raw: &text, Error: &journal.Failure{Kind: pawl.ErrorKind(llm.Refused)}}, 100, 0.1},
		{"reserved by an older program", nil, journal.Attempt{Raw: &text}, 0, -1},
	} {
		var a replay.Account
		a.Limit(pawl.Budget{Calls: new(int64(1))})
		a.Reserve(c.reserve)
		a.Settle(c.reserve, c.at)
		rec := a.Record()
		usd := -1.0
		if rec.Spent.USD != nil {
			usd = *rec.Spent.USD
		}
		if rec.Spent.Calls != 1 || rec.Spent.Tokens != c.tokens || usd != c.usd || rec.Reserved.Calls != 0 || rec.Reserved.Tokens != 0 || rec.Reserved.USD == nil || *rec.Reserved.USD != 0 {
			t.Errorf("%s: spent %+v (%v dollars), reserved %+v", c.name, rec.Spent, usd, rec.Reserved)
		}
	}
}

func TestFit(t *testing.T) {
	calls, tokens, usd := func(n int64) pawl.Budget { return pawl.Budget{Calls: &n} }, func(n int64) pawl.Budget { return pawl.Budget{Tokens: &n} }, func(n float64) pawl.Budget { return pawl.Budget{USD: &n} }
	r := journal.Reserve{Tokens: 100, USD: new(0.1)}
	free := journal.Reserve{Tokens: 100}
	for _, c := range []struct {
		name     string
		limit    pawl.Budget
		lost     []journal.Reserve
		reserved []journal.Reserve
		need     journal.Reserve
		want     replay.Fit
	}{
		{"no budget", pawl.Budget{}, nil, []journal.Reserve{free}, free, replay.Fits},
		{"a call", calls(1), nil, nil, r, replay.Fits},
		{"no call", calls(0), nil, nil, r, replay.Over},
		{"calls in flight are made", calls(1), nil, []journal.Reserve{r}, r, replay.Over},
		{"tokens to the last", tokens(200), nil, []journal.Reserve{r}, r, replay.Fits},
		{"tokens that may come back", tokens(199), nil, []journal.Reserve{r}, r, replay.Waits},
		{"tokens that never will", tokens(199), []journal.Reserve{r}, []journal.Reserve{r}, r, replay.Over},
		{"too much in any case", tokens(99), nil, []journal.Reserve{r}, r, replay.Over},
		{"three times a tenth is three tenths", usd(0.3), []journal.Reserve{r}, []journal.Reserve{r}, r, replay.Fits},
		{"dollars that may come back", usd(0.19), nil, []journal.Reserve{r}, r, replay.Waits},
		{"dollars that never will", usd(0.19), []journal.Reserve{r}, nil, r, replay.Over},
		{"no price", usd(9), nil, nil, free, replay.Over},
		{"no price in flight", usd(9), nil, []journal.Reserve{free}, r, replay.Over},
		{"no price before", usd(9), []journal.Reserve{free}, nil, r, replay.Over},
		{"no price and nobody asks", tokens(900), []journal.Reserve{free}, []journal.Reserve{free}, free, replay.Fits},
		{"free of charge", usd(0), nil, nil, journal.Reserve{Tokens: 9, USD: new(0.0)}, replay.Fits},
		{"more than can be counted", tokens(math.MaxInt64 - 1), []journal.Reserve{{Tokens: math.MaxInt64}}, nil, r, replay.Over},
	} {
		var a replay.Account
		a.Limit(c.limit)
		for _, r := range c.lost {
			a.Reserve(&r)
			a.Lose(&r)
		}
		for _, r := range c.reserved {
			a.Reserve(&r)
		}
		if got := a.Fit(c.need); got != c.want {
			t.Errorf("%s: %v, wants %v", c.name, got, c.want)
		}
	}
}

// The limits that a blocker proposes let the call leave, whatever the numbers.
func TestStopsProposesEnough(t *testing.T) {
	for i := range 2000 {
		x := math.Pow(10, float64(i%25)-10) * (1 + float64(i)/333)
		r := journal.Reserve{Tokens: int64(min(x*1000, 1<<60)), USD: new(x)}
		var a replay.Account
		a.Limit(pawl.Budget{USD: new(x / float64(1+i%7)), Tokens: new(r.Tokens / int64(1+i%5)), Calls: new(int64(i % 3))})
		for range i % 4 {
			a.Reserve(&r)
			a.Lose(&r)
		}
		if a.Fit(r) != replay.Over {
			continue
		}
		b := a.Stops("k", journal.Step{}, r, nil, "p/m")
		var st replay.State
		st.Account = a
		a.Limit(st.Raised(*b.Raise))
		if b.Unpriced != "" || a.Fit(r) != replay.Fits {
			t.Fatalf("%d: %s: %+v is not enough", i, b.Question, fmt.Sprint(b.Raise.USD, b.Raise.Tokens, b.Raise.Calls))
		}
	}
}

package replay_test

import (
	"math/rand/v2"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// made is a call: what it reserved, and what it took.
type made struct {
	reserve journal.Reserve
	tokens  int64
	usd     float64
}

func (c made) on(a *replay.Account) {
	a.Reserve(&c.reserve)
	a.Settle(&c.reserve, journal.Attempt{Usage: &llm.Usage{InputTokens: c.tokens}, CostUSD: new(c.usd)})
}

// A run that takes no more than one that is done needs one raise, to what a forecast of
// that one proposes.
func TestForecastIsEnough(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	for n := range 500 {
		var calls []made
		for range 1 + random.IntN(12) {
			tokens := 10 + random.Int64N(5000)
			usd := float64(tokens) / 1e6
			calls = append(calls, made{journal.Reserve{Tokens: tokens, USD: &usd}, random.Int64N(tokens), usd * random.Float64()})
		}
		var f replay.Forecast
		var done replay.Account
		for _, c := range calls {
			c.on(&done)
		}
		f.Add(done)

		var a replay.Account
		first := calls[0].reserve
		a.Limit(pawl.Budget{Tokens: new(first.Tokens - 1), USD: new(*first.USD / 2), Calls: new(int64(1))})
		inForce := *a.Limits()
		raise := f.Propose(*a.Stops("k", journal.Step{}, first, nil, "p/m").Raise, inForce)
		var st replay.State
		st.Account = a
		a.Limit(st.Raised(raise))
		for i, c := range calls {
			if a.Fit(c.reserve) != replay.Fits {
				t.Fatalf("%d: call %d of %d does not fit within %+v", n, i, len(calls), *a.Limits())
			}
			c.on(&a)
		}
	}
}

func TestForecastSays(t *testing.T) {
	limits := pawl.Budget{USD: new(0.001), Calls: new(int64(2))}
	usd := func(n float64) *float64 { return &n }
	done := func(calls ...made) (a replay.Account) {
		for _, c := range calls {
			c.on(&a)
		}
		return a
	}
	cheap := made{journal.Reserve{Tokens: 4000, USD: usd(0.02)}, 400, 0.0004}
	dear := made{journal.Reserve{Tokens: 4100, USD: usd(0.021)}, 500, 0.0005}
	var unpriced replay.Account
	unpriced.Reserve(&journal.Reserve{Tokens: 4000})
	unpriced.Settle(&journal.Reserve{Tokens: 4000}, journal.Attempt{Usage: &llm.Usage{InputTokens: 400}})
	for _, c := range []struct {
		name  string
		done  []replay.Account
		wants string
		calls int64 // that are proposed
	}{
		{"none", nil, "what a run of x with p/m takes is not known yet: the limit that is proposed is for its next call", 2},
		{"one", []replay.Account{done(cheap, dear)}, "the last done run of x with p/m took 2 calls, $0.0009; with what a call reserves, $0.0214 is enough for that", 2},
		{"two", []replay.Account{done(cheap, dear, cheap), done(cheap, dear)},
			"the last 2 done runs of x with p/m took 2 to 3 calls, $0.0009 to $0.0013; with what a call reserves, $0.0218 is enough for that", 3},
		{"of which one has no price", []replay.Account{unpriced, done(cheap)}, "the last 2 done runs of x with p/m took 1 call, 400 tokens; with what a call reserves, 4,000 tokens is enough for that", 2},
	} {
		var f replay.Forecast
		for _, a := range c.done {
			f.Add(a)
		}
		if got := f.Says("x with p/m", limits); got != c.wants {
			t.Errorf("%s: %s\nwants %s", c.name, got, c.wants)
		}
		raise := f.Propose(pawl.Budget{Calls: new(int64(2))}, limits)
		if *raise.Calls != c.calls {
			t.Errorf("%s: proposes %d calls, wants %d", c.name, *raise.Calls, c.calls)
		}
		if unknown := c.name == "none" || len(c.done) == 2 && c.calls == 2; unknown != (raise.USD == nil) {
			t.Errorf("%s: proposes %v dollars", c.name, raise.USD)
		}
	}
}

package local_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/anthropic"
	"github.com/pawlrun/pawl/llm/gemini"
	"github.com/pawlrun/pawl/llm/openai"
)

// bookkeeper is one of several vendors, on its own wire and with its own books.
type bookkeeper struct {
	model string

	mu       sync.Mutex
	requests int
	faults   int
	told     llm.Usage // of the answers that say what they took
	bill     float64   // for them
}

// mixed are the faults of vendors. None says what it took.
var mixed = []func() responsestest.Reply{
	func() responsestest.Reply { return responsestest.Status(429, "", "slow down") },
	func() responsestest.Reply { return responsestest.Status(500, "", "an error of ours") },
	func() responsestest.Reply { return responsestest.Status(503, "", "overloaded") },
	func() responsestest.Reply { return responsestest.HTML(502, "502 Bad Gateway") },
	func() responsestest.Reply { return responsestest.Empty() },
	func() responsestest.Reply { return responsestest.Reset() },
	func() responsestest.Reply { return responsestest.Raw(200, "application/json", `{"a":[`) },
}

// on answers as the content of a call says: with a fault a fifth of the time, and half of
// those at each further attempt too, so that another vendor has to be asked.
func (v *bookkeeper) on(c responsestest.Call) responsestest.Reply {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.requests++
	roll := func(what any) *rand.Rand {
		h := fnv.New64a()
		fmt.Fprint(h, v.model, c.Digest, what)
		return rand.New(rand.NewPCG(h.Sum64(), 0))
	}
	once := roll(c.Nth)
	if roll("lasting").Float64() < faultyShare/2 || once.Float64() < faultyShare/2 {
		v.faults++
		return mixed[once.IntN(len(mixed))]()
	}
	u := llm.Usage{InputTokens: 20 + once.Int64N(500), OutputTokens: 1 + once.Int64N(200)}
	if once.IntN(20) == 0 {
		u.InputTokens += 250_000 // for another price
	}
	u.CachedTokens = once.Int64N(u.InputTokens + 1)
	reply := responsestest.Text("A text of some words.")
	if c.JSON {
		reply = responsestest.JSON(rating{Title: "A title", Score: 7, Tags: []string{"short"}})
	}
	reply = reply.Usage(u.InputTokens, u.OutputTokens, u.CachedTokens)
	if c.API == responsestest.Messages {
		u.CacheWriteTokens = once.Int64N(u.InputTokens - u.CachedTokens + 1)
		reply = reply.Written(u.CacheWriteTokens)
	}
	v.told.InputTokens += u.InputTokens
	v.told.OutputTokens += u.OutputTokens
	v.told.CachedTokens += u.CachedTokens
	v.told.CacheWriteTokens += u.CacheWriteTokens
	v.bill += price(c.API, u)
	return reply
}

// price is what a vendor asks for, in its own words and not by the list of package llm.
func price(api string, u llm.Usage) float64 {
	plain := float64(u.InputTokens - u.CachedTokens - u.CacheWriteTokens)
	read, written, out := float64(u.CachedTokens), float64(u.CacheWriteTokens), float64(u.OutputTokens)
	switch long := u.InputTokens > 200_000; {
	case api == responsestest.Responses:
		return (plain*0.75 + read*0.075 + out*4.5) / 1e6
	case api == responsestest.Messages:
		return (plain*1 + read*0.1 + written*1.25 + out*5) / 1e6
	case long:
		return (plain*2.5 + read*0.25 + out*15) / 1e6
	}
	return (plain*1.25 + read*0.125 + out*10) / 1e6
}

// TestThreeVendors: many runs at once with three vendors on their own wires in a chain, a
// fifth of whose answers are faults. No run is lost, and calls, tokens and dollars are those
// of the vendors' own books.
func TestThreeVendors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		threeVendors(t, 200, responsestest.NewInMemory)
	})
}

// TestThreeVendorsOverSockets does so with TCP, where no time can be skipped.
func TestThreeVendorsOverSockets(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute of waiting between attempts")
	}
	threeVendors(t, 200, responsestest.New)
}

func threeVendors(t *testing.T, runs int, newServer func(testing.TB) *responsestest.Server) {
	vendors := []*bookkeeper{{model: "openai/gpt-5.4-mini"}, {model: "anthropic/claude-haiku-4-5"}, {model: "gemini/gemini-2.5-pro"}}
	var servers []*responsestest.Server
	for _, v := range vendors {
		srv := newServer(t)
		srv.On(v.on)
		servers = append(servers, srv)
	}
	f := pawl.New("three", "Plans, rates and ends.", func(r *pawl.Run, in topic) (string, error) {
		plan := pawl.Ask(r, "plan", text("Plan "+in.Topic))
		rated := pawl.Ask(r, "rate", pawl.Messages[rating]("Rate", llm.System("You rate."), llm.User("Rate "+in.Topic+" as JSON.")))
		return plan + rated.Title + pawl.Ask(r, "end", text("End "+in.Topic)), nil
	})
	e := local.New(&local.Options{Journal: checktest.Memory(t), Model: vendors[0].model, Flows: []pawl.Flow{f}, Prices: llm.DefaultPrices(), Models: llm.Catalog{
		"openai":    openai.New(&openai.Options{APIKey: "sk-test", BaseURL: servers[0].URL(), HTTPClient: servers[0].Client()}),
		"anthropic": anthropic.New(&anthropic.Options{APIKey: "sk-test", BaseURL: servers[1].URL(), HTTPClient: servers[1].Client()}),
		"gemini":    gemini.New(&gemini.Options{APIKey: "sk-test", BaseURL: servers[2].GeminiURL(), HTTPClient: servers[2].Client()}),
	}})
	defer e.Close(t.Context())

	var ids []pawl.RunID
	for i := range runs {
		chain := []string{vendors[i%3].model, vendors[(i+1)%3].model, vendors[(i+2)%3].model}
		id, err := e.Start(t.Context(), f, fmt.Appendf(nil, `{"topic":"subject %d"}`, i), &pawl.StartOptions{Model: chain[0], Fallback: chain[1:]})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	took := map[string]*bookkeeper{}
	for _, v := range vendors {
		took[v.model] = &bookkeeper{}
	}
	for _, id := range ids {
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusDone {
			t.Errorf("run %s is %s: %s", id, rec.Status, rec.Reason)
		}
		for _, s := range rec.Steps {
			for _, a := range s.Attempts {
				took[a.Model].take(a)
			}
		}
	}
	for i, v := range vendors {
		got := took[v.model]
		if got.requests != v.requests || got.faults != v.faults || got.told != v.told || math.Abs(got.bill-v.bill) > 1e-9*v.bill {
			t.Errorf("%s: recorded %d calls (%d failed), %+v, $%.6f; the vendor's books have %d (%d), %+v, $%.6f", v.model,
				got.requests, got.faults, got.told, got.bill, v.requests, v.faults, v.told, v.bill)
		}
		if v.requests == 0 || v.faults == 0 || v.told.InputTokens == 0 {
			t.Errorf("%s had too little to do: %d calls, %d faults", v.model, v.requests, v.faults)
		}
		if bad := servers[i].Violations(); len(bad) > 0 {
			t.Errorf("%s: violations %s", v.model, strings.Join(bad, "\n"))
		}
		t.Logf("%s: %d calls, %d faults, $%.4f", v.model, v.requests, v.faults, v.bill)
	}
}

// take books an attempt as it is recorded.
func (v *bookkeeper) take(a pawl.Attempt) {
	v.requests++
	if a.Error != nil {
		v.faults++
	}
	u := a.Usage
	if u == nil || u.InputTokens == nil {
		return
	}
	v.told.InputTokens += *u.InputTokens
	v.told.OutputTokens += *u.OutputTokens
	v.told.CachedTokens += *u.CachedTokens
	v.told.CacheWriteTokens += u.CacheWriteTokens
	if u.CostUSD != nil {
		v.bill += *u.CostUSD
	}
}

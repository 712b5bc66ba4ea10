package llm_test

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

var testPrices = llm.Prices{
	"a/one":            {Input: 2, CachedInput: new(0.5), Output: 8},
	"a/one-2026-01-02": {Input: 4, CachedInput: new(1.0), Output: 16},
	"a/short":          {Input: 1, Output: 10, MaxInputTokens: 1000},
	"a/odd":            {Input: 1, CachedInput: new(3.0), Output: 10},
	"a/write":          {Input: 4, CachedInput: new(0.4), CacheWrite: new(5.0), Output: 20},
	"a/tiers":          {Input: 1, CachedInput: new(0.1), Output: 10, MaxInputTokens: 1000, Longer: &llm.Price{Input: 2, CachedInput: new(0.2), Output: 15, MaxInputTokens: 5000}},
	"a/half":           {Input: 1, CachedInput: new(0.1), Output: 10, Batch: 0.5, Tiers: map[string]float64{"flex": 0.25, "priority": 2, "batch": 9}, MaxInputTokens: 1000, Longer: &llm.Price{Input: 2, Output: 20, Tiers: map[string]float64{"flex": 0.75}}},
	"free/*":           {},
	"b/*":              {Input: 1, Output: 1},
	"b/dear":           {Input: 100, Output: 100},
}

func TestCost(t *testing.T) {
	const unknown = -1
	for _, c := range []struct {
		name  string
		model string
		usage llm.Usage
		want  float64
	}{
		{"input alone", "a/one", llm.Usage{InputTokens: 1e6}, 2},
		{"output alone", "a/one", llm.Usage{OutputTokens: 1e6}, 8},
		{"a part was cached", "a/one", llm.Usage{InputTokens: 1000, CachedTokens: 600, OutputTokens: 100}, 0.0019},
		{"all was cached", "a/one", llm.Usage{InputTokens: 1000, CachedTokens: 1000}, 0.0005},
		{"a part was written", "a/write", llm.Usage{InputTokens: 1000, CacheWriteTokens: 500}, 0.0045},
		{"a part was read, another written", "a/write", llm.Usage{InputTokens: 1000, CachedTokens: 600, CacheWriteTokens: 300, OutputTokens: 10}, 0.00234},
		{"no price for written", "a/one", llm.Usage{InputTokens: 1000, CachedTokens: 600, CacheWriteTokens: 300}, 0.0011},
		{"nothing was used", "a/one", llm.Usage{}, 0},
		{"no price for cached", "a/short", llm.Usage{InputTokens: 1000, CachedTokens: 400}, 0.001},
		{"too long for the price", "a/short", llm.Usage{InputTokens: 1001}, unknown},
		{"as long as the price holds", "a/tiers", llm.Usage{InputTokens: 1000, CachedTokens: 400, OutputTokens: 10}, 0.00074},
		{"longer, by the price of that", "a/tiers", llm.Usage{InputTokens: 1001, CachedTokens: 1000, OutputTokens: 10}, 0.000352},
		{"the last that has a price", "a/tiers", llm.Usage{InputTokens: 5000}, 0.01},
		{"too long for all prices", "a/tiers", llm.Usage{InputTokens: 5001}, unknown},
		{"a snapshot", "a/one-2026-03-17", llm.Usage{InputTokens: 1e6}, 2},
		{"a snapshot in another style", "a/one-20260317", llm.Usage{InputTokens: 1e6}, 2},
		{"a snapshot with a price", "a/one-2026-01-02", llm.Usage{InputTokens: 1e6}, 4},
		{"a sibling", "a/one-mini", llm.Usage{InputTokens: 1e6}, unknown},
		{"a longer name", "a/one1", llm.Usage{InputTokens: 1e6}, unknown},
		{"the beginning of a name", "a/on", llm.Usage{InputTokens: 1e6}, unknown},
		{"no such model", "a/two", llm.Usage{InputTokens: 1}, unknown},
		{"no such provider", "c/one", llm.Usage{InputTokens: 1}, unknown},
		{"no provider", "one", llm.Usage{InputTokens: 1}, unknown},
		{"all of a provider", "b/any", llm.Usage{InputTokens: 1e6}, 1},
		{"one of them", "b/dear", llm.Usage{InputTokens: 1e6}, 100},
		{"a provider without names", "free?fail=1", llm.Usage{InputTokens: 1e6, OutputTokens: 1e6}, 0},
		{"less than nothing", "a/one", llm.Usage{InputTokens: -1}, unknown},
		{"less than nothing came", "a/one", llm.Usage{OutputTokens: -1}, unknown},
		{"more cached than sent", "a/one", llm.Usage{InputTokens: 10, CachedTokens: 11}, unknown},
		{"more written than sent", "a/one", llm.Usage{InputTokens: 10, CacheWriteTokens: 11}, unknown},
		{"more read and written than sent", "a/one", llm.Usage{InputTokens: 10, CachedTokens: 6, CacheWriteTokens: 5}, unknown},
		{"read and written beyond all numbers", "a/one", llm.Usage{InputTokens: 10, CachedTokens: 10, CacheWriteTokens: math.MaxInt64}, unknown},
		{"fewer than none written", "a/one", llm.Usage{InputTokens: 10, CacheWriteTokens: -1}, unknown},
		{"a batch", "a/half", llm.Usage{InputTokens: 1000, Batch: true}, 0.0005},
		{"a batch of which no share is known", "a/one", llm.Usage{InputTokens: 1000, Batch: true}, 0.002},
		{"a batch that names itself", "a/half", llm.Usage{InputTokens: 1000, Batch: true, ServiceTier: "batch"}, 0.0005},
		{"a batch that names the ordinary tier", "a/half", llm.Usage{InputTokens: 1000, Batch: true, ServiceTier: "standard"}, 0.0005},
		{"a batch of another tier", "a/half", llm.Usage{InputTokens: 1000, Batch: true, ServiceTier: "priority"}, unknown},
		{"the ordinary tier of OpenAI", "a/half", llm.Usage{InputTokens: 1000, ServiceTier: "default"}, 0.001},
		{"the ordinary tier of Anthropic", "a/one", llm.Usage{InputTokens: 1000, ServiceTier: "standard"}, 0.002},
		{"a dearer tier", "a/half", llm.Usage{InputTokens: 1000, CachedTokens: 500, OutputTokens: 100, ServiceTier: "priority"}, 0.0031},
		{"a cheaper tier", "a/half", llm.Usage{InputTokens: 1000, ServiceTier: "flex"}, 0.00025},
		{"a longer one of a tier", "a/half", llm.Usage{InputTokens: 2000, ServiceTier: "flex"}, 0.003},
		{"a tier that has no price for so long an input", "a/half", llm.Usage{InputTokens: 2000, ServiceTier: "priority"}, unknown},
		{"a tier without a price", "a/one", llm.Usage{InputTokens: 1000, ServiceTier: "priority"}, unknown},
		{"a tier that nobody knows", "a/half", llm.Usage{InputTokens: 1000, ServiceTier: "ultrafast"}, unknown},
		{"a free model, whatever the tier", "free/x", llm.Usage{InputTokens: 1000, ServiceTier: "ultrafast"}, 0},
		{"fewer than none cached", "a/one", llm.Usage{InputTokens: 10, CachedTokens: -1}, unknown},
	} {
		usd, known := testPrices.Cost(c.model, c.usage)
		if known != (c.want != unknown) || known && usd != c.want || !known && usd != 0 {
			t.Errorf("%s: got %v, known %v; wants %v", c.name, usd, known, c.want)
		}
	}
	if usd, known := llm.Prices(nil).Cost("a/one", llm.Usage{}); known {
		t.Errorf("without prices: %v", usd)
	}
}

// What a call can cost is never less than what one of that size does.
func TestMost(t *testing.T) {
	for _, c := range []struct {
		model   string
		in, out int64
		want    float64
		known   bool
	}{
		{"a/one", 1000, 100, 0.0028, true},
		{"a/odd", 1000, 0, 0.003, true},
		{"a/write", 1000, 0, 0.005, true},
		{"a/short", 1000, 0, 0.001, true},
		{"a/short", 1001, 0, 0, false},
		{"a/two", 1, 1, 0, false},
		{"free", 1000, 1000, 0, true},
		{"a/one", -1, 0, 0, false},
	} {
		usd, known := testPrices.Most(c.model, c.in, c.out)
		if usd != c.want || known != c.known {
			t.Errorf("%s %d %d: got %v, known %v", c.model, c.in, c.out, usd, known)
		}
	}
	for model := range testPrices {
		for _, cached := range []int64{0, 1, 333, 1000} {
			most, _ := testPrices.Most(model, 1000, 77)
			for _, u := range []llm.Usage{
				{InputTokens: 1000, CachedTokens: cached, OutputTokens: 77, Batch: true},
				{InputTokens: 1000, CachedTokens: cached, OutputTokens: 77},
				{InputTokens: 1000, CacheWriteTokens: cached, OutputTokens: 77},
				{InputTokens: 1000, CachedTokens: cached, CacheWriteTokens: 1000 - cached, OutputTokens: 77},
			} {
				usd, known := testPrices.Cost(model, u)
				if !known || usd > most {
					t.Errorf("%s with %+v: costs %v, known %v, at most %v", model, u, usd, known, most)
				}
				plain := u
				plain.CachedTokens, plain.CacheWriteTokens = 0, 0
				whole, _ := testPrices.Cost(model, plain)
				if saved, known := testPrices.Saved(model, u); !known || math.Abs(saved-(whole-usd)) > 1e-12 {
					t.Errorf("%s with %+v: saved %v, known %v; costs %v, and %v without a cache", model, u, saved, known, usd, whole)
				}
			}
		}
	}
}

func TestSaved(t *testing.T) {
	for _, c := range []struct {
		model string
		usage llm.Usage
		want  float64
		known bool
	}{
		{"a/write", llm.Usage{InputTokens: 1000, CachedTokens: 1000}, 0.0036, true},
		{"a/write", llm.Usage{InputTokens: 1000, CacheWriteTokens: 1000}, -0.001, true},
		{"a/write", llm.Usage{InputTokens: 2000, CachedTokens: 1000, CacheWriteTokens: 1000, OutputTokens: 5}, 0.0026, true},
		{"a/write", llm.Usage{InputTokens: 1000, OutputTokens: 5}, 0, true},
		{"a/write", llm.Usage{InputTokens: 1000, CachedTokens: 1001}, 0, false},
		{"a/short", llm.Usage{InputTokens: 1000, CachedTokens: 1000}, 0, true},
		{"a/short", llm.Usage{InputTokens: 1001, CachedTokens: 1000}, 0, false},
		{"a/two", llm.Usage{InputTokens: 1, CachedTokens: 1}, 0, false},
	} {
		if usd, known := testPrices.Saved(c.model, c.usage); usd != c.want || known != c.known {
			t.Errorf("%s %+v: got %v, known %v", c.model, c.usage, usd, known)
		}
	}
}

// A cost goes into journals as JSON, so it is a number whatever a server says.
func TestCostIsFinite(t *testing.T) {
	p := llm.Prices{"a/one": {Input: llm.MaxPrice, Output: llm.MaxPrice}}
	usd, known := p.Cost("a/one", llm.Usage{InputTokens: math.MaxInt64, OutputTokens: math.MaxInt64})
	if !known || math.IsInf(usd, 0) || math.IsNaN(usd) {
		t.Errorf("got %v", usd)
	}
}

func TestDefaultPrices(t *testing.T) {
	p := llm.DefaultPrices()
	for _, model := range []string{"offline", "offline?reject=1&fail=2", "openai/gpt-5.4-mini", "openai/gpt-5.4-mini-2026-03-17"} {
		if _, known := p.Most(model, 1000, 1000); !known {
			t.Errorf("no price for %s", model)
		}
	}
	if usd, known := p.Cost("offline?reject=1", llm.Usage{InputTokens: 1e6, OutputTokens: 1e6}); usd != 0 || !known {
		t.Errorf("offline costs %v, known %v", usd, known)
	}
	if usd, _ := p.Cost("openai/gpt-5.4-mini", llm.Usage{InputTokens: 1234, CachedTokens: 1000, OutputTokens: 56}); usd != 0.0005025 {
		t.Errorf("gpt-5.4-mini costs %v", usd)
	}
	sourced := regexp.MustCompile(`^20\d\d-\d\d-\d\d https://\S+( from 20\d\d-\d\d-\d\d on| in version [\d.]+)?(; tiers 20\d\d-\d\d-\d\d https://\S+)*$`)
	for name, price := range p {
		if strings.HasPrefix(name, "offline/") {
			continue
		}
		if !sourced.MatchString(price.Source) {
			t.Errorf("%s: source is %q, wants a date and an address", name, price.Source)
		}
		if price.Input <= 0 || price.Output < price.Input || price.CachedInput != nil && *price.CachedInput > price.Input || price.CacheWrite != nil && *price.CacheWrite < price.Input {
			t.Errorf("%s: %+v", name, price)
		}
		if l := price.Longer; l != nil && (l.Input < price.Input || l.Output < price.Output || (l.CachedInput == nil) != (price.CachedInput == nil) || (l.CacheWrite == nil) != (price.CacheWrite == nil)) {
			t.Errorf("%s: a longer request costs %+v", name, *l)
		}
		if strings.HasPrefix(name, "anthropic/") && (price.CacheWrite == nil || *price.CacheWrite != price.Input*1.25) {
			t.Errorf("%s: a write for five minutes costs 1.25 of %v, has %v", name, price.Input, price.CacheWrite)
		}
	}
}

func TestParsePrices(t *testing.T) {
	p, err := llm.ParsePrices([]byte(`{"a/b:7b": {"input": 1, "output": 2.5e0, "cache_write": 1.5, "max_input_tokens": 10, "longer": {"input": 2, "output": 3}, "tiers": {"priority": 2.5, "flex": 0}, "source": "a bill"}, "c/*": {"output": 0, "input": 0, "cached_input": 0}}`), "p.json")
	if err != nil || len(p) != 2 {
		t.Fatal(p, err)
	}
	if b := p["a/b:7b"]; b.Input != 1 || b.Output != 2.5 || b.CachedInput != nil || b.CacheWrite == nil || *b.CacheWrite != 1.5 || b.MaxInputTokens != 10 || b.Longer == nil || b.Longer.Input != 2 || b.Longer.Output != 3 || len(b.Tiers) != 2 || b.Tiers["priority"] != 2.5 || b.Source != "a bill" {
		t.Errorf("got %+v", b)
	}
	if c := p["c/*"].CachedInput; c == nil || *c != 0 {
		t.Error("a free price is lost")
	}
	if p, err := llm.ParsePrices([]byte(" {}\n"), "p.json"); err != nil || len(p) != 0 {
		t.Error(p, err)
	}
	for _, c := range []struct{ data, want string }{
		{``, `p.json: is not JSON: nothing there`},
		{`[]`, `p.json: wants a JSON object`},
		{`null`, `p.json: wants a JSON object`},
		{"{\n\"a/b\": {\"input\": 1,}}", `p.json: is not JSON: line 2, column 20: `},
		{"{\"a/b\": {\"input\": 1, \"output\": 2}", `p.json: is not JSON: line 1, column 33: `},
		{`{} {}`, `p.json: is not JSON: line 1, column 4: invalid character '{' after top-level value`},
		{`nonsense`, `p.json: is not JSON`},
		{`{"a/b": 3}`, `p.json: model "a/b": wants a JSON object`},
		{`{"a/b": null}`, `p.json: model "a/b": wants a JSON object`},
		{`{"gpt-5": {"input": 1, "output": 2}}`, `p.json: model "gpt-5": wants PROVIDER/NAME`},
		{`{"a/": {"input": 1, "output": 2}}`, `p.json: model "a/": wants PROVIDER/NAME`},
		{`{"": {"input": 1, "output": 2}}`, `p.json: model "": wants PROVIDER/NAME`},
		{`{"offline?fail=1": {"input": 1, "output": 2}}`, `wants PROVIDER/NAME`},
		{`{"a/b": {"output": 2}}`, `p.json: model "a/b": input: is missing`},
		{`{"a/b": {"input": 2}}`, `p.json: model "a/b": output: is missing`},
		{`{"a/b": {"input": "2", "output": 2}}`, `p.json: model "a/b": input: wants dollars for a million tokens, a number from 0 to 1000000, has "2"`},
		{`{"a/b": {"input": 2, "output": null}}`, `model "a/b": output: wants dollars`},
		{`{"a/b": {"input": 2, "output": -1}}`, `model "a/b": output: wants dollars`},
		{`{"a/b": {"input": 2, "output": 1e7}}`, `model "a/b": output: wants dollars`},
		{`{"a/b": {"input": 2, "output": 1e999}}`, `model "a/b": output: wants dollars`},
		{`{"a/b": {"input": 2, "cached_input": [], "output": 1}}`, `model "a/b": cached_input: wants dollars`},
		{`{"a/b": {"input": 2, "cache_write": -1, "output": 1}}`, `model "a/b": cache_write: wants dollars`},
		{`{"a/b": {"input": 2, "output": 1, "max_input_tokens": 0}}`, `model "a/b": max_input_tokens: wants a number of tokens`},
		{`{"a/b": {"input": 2, "output": 1, "max_input_tokens": 1.5}}`, `model "a/b": max_input_tokens: wants a number of tokens`},
		{`{"a/b": {"input": 2, "output": 1, "longer": {"input": 3, "output": 1}}}`, `model "a/b": longer: wants max_input_tokens beside it`},
		{`{"a/b": {"input": 2, "output": 1, "max_input_tokens": 9, "longer": {"input": 3}}}`, `model "a/b": longer: output: is missing`},
		{`{"a/b": {"input": 2, "output": 1, "max_input_tokens": 9, "longer": {"input": 3, "output": 4, "max_input_tokens": 9}}}`, `model "a/b": longer: max_input_tokens: wants more than 9, has 9`},
		{`{"a/b": {"input": 2, "output": 1, "max_input_tokens": 9, "longer": 3}}`, `model "a/b": longer: wants a JSON object`},
		{`{"a/b": {"input": 2, "output": 1, "tiers": 2}}`, `model "a/b": tiers: wants a JSON object`},
		{`{"a/b": {"input": 2, "output": 1, "tiers": {"flex": null}}}`, `model "a/b": tiers: "flex": wants the multiple of the price`},
		{`{"a/b": {"input": 2, "output": 1, "tiers": {"flex": -1}}}`, `model "a/b": tiers: "flex": wants the multiple of the price`},
		{`{"a/b": {"input": 2, "output": 1, "tiers": {"flex": 1001}}}`, `a number from 0 to 1000, has 1001`},
		{`{"a/b": {"input": 2, "output": 1, "tiers": {"flex": 1, "flex": 2}}}`, `model "a/b": tiers: "flex": is there twice`},
		{`{"a/b": {"input": 2, "output": 1, "tiers": {"Flex": 1}}}`, `model "a/b": tiers: "Flex": wants the name of a service tier in lower case`},
		{`{"a/b": {"input": 2, "output": 1, "source": null}}`, `model "a/b": source: wants text`},
		{`{"a/b": {"input": 2, "output": 1, "cached": 1}}`, `model "a/b": cached: is no field of a price`},
		{`{"a/b": {"input": 2, "output": 1, "input": 3}}`, `model "a/b": input: is there twice`},
		{`{"a/b": {"input": 2, "output": 1}, "a/b": {"input": 2, "output": 1}}`, `model "a/b": is there twice`},
	} {
		p, err := llm.ParsePrices([]byte(c.data), "p.json")
		if err == nil || !strings.Contains(err.Error(), c.want) || p != nil {
			t.Errorf("%s: got %v, %v; wants %q", c.data, p, err, c.want)
		}
	}
}

// A user's entry takes the place of ours whole, and the others stay.
func TestPricesWith(t *testing.T) {
	ours := llm.DefaultPrices()
	n := len(ours)
	all := ours.With(llm.Prices{"openai/gpt-5.4-mini": {Input: 7, Output: 9}, "x/y": {Input: 1, Output: 1}})
	if len(all) != n+1 || len(ours) != n {
		t.Errorf("%d of %d entries", len(all), n)
	}
	if usd, _ := all.Cost("openai/gpt-5.4-mini-2026-03-17", llm.Usage{InputTokens: 1e6, CachedTokens: 1e6}); usd != 7 {
		t.Errorf("costs %v", usd)
	}
	if usd, _ := all.Cost("openai/gpt-5.4", llm.Usage{InputTokens: 100_000}); usd != 0.25 {
		t.Errorf("costs %v", usd)
	}
	if _, known := llm.Prices(nil).With(nil).Cost("offline", llm.Usage{}); known {
		t.Error("nothing above nothing knows a price")
	}
}

func FuzzParsePrices(f *testing.F) {
	f.Add([]byte(`{"a/b": {"input": 1, "output": 2}}`))
	f.Add([]byte(`{"a/b": {"input"`))
	f.Add([]byte("{\n\n\"a\": tru"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := llm.ParsePrices(data, "p.json")
		if (err == nil) != (p != nil) {
			t.Errorf("%v, %v", p, err)
		}
		for name := range p {
			if usd, known := p.Cost(name, llm.Usage{}); !known || usd != 0 {
				t.Errorf("%q: %v, known %v", name, usd, known)
			}
		}
	})
}

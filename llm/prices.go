package llm

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"

	"github.com/pawlrun/pawl/internal/late"
	"github.com/pawlrun/pawl/schema"
)

// Prices says what models cost. The key is a full model name, PROVIDER/NAME, or
// PROVIDER/* for all models of a provider. The price of a name is that of
//
//   - the name itself,
//   - else the name without a date at its end: gpt-5.4-mini-2026-03-17 costs what
//     gpt-5.4-mini costs. No other ending is cut: gpt-5.4-pro is not gpt-5.4;
//   - else PROVIDER/*.
//
// A model without one has no known price, which is not a price of 0. Prices are
// read-only once in use.
type Prices map[string]Price

// Price is what one model costs, in dollars for a million tokens.
type Price struct {
	Input       float64  // of tokens that have nothing to do with a cache
	CachedInput *float64 // of those read from the provider's cache; nil: as Input
	CacheWrite  *float64 // of those written into it; nil: as Input
	Output      float64  // reasoning included

	// MaxInputTokens is up to how many tokens of input, cached ones included, a
	// request has this price. 0: any number.
	MaxInputTokens int64
	Longer         *Price // that of a request with more, whole; nil: it is not known

	// Batch is the share of the price that an answer of a batch costs, as in 0.5. 0: it
	// costs as much as any other, and of Longer: the share is the same.
	Batch float64

	// Tiers are what answers of other classes of service cost, by Usage.ServiceTier, as a
	// multiple of the price: 0.5, 2. What a tier costs that is not among them is not known,
	// but for the ordinary ones; see OrdinaryTier. Longer has its own.
	Tiers map[string]float64

	Source string // where the price was found, and when; for people
}

// MaxPrice is the highest price: a dollar a token.
const MaxPrice = 1e6

// maxMultiple is the highest multiple of a price that a service tier may cost.
const maxMultiple = 1000

// DefaultPrices returns the prices that come with the program: of models whose
// bill follows from their Usage, as found on the dates that their sources say. They are
// the caller's own.
func DefaultPrices() Prices { return builtin() }

// With returns these prices with others above them, model by model.
func (p Prices) With(above Prices) Prices {
	all := make(Prices, len(p)+len(above))
	maps.Copy(all, p)
	maps.Copy(all, above)
	return all
}

// Cost returns the dollars that a call of a model took, which has used u. known
// is false if there is no price for it, or none for so long an input or for its service
// tier, or if u cannot be: then nothing is known of the cost.
func (p Prices) Cost(model string, u Usage) (usd float64, known bool) {
	price, ok := p.of(model, u.InputTokens)
	share, known := price.share(u)
	if !ok || !known || !u.adds() {
		return 0, false
	}
	return neat(share * (price.input(u) + price.Output*float64(u.OutputTokens))), true
}

// Saved returns the dollars by which the provider's cache made a call cheaper that has
// used u: what it read from the cache, less what writing into it cost. It is below 0
// where the call wrote more than came of it. known is as that of Cost.
func (p Prices) Saved(model string, u Usage) (usd float64, known bool) {
	price, ok := p.of(model, u.InputTokens)
	share, known := price.share(u)
	if !ok || !known || !u.adds() {
		return 0, false
	}
	return neat(share * (price.Input*float64(u.InputTokens) - price.input(u))), true
}

// adds reports whether the counts can be those of a call: none is below 0, and the parts
// of the input are no more than the whole.
func (u Usage) adds() bool {
	return u.OutputTokens >= 0 && u.CachedTokens >= 0 && u.CacheWriteTokens >= 0 && u.CachedTokens <= u.InputTokens && u.CacheWriteTokens <= u.InputTokens-u.CachedTokens
}

// Most returns the dollars that a call of a model costs at most, with no more
// tokens than these, whatever part of the input comes from a cache or goes into one.
// known is as that of Cost.
func (p Prices) Most(model string, inputTokens, outputTokens int64) (usd float64, known bool) {
	price, ok := p.of(model, inputTokens)
	if !ok || inputTokens < 0 || outputTokens < 0 {
		return 0, false
	}
	dearest := max(price.Input, price.or(price.CachedInput), price.or(price.CacheWrite))
	return neat(dearest*float64(inputTokens) + price.Output*float64(outputTokens)), true
}

// input returns what the input of a call costs, in millionths of a dollar.
func (p Price) input(u Usage) float64 {
	plain := u.InputTokens - u.CachedTokens - u.CacheWriteTokens
	return p.Input*float64(plain) + p.or(p.CachedInput)*float64(u.CachedTokens) + p.or(p.CacheWrite)*float64(u.CacheWriteTokens)
}

// share is the part or multiple of the price that is paid. A free model is free in every
// tier.
func (p Price) share(u Usage) (share float64, known bool) {
	multiple, own := p.Tiers[u.ServiceTier]
	switch {
	case u.Batch && (u.ServiceTier == tierBatch || OrdinaryTier(u.ServiceTier)):
		return cmp.Or(p.Batch, 1), true
	case own && !u.Batch:
		return multiple, true
	}
	return 1, OrdinaryTier(u.ServiceTier) || p.free()
}

// free reports whether nothing that a call takes costs anything.
func (p Price) free() bool {
	return p.Input == 0 && p.or(p.CachedInput) == 0 && p.or(p.CacheWrite) == 0 && p.Output == 0
}

const tierBatch = "batch" // as Anthropic says of the answers of its batches

// OrdinaryTier reports whether a service tier is the one that prices are of if they name
// none, by the words of the providers. An answer that names none is of it.
func OrdinaryTier(tier string) bool {
	switch tier {
	case "", "default", "standard", "on_demand": // OpenAI; Anthropic and Google; Groq
		return true
	}
	return false
}

// or returns a price, or that of input where there is none.
func (p Price) or(own *float64) float64 {
	if own == nil {
		return p.Input
	}
	return *own
}

// neat turns millionths of a dollar into dollars that read well: without the
// noise of binary fractions.
func neat(millionths float64) float64 { return math.Round(millionths*1e6) / 1e12 }

var dated = late.Regexp(`-\d{4}-?\d\d-?\d\d$`)

// Name returns the name whose price is that of a model: its own, or another by the rules of
// Prices. known is false if there is none.
func (p Prices) Name(model string) (name string, known bool) {
	provider, _ := Split(model)
	for _, name := range []string{model, dated().ReplaceAllString(model, ""), provider + "/*"} {
		if _, known := p[name]; known {
			return name, true
		}
	}
	return "", false
}

// of returns the price of a model for an input of that length.
func (p Prices) of(model string, inputTokens int64) (Price, bool) {
	name, ok := p.Name(model)
	price := p[name]
	for ok && price.MaxInputTokens > 0 && inputTokens > price.MaxInputTokens {
		if price.Longer == nil {
			return Price{}, false
		}
		batch := price.Batch
		price = *price.Longer
		price.Batch = cmp.Or(price.Batch, batch)
	}
	return price, ok
}

// ParsePrices reads a file of prices: a JSON object with an object for each model,
//
//	{"openai/gpt-5.4-mini": {"input": 0.75, "cached_input": 0.075, "output": 4.5}}
//
// whose fields are those of Price: input and output, which have to be there,
// cached_input, cache_write, max_input_tokens, longer, batch, tiers and source. The error names file, model and
// field; name is the file's. What is in the file is all that is returned: see With.
func ParsePrices(data []byte, name string) (Prices, error) {
	models, err := schema.Members(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	prices := Prices{}
	for _, m := range models {
		price, err := parsePrice(m.Name, m.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: model %q: %w", name, m.Name, err)
		}
		if _, twice := prices[m.Name]; twice {
			return nil, fmt.Errorf("%s: model %q: is there twice", name, m.Name)
		}
		prices[m.Name] = price
	}
	return prices, nil
}

var fullName = late.Regexp(`^[^/?\s]+/\S+$`)

func parsePrice(model string, value json.RawMessage) (Price, error) {
	var p Price
	if !fullName().MatchString(model) {
		return p, errors.New("wants PROVIDER/NAME, or PROVIDER/* for all models of a provider")
	}
	return p, p.parse(value)
}

// parse reads the fields of a price.
func (p *Price) parse(value json.RawMessage) error {
	fields, err := schema.Members(value)
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, f := range fields {
		err := p.set(f.Name, f.Value)
		if given[f.Name] {
			err = errors.New("is there twice")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		given[f.Name] = true
	}
	for _, field := range []string{"input", "output"} {
		if !given[field] {
			return fmt.Errorf("%s: is missing; it is in dollars for a million tokens", field)
		}
	}
	switch l := p.Longer; {
	case l == nil:
	case p.MaxInputTokens == 0:
		return errors.New("longer: wants max_input_tokens beside it, above which it holds")
	case l.MaxInputTokens > 0 && l.MaxInputTokens <= p.MaxInputTokens:
		return fmt.Errorf("longer: max_input_tokens: wants more than %d, has %d", p.MaxInputTokens, l.MaxInputTokens)
	}
	return nil
}

// set reads one field of a price.
func (p *Price) set(field string, value json.RawMessage) (err error) {
	switch field {
	case "input":
		p.Input, err = parseDollars(value)
	case "cached_input":
		p.CachedInput = new(float64)
		*p.CachedInput, err = parseDollars(value)
	case "cache_write":
		p.CacheWrite = new(float64)
		*p.CacheWrite, err = parseDollars(value)
	case "output":
		p.Output, err = parseDollars(value)
	case "max_input_tokens":
		if json.Unmarshal(value, &p.MaxInputTokens) != nil || p.MaxInputTokens <= 0 {
			return fmt.Errorf("wants a number of tokens from 1 up, has %s", value)
		}
	case "longer":
		p.Longer = &Price{}
		return p.Longer.parse(value)
	case "batch":
		if json.Unmarshal(value, &p.Batch) != nil || !(p.Batch > 0 && p.Batch <= 1) {
			return fmt.Errorf("wants the share of the price that an answer of a batch costs, above 0 and up to 1, has %s", value)
		}
	case "tiers":
		p.Tiers, err = parseTiers(value)
	case "source":
		if json.Unmarshal(value, &p.Source) != nil || value[0] != '"' {
			return fmt.Errorf("wants text, has %s", value)
		}
	default:
		return errors.New("is no field of a price; those are input, cached_input, cache_write, output, max_input_tokens, longer, batch, tiers and source")
	}
	return err
}

func parseDollars(value json.RawMessage) (float64, error) {
	usd := math.NaN()
	if json.Unmarshal(value, &usd) != nil || !(usd >= 0 && usd <= MaxPrice) {
		return 0, fmt.Errorf("wants dollars for a million tokens, a number from 0 to %d, has %s", int(MaxPrice), value)
	}
	return usd, nil
}

// parseTiers reads what answers of other service tiers cost, as multiples of the price.
func parseTiers(value json.RawMessage) (map[string]float64, error) {
	members, err := schema.Members(value)
	if err != nil {
		return nil, err
	}
	tiers := map[string]float64{}
	for _, m := range members {
		multiple := math.NaN()
		if json.Unmarshal(m.Value, &multiple) != nil || !(multiple >= 0 && multiple <= maxMultiple) {
			return nil, fmt.Errorf("%q: wants the multiple of the price that its answers cost, a number from 0 to %d, has %s", m.Name, maxMultiple, m.Value)
		}
		if _, twice := tiers[m.Name]; twice {
			return nil, fmt.Errorf("%q: is there twice", m.Name)
		}
		if m.Name != strings.ToLower(m.Name) || m.Name == "" {
			return nil, fmt.Errorf("%q: wants the name of a service tier in lower case", m.Name)
		}
		tiers[m.Name] = multiple
	}
	return tiers, nil
}

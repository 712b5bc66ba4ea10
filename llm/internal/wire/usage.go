package wire

import (
	"encoding/json"
	"math"

	"github.com/pawlrun/pawl/llm"
)

// Where servers say it. The first names of each are OpenAI's, in Chat Completions and in
// Responses.
var (
	inputAt  = [][]string{{"prompt_tokens"}, {"input_tokens"}}
	outputAt = [][]string{{"completion_tokens"}, {"output_tokens"}}
	totalAt  = [][]string{{"total_tokens"}}

	cachedAt = [][]string{
		{"prompt_tokens_details", "cached_tokens"},
		{"input_tokens_details", "cached_tokens"},
		{"cached_tokens"},           // Moonshot
		{"prompt_cache_hit_tokens"}, // DeepSeek
		{"cache_read_input_tokens"}, // Anthropic, through gateways
	}
	writtenAt = [][]string{
		{"prompt_tokens_details", "cache_write_tokens"},
		{"input_tokens_details", "cache_write_tokens"},
		{"cache_creation_input_tokens"}, // Anthropic, through gateways
	}

	// Beside the input tokens, with Anthropic's words.
	uncountedAt = [][]string{{"cache_read_input_tokens"}, {"cache_creation_input_tokens"}}

	reasoningAt = [][]string{
		{"completion_tokens_details", "reasoning_tokens"},
		{"output_tokens_details", "reasoning_tokens"},
		{"reasoning_tokens"}, // Perplexity
	}
)

// ReadUsage reads the token counts of an answer; nil: the server did not say, or said
// nonsense. What stands in the total and nowhere
// else was billed, too: xAI and gateways to Gemini count reasoning beside the
// completion (total = prompt + completion + reasoning), gateways to Anthropic what went
// through the cache beside the prompt.
func ReadUsage(raw json.RawMessage) *llm.Usage {
	input, hasInput := largest(raw, inputAt)
	output, hasOutput := largest(raw, outputAt)
	if !hasInput || !hasOutput || input < 0 || output < 0 || input+output == 0 { // no prompt has zero tokens
		return nil
	}
	u := llm.Usage{InputTokens: input, OutputTokens: output}
	total, _ := largest(raw, totalAt)
	reasoning, _ := largest(raw, reasoningAt)
	uncounted := sum(raw, uncountedAt)
	switch rest := total - input - output; {
	case rest > 0 && rest == uncounted && rest != reasoning:
		u.InputTokens += rest
	case rest > 0:
		u.OutputTokens += rest
	case total <= 0:
		if reasoning > output {
			u.OutputTokens += reasoning
		}
		if _, openAI := count(raw, inputAt[0]); !openAI || uncounted > input {
			u.InputTokens += uncounted // in Anthropic's own words there is no total
		}
	}
	cached, _ := largest(raw, cachedAt)
	u.CachedTokens = min(max(0, cached), u.InputTokens)
	written, _ := largest(raw, writtenAt)
	u.CacheWriteTokens = min(max(0, written), u.InputTokens-u.CachedTokens)
	u.UnboundedTokens = u.OutputTokens - output
	var beside struct {
		Tier json.RawMessage `json:"service_tier"` // Anthropic
	}
	_ = json.Unmarshal(raw, &beside) // it is an object
	return Tiered(&u, beside.Tier)
}

// largest is the largest count that stands at one of the places: servers that know
// several often fill one of them.
func largest(raw json.RawMessage, places [][]string) (n int64, found bool) {
	for _, place := range places {
		if c, ok := count(raw, place); ok && (!found || c > n) {
			n, found = c, true
		}
	}
	return n, found
}

func sum(raw json.RawMessage, places [][]string) (n int64) {
	for _, place := range places {
		if c, ok := count(raw, place); ok && c > 0 {
			n += c
		}
	}
	return n
}

// maxCount is more tokens than any call has; above it a count is nonsense.
const maxCount = 1e12

// count reads a whole number, which may be written as 10.0 or in quotes.
func count(raw json.RawMessage, place []string) (int64, bool) {
	for _, name := range place {
		var fields map[string]json.RawMessage
		_ = json.Unmarshal(raw, &fields) // anything but an object has no fields
		raw = fields[name]
	}
	var n json.Number
	if len(raw) == 0 || string(raw) == "null" || json.Unmarshal(raw, &n) != nil {
		return 0, false
	}
	f, err := n.Float64()
	if err != nil || f != math.Trunc(f) || math.Abs(f) > maxCount {
		return 0, false
	}
	return int64(f), true
}

package wire

import (
	"regexp"
	"strconv"

	"github.com/pawlrun/pawl/internal/late"
	"github.com/pawlrun/pawl/llm"
)

// mostSentences say, in lower case, how many tokens an answer may have at most, as servers
// do that refuse a larger limit. The most is the one group.
var mostSentences = []func() *regexp.Regexp{
	late.Regexp(`supports at most (\d+) completion tokens`),                              // OpenAI, Azure: opencode-ai/opencode issue 140
	late.Regexp(`valid range of max_tokens is \[\d+, ?(\d+)\]`),                          // DeepSeek: deepseek-ai/DeepSeek-V3 issue 69
	late.Regexp(`range of max_(?:completion_|output_)?tokens should be \[\d+, ?(\d+)\]`), // Alibaba Model Studio: open-webui/open-webui issue 10507
	late.Regexp("must be less than or equal to `?(\\d+)"),                                // Groq: anomalyco/opencode issue 1000
	late.Regexp(`expected a value <= ?(\d+)`),                                            // Volcengine: Gitlawb/openclaude issue 331
	late.Regexp(`max_tokens: \d+ > (\d+), which is the maximum`),                         // Anthropic: "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for ..."
	late.Regexp(`must be between \d+ and (\d+)`),                                         // gateways: neavo/KeywordGacha issue 111
	late.Regexp(`must be at most (\d+)`),                                                 // gateways
}

// belowMost says the first number that is too large.
var belowMost = late.Regexp(`supported range is from \d+ \(inclusive\) to (\d+) \(exclusive\)`) // Gemini: stackblitz-labs/bolt.diy issue 955

// limitNames are what a limit on an answer's tokens is called, on any wire, in lower case.
var limitNames = []string{"max_tokens", "max_completion_tokens", "max_output_tokens", "maxoutputtokens"}

// mostIn returns how many tokens a server says that an answer may have at most, 0 if a
// sentence in lower case says none or is about something else.
func mostIn(m string) int {
	if !containsAny(m, limitNames...) {
		return 0
	}
	for _, s := range mostSentences {
		if found := s().FindStringSubmatch(m); found != nil {
			return positive(found[1])
		}
	}
	if found := belowMost().FindStringSubmatch(m); found != nil {
		return max(0, positive(found[1])-1)
	}
	return 0
}

// positive returns the number that a text is, 0 if it is none that can be.
func positive(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// MaxTokens returns the limit that is sent with a request: its own, or the most that the
// server takes of this model; 0 is none.
func (d Dialect) MaxTokens(req llm.Request) int {
	if d.most > 0 {
		return min(req.MaxTokens, d.most)
	}
	return req.MaxTokens
}

// smaller returns the smaller of two limits of which 0 is none.
func smaller(a, b int) int {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// afterMost is after for a limit that is larger than the server takes.
func (d Dialect) afterMost(req llm.Request, m string, _ [2]string) (Dialect, string, bool) {
	n := mostIn(m)
	if n < 1 || n >= d.MaxTokens(req) {
		return d, "", false
	}
	return Dialect{most: n}, "the server takes a limit of at most " + strconv.Itoa(n) + " tokens for an answer; no more is asked for", true
}

// MostTokens is llm.Bounded's.
func (e *Endpoint) MostTokens(model string) int { return e.dialects.of(model).most }

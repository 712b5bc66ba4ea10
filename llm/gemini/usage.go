package gemini

import (
	"encoding/json"
	"math"
	"net/http"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// counts are the token counts of an answer. Thoughts stand beside the candidates, what was
// cached within the prompt.
type counts struct {
	Prompt     count `json:"promptTokenCount"`
	ToolPrompt count `json:"toolUsePromptTokenCount"` // beside the prompt
	Cached     count `json:"cachedContentTokenCount"`
	Candidates count `json:"candidatesTokenCount"` // missing where all was thought, or blocked
	Thoughts   count `json:"thoughtsTokenCount"`
	Total      count `json:"totalTokenCount"`

	Tier json.RawMessage `json:"serviceTier"`
}

// count is a whole number of tokens, 0 if it is missing, and -1 if it is none.
type count int64

const maxCount = 1e12 // more than any call has; above it a count is nonsense

func (c *count) UnmarshalJSON(raw []byte) error {
	var n json.Number
	if string(raw) == "null" {
		return nil
	}
	*c = -1
	if json.Unmarshal(raw, &n) != nil {
		return nil
	}
	if f, err := n.Float64(); err == nil && f == math.Trunc(f) && f >= 0 && f <= maxCount {
		*c = count(f)
	}
	return nil
}

// readUsage reads the token counts of an answer; nil: the server did not say, or said
// nonsense. What stands in the total alone was billed, too. thoughts are the part of the
// output that stands beside the candidates.
func readUsage(raw json.RawMessage) (u *llm.Usage, thoughts int64) {
	var c counts
	if len(raw) == 0 || json.Unmarshal(raw, &c) != nil {
		return nil, 0
	}
	for _, n := range []count{c.Prompt, c.ToolPrompt, c.Candidates, c.Thoughts} {
		if n < 0 {
			return nil, 0
		}
	}
	u = &llm.Usage{InputTokens: int64(c.Prompt + c.ToolPrompt), OutputTokens: int64(c.Candidates + c.Thoughts)}
	if u.InputTokens == 0 { // no prompt has zero tokens
		return nil, 0
	}
	u.OutputTokens += max(0, int64(c.Total)-u.InputTokens-u.OutputTokens)
	u.CachedTokens = min(max(0, int64(c.Cached)), u.InputTokens)
	return wire.Tiered(u, c.Tier), u.OutputTokens - int64(c.Candidates)
}

// tiered returns a usage with its service tier, which Google names in the counts or in a
// header.
func tiered(res *http.Response, u *llm.Usage) *llm.Usage {
	if named := res.Header.Get("X-Gemini-Service-Tier"); u != nil && u.ServiceTier == "" && named != "" {
		of := *u
		of.ServiceTier = named
		return &of
	}
	return u
}

// unbound returns the usage of an answer that the server calls complete. If it has more
// tokens than the limit, that was not one of thoughts: Google does not say of all models
// whether it is.
func unbound(u *llm.Usage, thoughts int64, limit int) *llm.Usage {
	if u == nil || limit == 0 || u.OutputTokens <= int64(limit) {
		return u
	}
	apart := *u
	apart.UnboundedTokens = thoughts
	return &apart
}

package llm

import "cmp"

// Limit is how many tokens an answer of a model may have, reasoning included.
type Limit struct {
	Default int  // what is sent where nobody sets one
	Most    int  // more is not sent by itself, and is never sent to a model that is Known
	Known   bool // the model is in the table: it can write up to Most tokens
}

// unknownLimit is that of every model that the table does not have. Most models can
// write so much, and few answers are longer.
var unknownLimit = Limit{Default: 16_384, Most: 65_536}

// limitRow says how much models of a provider can write.
type limitRow struct {
	most, standard int
	models         []string
	source         string
}

// limitTable is of those models, by provider; all others are unknown. One that reasons
// gets 32,000 by default, since OpenAI's guide to reasoning advises to leave 25,000 for it.
var limitTable = map[string][]limitRow{
	"openai":    openaiLimits,
	"anthropic": anthropicLimits,
	"gemini":    geminiLimits,
}

var openaiLimits = []limitRow{
	{128_000, 32_000, []string{"gpt-6.2-astra", "gpt-6.2-sol", "gpt-6.1-sol", "gpt-6-sol", "gpt-6-luna"}, "2026-11-29 https://developers.openai.com/api/docs/models; of gpt-6.1-sol and gpt-6 https://docs.litellm.ai/blog/gpt_6_sol_luna"},
	{128_000, 32_000, []string{"gpt-5.5", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.4-pro", "gpt-5.3-codex"}, litellmLimits},
	{128_000, 32_000, []string{"gpt-5.2", "gpt-5.2-codex", "gpt-5.1", "gpt-5", "gpt-5-mini", "gpt-5-nano"}, litellmLimits},
	{272_000, 32_000, []string{"gpt-5-pro"}, litellmLimits},
	{100_000, 32_000, []string{"o1", "o3", "o3-mini", "o3-pro", "o4-mini"}, litellmLimits},
	{32_768, 16_384, []string{"gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"}, litellmLimits},
	{16_384, 16_384, []string{"gpt-5-chat-latest", "gpt-4o", "gpt-4o-mini"}, litellmLimits},
	{4_096, 4_096, []string{"gpt-4o-2024-05-13", "gpt-4-turbo", "gpt-4", "gpt-3.5-turbo"}, litellmLimits},
}

var anthropicLimits = []limitRow{
	{128_000, 32_000, []string{"claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-1", "claude-mythos-5-1"}, litellmLimits},
	{128_000, 32_000, []string{"claude-sonnet-5", "claude-opus-5", "claude-fable-5", "claude-mythos-5"}, litellmLimits},
	{128_000, 32_000, []string{"claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6", "claude-sonnet-4-6"}, litellmLimits},
	{64_000, 32_000, []string{"claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"}, litellmLimits},
}

// geminiLimits: thoughts are part of an answer.
var geminiLimits = []limitRow{
	{65_536, 32_000, []string{"gemini-4-neon", "gemini-4-argon", "gemini-4-hydrogen"}, geminiFourLimits},
	{65_536, 32_000, []string{"gemini-3.8-flash", "gemini-3.7-flash", "gemini-3.6-flash", "gemini-3.5-flash", "gemini-3.5-flash-lite"}, litellmLimits},
	{65_536, 32_000, []string{"gemini-3.1-pro-preview", "gemini-3.1-flash-lite", "gemini-3-flash-preview"}, litellmLimits},
	{65_536, 32_000, []string{"gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"}, litellmLimits},
}

const geminiFourLimits = "2026-11-29 https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/4-hydrogen.md.txt; of neon https://docs.laozhang.ai/en/announcements/gemini-4-neon-2026-11.md"

const litellmLimits = "litellm 1.105.7, model_prices_and_context_window_backup.json, max_output_tokens"

var knownLimits = limitsOf(limitTable)

func limitsOf(table map[string][]limitRow) map[string]Limit {
	all := map[string]Limit{}
	for provider, rows := range table {
		for _, row := range rows {
			for _, name := range row.models {
				all[provider+"/"+name] = Limit{Default: row.standard, Most: row.most, Known: true}
			}
		}
	}
	return all
}

// LimitOf returns the limit of a model, provider/model: that of the name itself, else of
// the name without a date at its end, as with [Prices]; else, of a model that is not in
// the table, 16,384 by default and at most 65,536.
func LimitOf(model string) Limit {
	if l, known := knownLimits[model]; known {
		return l
	}
	return cmp.Or(knownLimits[dated().ReplaceAllString(model, "")], unknownLimit)
}

// First returns the limit that is sent first where the question or its prompt sets n,
// 0: none. It is n, or else the default; a known model is not asked for more than it can
// write.
func (l Limit) First(n int) int {
	n = cmp.Or(n, l.Default)
	if l.Known {
		n = min(n, l.Most)
	}
	return n
}

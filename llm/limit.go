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

// limitRow says how much models of OpenAI can write.
type limitRow struct {
	most, standard int
	models         []string
	source         string
}

// limitTable is of those models; all others are unknown. One that reasons gets 32,000 by
// default, since OpenAI's guide to reasoning advises to leave 25,000 for it.
var limitTable = []limitRow{
	{128_000, 32_000, []string{"gpt-6.2-astra", "gpt-6.2-sol", "gpt-6.1-sol", "gpt-6-sol", "gpt-6-luna"}, "2026-11-29 https://developers.openai.com/api/docs/models; of gpt-6.1-sol and gpt-6 https://docs.litellm.ai/blog/gpt_6_sol_luna"},
	{128_000, 32_000, []string{"gpt-5.5", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.4-pro", "gpt-5.3-codex"}, litellmLimits},
	{128_000, 32_000, []string{"gpt-5.2", "gpt-5.2-codex", "gpt-5.1", "gpt-5", "gpt-5-mini", "gpt-5-nano"}, litellmLimits},
	{272_000, 32_000, []string{"gpt-5-pro"}, litellmLimits},
	{100_000, 32_000, []string{"o1", "o3", "o3-mini", "o3-pro", "o4-mini"}, litellmLimits},
	{32_768, 16_384, []string{"gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"}, litellmLimits},
	{16_384, 16_384, []string{"gpt-5-chat-latest", "gpt-4o", "gpt-4o-mini"}, litellmLimits},
	{4_096, 4_096, []string{"gpt-4o-2024-05-13", "gpt-4-turbo", "gpt-4", "gpt-3.5-turbo"}, litellmLimits},
}

const litellmLimits = "litellm 1.105.7, model_prices_and_context_window_backup.json, max_output_tokens"

var knownLimits = limitsOf(limitTable)

func limitsOf(table []limitRow) map[string]Limit {
	all := map[string]Limit{}
	for _, row := range table {
		for _, name := range row.models {
			all["openai/"+name] = Limit{Default: row.standard, Most: row.most, Known: true}
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
	return cmp.Or(knownLimits[dated.ReplaceAllString(model, "")], unknownLimit)
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

package gemini

import (
	"slices"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// family is how the models of a generation are told how much to think. With neither levels
// nor a budget they cannot be told.
type family struct {
	prefix string
	levels []string       // by name, the least first; see llm.Efforts
	budget map[string]int // by tokens, where there are no levels
}

// families are in the order in which they are looked through. What none of them names is
// a later model of Gemini. Sources: https://ai.google.dev/gemini-api/docs/thinking, whose budgets for
// Gemini 2.5 end at the least and the most here (those between are ours), and of Gemini 4
// https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/guides/gemini-4-hydrogen
// of 2026-11-29.
var families = []family{
	{prefix: "gemini-1."}, {prefix: "gemini-2.0-"}, {prefix: "gemma"}, {prefix: "learnlm"}, // googleapis/js-genai issue 681, aduermael/herm issue 23
	{prefix: "gemini-2.5-pro", budget: map[string]int{"none": 128, "minimal": 128, "low": 1_024, "medium": 8_192, "high": 24_576, "xhigh": 32_768, "max": 32_768}},
	{prefix: "gemini-2.5-", budget: map[string]int{"none": 0, "minimal": 512, "low": 1_024, "medium": 8_192, "high": 24_576, "xhigh": 24_576, "max": 24_576}},
	{prefix: "gemini-3-pro", levels: []string{"low", "high"}},
	{prefix: "gemini-3.1-pro", levels: []string{"low", "medium", "high"}},
	{prefix: "gemini-3", levels: []string{"minimal", "low", "medium", "high"}},
	{levels: []string{"low", "medium", "high", "xhigh"}},
}

// thinking says how much a model is to think, nil: as much as it does by itself. A model
// that has not got the level of an effort gets the nearest below, or else its least: no
// model of a later generation can be kept from thinking. One that cannot be told is not,
// since its server would refuse the request.
func thinking(model, effort string) *thinkingConfig {
	if effort == "" {
		return nil
	}
	f := families[slices.IndexFunc(families, func(f family) bool { return strings.HasPrefix(model, f.prefix) })]
	if f.budget == nil && f.levels == nil {
		return nil
	}
	if f.budget != nil {
		return &thinkingConfig{Budget: new(f.budget[effort])}
	}
	wanted, level := slices.Index(llm.Efforts(), effort), f.levels[0]
	for _, l := range f.levels {
		if slices.Index(llm.Efforts(), l) <= wanted {
			level = l
		}
	}
	return &thinkingConfig{Level: strings.ToUpper(level)}
}

package wire

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/llm"
)

func TestWhereCountsStand(t *testing.T) {
	for _, tt := range []struct {
		name, raw string
		want      *llm.Usage
	}{
		{"OpenAI", `{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":1010,"prompt_tokens_details":{"cached_tokens":900},"completion_tokens_details":{"reasoning_tokens":7}}`, &llm.Usage{InputTokens: 1000, OutputTokens: 10, CachedTokens: 900}},
		{"OpenAI, Responses", `{"input_tokens":1000,"output_tokens":10,"total_tokens":1010,"input_tokens_details":{"cached_tokens":900},"output_tokens_details":{"reasoning_tokens":7}}`, &llm.Usage{InputTokens: 1000, OutputTokens: 10, CachedTokens: 900}},
		{"xAI", `{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":6010,"completion_tokens_details":{"reasoning_tokens":5000}}`, &llm.Usage{InputTokens: 1000, OutputTokens: 5010, UnboundedTokens: 5000}},
		{"Gemini behind a gateway", `{"prompt_tokens":20,"completion_tokens":151,"total_tokens":553}`, &llm.Usage{InputTokens: 20, OutputTokens: 533, UnboundedTokens: 382}},
		{"reasoning beside, without a total", `{"prompt_tokens":20,"completion_tokens":10,"completion_tokens_details":{"reasoning_tokens":50}}`, &llm.Usage{InputTokens: 20, OutputTokens: 60, UnboundedTokens: 50}},
		{"a total that is too small", `{"prompt_tokens":20,"completion_tokens":10,"total_tokens":3}`, &llm.Usage{InputTokens: 20, OutputTokens: 10}},
		{"Moonshot", `{"prompt_tokens":1000,"completion_tokens":10,"cached_tokens":900}`, &llm.Usage{InputTokens: 1000, OutputTokens: 10, CachedTokens: 900}},
		{"DeepSeek", `{"prompt_tokens":1000,"completion_tokens":10,"prompt_cache_hit_tokens":900,"prompt_cache_miss_tokens":100,"prompt_tokens_details":{"cached_tokens":0}}`, &llm.Usage{InputTokens: 1000, OutputTokens: 10, CachedTokens: 900}},
		{"Anthropic behind a gateway, cache beside", `{"prompt_tokens":100,"completion_tokens":10,"total_tokens":1110,"cache_read_input_tokens":900,"cache_creation_input_tokens":100}`, &llm.Usage{InputTokens: 1100, OutputTokens: 10, CacheWriteTokens: 100, CachedTokens: 900}},
		{"Anthropic behind a gateway, cache within", `{"prompt_tokens":1100,"completion_tokens":10,"total_tokens":1110,"cache_read_input_tokens":900,"cache_creation_input_tokens":100}`, &llm.Usage{InputTokens: 1100, OutputTokens: 10, CacheWriteTokens: 100, CachedTokens: 900}},
		{"Anthropic's own words", `{"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":1000,"cache_creation_input_tokens":200}`, &llm.Usage{InputTokens: 1210, OutputTokens: 5, CacheWriteTokens: 200, CachedTokens: 1000}},
		{"cache beside, without a total", `{"prompt_tokens":10,"completion_tokens":5,"cache_read_input_tokens":1000}`, &llm.Usage{InputTokens: 1010, OutputTokens: 5, CachedTokens: 1000}},
		{"cache within, without a total", `{"prompt_tokens":1210,"completion_tokens":5,"cache_read_input_tokens":1000,"cache_creation_input_tokens":200}`, &llm.Usage{InputTokens: 1210, OutputTokens: 5, CacheWriteTokens: 200, CachedTokens: 1000}},
		{"more cached than sent", `{"prompt_tokens":5,"completion_tokens":10,"cached_tokens":900}`, &llm.Usage{InputTokens: 5, OutputTokens: 10, CachedTokens: 5}},
		{"cached below zero", `{"prompt_tokens":5,"completion_tokens":10,"cached_tokens":-1}`, &llm.Usage{InputTokens: 5, OutputTokens: 10}},
		{"OpenAI, written", `{"input_tokens":1000,"output_tokens":10,"total_tokens":1010,"input_tokens_details":{"cached_tokens":600,"cache_write_tokens":300}}`, &llm.Usage{InputTokens: 1000, OutputTokens: 10, CachedTokens: 600, CacheWriteTokens: 300}},
		{"OpenAI, Chat, written", `{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":1010,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":1000}}`, &llm.Usage{InputTokens: 1000, OutputTokens: 10, CacheWriteTokens: 1000}},
		{"more written than sent", `{"input_tokens":5,"output_tokens":10,"total_tokens":15,"cache_read_input_tokens":3,"cache_creation_input_tokens":900}`, &llm.Usage{InputTokens: 5, OutputTokens: 10, CachedTokens: 3, CacheWriteTokens: 2}},
		{"parts of tokens", `{"prompt_tokens":5.5,"completion_tokens":10}`, nil},
		{"more than anything has", `{"prompt_tokens":5,"completion_tokens":1e300}`, nil},
		{"a boolean", `{"prompt_tokens":true,"completion_tokens":10}`, nil},
		{"a list", `[1,2]`, nil},
		{"nothing", ``, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ReadUsage([]byte(tt.raw))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzUsage(f *testing.F) {
	f.Add(`{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":6010,"cached_tokens":"9","cache_read_input_tokens":1e12,"cache_creation_input_tokens":1e12}`)
	f.Fuzz(func(t *testing.T, raw string) {
		u := ReadUsage([]byte(raw))
		if u != nil && (u.InputTokens < 0 || u.UnboundedTokens < 0 || u.UnboundedTokens > u.OutputTokens || u.CachedTokens < 0 || u.CacheWriteTokens < 0 || u.CachedTokens+u.CacheWriteTokens > u.InputTokens || u.InputTokens+u.OutputTokens <= 0) {
			t.Errorf("%s: %+v", raw, *u)
		}
	})
}

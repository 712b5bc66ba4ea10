package llm_test

import (
	"testing"

	"github.com/pawlrun/pawl/llm"
)

func TestIsModel(t *testing.T) {
	for _, tt := range []struct {
		asked, reported string
		want            bool
	}{
		{"openai/gpt-5.4-mini", "gpt-5.4-mini", true},
		{"openai/gpt-5.4-mini", "gpt-5.4-mini-2026-03-17", true},
		{"openai/gpt-5.4", "gpt-5.4-mini-2026-03-17", false},
		{"openai/gpt-4o-2024-05-13", "gpt-4o-2024-08-06", false},
		{"openai/gpt-4o-2024-05-13", "gpt-4o-2024-05-13", true},
		{"openai-chat/gpt-nope", "smollm2.gguf", false},
		{"openai-chat/gpt-nope", "", true},
		{"openai-chat/Qwen/Qwen3-8B", "qwen/qwen3-8b", true},
		{"openai-chat//models/a.gguf", "/models/a.gguf", true},
		{"openai-chat/gemini-2.5-flash", "models/gemini-2.5-flash", true},
		{"offline?reject=1", "offline", true},
		{"offline", "offline", true},
	} {
		if got := llm.IsModel(tt.asked, tt.reported); got != tt.want {
			t.Errorf("IsModel(%q, %q) = %t", tt.asked, tt.reported, got)
		}
	}
}

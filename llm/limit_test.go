package llm

import "testing"

func TestLimitTable(t *testing.T) {
	seen := map[string]bool{}
	for provider, rows := range limitTable {
		for _, row := range rows {
			if row.source == "" || len(row.models) == 0 || row.standard <= 0 || row.standard > row.most {
				t.Errorf("%+v", row)
			}
			for _, name := range row.models {
				if seen[provider+"/"+name] {
					t.Errorf("%s is there twice", name)
				}
				seen[provider+"/"+name] = true
			}
		}
	}
	for model := range DefaultPrices() {
		if provider, _ := Split(model); limitTable[provider] != nil && !seen[model] {
			t.Errorf("%s has a price and no limit", model)
		}
	}
}

func TestLimitOf(t *testing.T) {
	for _, c := range []struct {
		model      string
		set        int
		first, max int
		known      bool
	}{
		{"openai/gpt-5.4", 0, 32_000, 128_000, true},
		{"openai/gpt-5.4-2026-03-17", 0, 32_000, 128_000, true},
		{"openai/gpt-4o-2024-05-13", 0, 4096, 4096, true}, // its own row, not that of gpt-4o
		{"openai/gpt-4o-2024-08-06", 100_000, 16_384, 16_384, true},
		{"openai/gpt-5.4-turbo", 100_000, 100_000, 65_536, false}, // which is not gpt-5.4
		{"anthropic/claude-haiku-5-5", 0, 32_000, 128_000, true},
		{"anthropic/claude-haiku-4-5-20251001", 100_000, 64_000, 64_000, true},
		{"openai-chat/gpt-4o", 0, 16_384, 65_536, false}, // which may be anything
		{"", 0, 16_384, 65_536, false},
	} {
		l := LimitOf(c.model)
		if l.First(c.set) != c.first || l.Most != c.max || l.Known != c.known {
			t.Errorf("%q: %+v, first %d", c.model, l, l.First(c.set))
		}
	}
}

package gemini_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

// Google streams a JSON list where a gateway drops alt=sse.
func TestAnswerInList(t *testing.T) {
	const part = `{"candidates":[{"content":{"parts":[{"text":"Hel"}]}}],"usageMetadata":{"promptTokenCount":12,"totalTokenCount":12}}`
	const odd = `{"candidates":[{"content":{"parts":[{"text":"Hel"}]},"index":"0"}],"modelVersion":{}}`
	broken := `{"error":{"code":500,"message":"internal","status":"INTERNAL"}}`
	for _, tt := range []struct {
		name, body string
		kind       llm.ErrorKind // empty: the answer is Hello
		message    string
		partial    string
		counted    bool
		free       bool // no model answered
	}{
		{"one piece", `[` + finished("Hello", "STOP") + `]`, "", "", "", true, false},
		{"several, with space around them", " \n[" + part + "\n,\r\n" + finished("lo", "STOP") + "]\n", "", "", "", true, false},
		{"a field of another type", `[` + odd + `,` + finished("lo", "STOP") + `]`, "", "", "", true, false},
		{"no end", `[` + part + `]`, llm.Overloaded, "does not say why it ended", "Hel", true, false},
		{"the token limit", `[` + part + `,` + finished("lo", "MAX_TOKENS") + `]`, llm.Truncated, "token limit", "Hello", true, false},
		{"a filter", `[` + part + `,` + finished("", "SAFETY") + `]`, llm.Filtered, "", "Hel", true, false},
		{"an error behind some words", `[` + part + `,` + broken + `]`, llm.Overloaded, "internal", "Hel", true, false},
		{"an error alone", `[` + broken + `]`, llm.Overloaded, "internal", "", false, true},
		{"nothing in it", `[]`, llm.Overloaded, "no candidates", "", false, false},
		{"null in it", `[null]`, llm.Overloaded, "no candidates", "", false, false},
		{"numbers", `[1,2]`, llm.Overloaded, "", "", false, true},
		{"lists", `[[` + finished("Hello", "STOP") + `]]`, llm.Overloaded, "", "", false, false},
		{"cut off", `[` + part + `,{"candidates":[`, llm.Overloaded, "not JSON", "", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
				srv, model := start(t)
				srv.On(func(responsestest.Call) responsestest.Reply {
					return responsestest.Raw(200, "application/json; charset=UTF-8", tt.body)
				})
				resp, err := model.Generate(t.Context(), ask("Hello"), stream)
				if tt.kind == "" {
					if err != nil || resp.Text != "Hello" || resp.Usage == nil || resp.Usage.OutputTokens != 5 {
						t.Errorf("got %+v, %v", resp, err)
					}
					return
				}
				e := llmtest.WantKind(t, err, tt.kind)
				if !strings.Contains(e.Message, tt.message) || e.Partial != tt.partial || (e.Usage != nil) != tt.counted || e.Answered == tt.free && e.Kind != llm.Truncated {
					t.Errorf("got %+v", e)
				}
			})
		})
	}
}

package llmtest

import (
	"testing"

	"github.com/pawlrun/pawl/llm"
)

// thoughts are answers behind what a model thought, as servers without a parser send
// them. %s stands for the answer.
var thoughts = []struct{ name, before, behind string }{
	{"think", "<think>\nhm, \"<b>\"\n</think>\n\n", ""},
	{"thinking", "<thinking>hm</thinking>", ""},
	{"nothing thought, then again", "<think>\n\n</think>\n<think>hm</think>\n", ""},
	{"gpt-oss", "<|channel|>analysis<|message|>hm {<|end|><|start|>assistant<|channel|>final<|message|>", "<|return|>"},
	{"gpt-oss, typed", "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>", "<|end|>"},
	{"gpt-oss without marks", "analysisWe need a title.assistantfinal", ""},
}

// withoutThoughts holds a model to it that no thought is an answer, or heard.
func withoutThoughts(t *testing.T, srv Server, model llm.Model, streaming bool) {
	const text, typed = "The tides <rise>.", `{"reasoning":"a <think> b","kind":"right","advice":null}`
	s := schemaOf[verdict](t)
	for _, tt := range thoughts {
		for _, answer := range []string{text, typed} {
			req := question()
			if answer == typed {
				req.Schema = s
			}
			srv.Play(Exchange{Text: tt.before + answer + tt.behind})
			stream, heard := listener(streaming)
			resp, err := model.Generate(t.Context(), req, stream)
			if err != nil || resp.Text != answer {
				t.Errorf("%s: got %q and %v, wants %q", tt.name, resp.Text, err, answer)
			}
			if streaming && heard.String() != answer {
				t.Errorf("%s: heard %q, wants %q", tt.name, heard, answer)
			}
		}
	}
	for _, only := range []string{"<think>hm</think>", "<think>hm", "<|channel|>analysis<|message|>hm", "hm\n</think>\n"} {
		srv.Play(Exchange{Text: only})
		stream, _ := listener(streaming)
		_, err := model.Generate(t.Context(), question(), stream)
		want{kind: llm.Overloaded, message: "reasoning", usage: true}.check(t, err, streaming)

		srv.Play(Exchange{Text: only, End: EndLength})
		_, err = model.Generate(t.Context(), question(), stream)
		want{kind: llm.Truncated, usage: true}.check(t, err, streaming)
	}
}

// lateThoughts are those that only their end tells. The first answer shows that the model
// is such: from then on nothing is heard before.
func lateThoughts(t *testing.T, srv Server, model llm.Model, streaming bool) {
	const answer = "The tides rise."
	for i := range 3 {
		srv.Play(Exchange{Text: "hm, so\n</think>\n\n" + answer})
		stream, heard := listener(streaming)
		resp, err := model.Generate(t.Context(), question(), stream)
		if err != nil || resp.Text != answer {
			t.Errorf("call %d: got %q and %v", i+1, resp.Text, err)
		}
		if i > 0 && streaming && heard.String() != answer {
			t.Errorf("call %d: heard %q, wants %q", i+1, heard, answer)
		}
	}
	srv.Play(Exchange{Text: answer})
	stream, heard := listener(streaming)
	resp, err := model.Generate(t.Context(), question(), stream)
	if err != nil || resp.Text != answer || streaming && heard.String() != answer {
		t.Errorf("without a thought: got %q and %v, heard %q", resp.Text, err, heard)
	}
}

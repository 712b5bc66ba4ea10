package wire

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

func TestKeywordsAreDropped(t *testing.T) {
	const doc = `{"type":"object","properties":{"minItems":{"type":"array","minItems":1,"items":{"type":"integer","minimum":1}},"b":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/c"}]}},"$defs":{"c":{"minItems":3,"enum":["minItems"]}},"additionalProperties":false}`
	const want = `{"type":"object","properties":{"minItems":{"type":"array","items":{"type":"integer","minimum":1}},"b":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/c"}]}},"$defs":{"c":{"enum":["minItems"]}},"additionalProperties":false}`
	if got := dropKeywords([]byte(doc), []string{"minItems"}); string(got) != want {
		t.Errorf("got %s\nwants %s", got, want)
	}
	if got := dropKeywords([]byte(doc), []string{"maxItems"}); string(got) != doc {
		t.Errorf("without a keyword that is not there: %s", got)
	}
}

func FuzzKeywords(f *testing.F) {
	f.Add(`{"properties":{"a":{"anyOf":[{"minItems":1},true,7]}},"items":[{"minItems":1}]}`)
	f.Fuzz(func(t *testing.T, doc string) {
		if !json.Valid([]byte(doc)) || len(doc) > 1<<10 {
			t.Skip()
		}
		if got := dropKeywords([]byte(doc), []string{"minItems"}); !json.Valid(got) {
			t.Errorf("%s becomes %s", doc, got)
		}
	})
}

// Whatever a server says, what is asked then is another question than before, and after
// a few steps nothing is left to change.
func FuzzRefusals(f *testing.F) {
	type bounded struct {
		Tags  []string `json:"tags" pawl:"items=1..3"`
		Score int      `json:"score" pawl:"min=0,max=9"`
	}
	s, err := schema.For[bounded]()
	if err != nil {
		f.Fatal(err)
	}
	req := llm.Request{Model: "m", MaxTokens: 9, Schema: s, Messages: []llm.Message{llm.System("a"), llm.User("b"), llm.System("c")}}
	for _, r := range roleSentences {
		f.Add(r.part)
	}
	for _, g := range grammarSentences {
		f.Add(g)
	}
	f.Add("max_tokens must be less than or equal to 7, must be at most 3, and minItems is not supported in a schema")
	f.Add("max_tokens, minItems and minimum in a schema are not supported, nor response_format; conversation roles must alternate")
	f.Fuzz(func(t *testing.T, sentence string) {
		sent := map[string]bool{}
		d := Dialect{vendor: &testVendor}
		for step := 0; ; step++ {
			if step > 9 {
				t.Fatalf("%q never ends", sentence)
			}
			_, form, err := d.Format(req)
			if err != nil || !json.Valid(form) {
				t.Fatal(err)
			}
			asked, _ := json.Marshal([]any{d, d.MaxTokens(req), d.system, d.Messages(req, form)})
			asked = append(asked, form...)
			if sent[string(asked)] {
				t.Fatalf("%q: the same again: %s", sentence, bytes.TrimSpace(asked))
			}
			sent[string(asked)] = true
			next, change, ok := d.after(req, false, &llm.Error{Kind: llm.Invalid, Status: 400, Message: sentence}, [2]string{"max_tokens", "max_completion_tokens"})
			if !ok {
				break
			}
			if change == "" {
				t.Fatalf("%q changes something and does not say what", sentence)
			}
			d = d.merge(next)
		}
	})
}

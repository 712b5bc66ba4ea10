package schema

import (
	"fmt"
	"strings"
	"testing"
)

func TestGemini(t *testing.T) {
	type inner struct {
		Score int     `json:"score" pawl:"min=1,max=5" jsonschema:"how good"`
		Aside *string `json:"aside"`
	}
	type outer struct {
		Why  string   `json:"why" pawl:"len=1.."`
		Kind string   `json:"kind,omitempty" pawl:"enum=a|b"`
		Tags []string `json:"tags" pawl:"items=2..5"`
		Some []inner  `json:"some" pawl:"items=0..9"`
	}
	s, err := For[outer]()
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Gemini()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"object","properties":{` +
		`"why":{"type":"string","description":"not empty"},` +
		`"kind":{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"null"}]},` +
		`"tags":{"type":"array","items":{"type":"string"},"description":"2 to 5 items"},` +
		`"some":{"type":"array","items":{"type":"object","properties":{` +
		`"score":{"type":"integer","minimum":1,"maximum":5,"description":"how good"},"aside":{"type":["string","null"]}},` +
		`"required":["score","aside"],"additionalProperties":false,"propertyOrdering":["score","aside"]},"description":"0 to 9 items"}` +
		`},"required":["why","kind","tags","some"],"additionalProperties":false,"propertyOrdering":["why","kind","tags","some"]}`
	if string(got) != want {
		t.Errorf("got  %s\nwants %s", got, want)
	}
	if _, err := s.Check([]byte(`{"why":"w","kind":null,"tags":["a","b"],"some":[{"score":2,"aside":null}]}`)); err != nil {
		t.Errorf("an answer in this form: %v", err)
	}
}

func TestGeminiRefuses(t *testing.T) {
	type open struct {
		Names map[string]int `json:"names"`
	}
	s, err := For[open]()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Gemini(); err == nil || !strings.Contains(err.Error(), " for Gemini: ") || !strings.Contains(err.Error(), "field Names: map[string]int has names that are not known before") {
		t.Errorf("got %v", err)
	}
	list, err := For[[]string]()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list.Gemini(); err == nil || !strings.Contains(err.Error(), "wants a struct") {
		t.Errorf("got %v", err)
	}
}

// OpenAI's limits are not Gemini's.
func TestGeminiBeyondOpenAI(t *testing.T) {
	deep, long := `{"type":"string"}`, make([]string, 300)
	for range 12 {
		deep = `{"type":"object","properties":{"in":` + deep + `},"required":["in"],"additionalProperties":false}`
	}
	for i := range long {
		long[i] = fmt.Sprintf(`"%060d"`, i)
	}
	enum := `{"type":"object","properties":{"e":{"type":"string","enum":[` + strings.Join(long, ",") + `]}},"required":["e"],"additionalProperties":false}`
	for _, doc := range []string{deep, enum} {
		s, err := Parse([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Strict(); err == nil {
			t.Error("OpenAI's form has no limit")
		}
		if _, err := s.Gemini(); err != nil {
			t.Error(err)
		}
	}
	hidden := strings.Replace(deep, `{"type":"string"}`, `{"type":"array","items":{"type":"object","additionalProperties":{"type":"string"}}}`, 1)
	s, err := Parse([]byte(hidden))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Gemini(); err == nil || !strings.Contains(err.Error(), strings.Repeat("in.", 11)+"in[]: ") {
		t.Errorf("a map far down: %v", err)
	}
}

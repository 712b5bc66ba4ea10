package schema

import (
	"fmt"
	"strings"
	"testing"
)

// A document that we wrote reads back as the same schema.
func TestParseReadsWhatWeWrite(t *testing.T) {
	for _, s := range []*Schema{mustFor[plan](t), mustFor[checked](t), mustFor[string](t), mustFor[*int](t), mustFor[struct{}](t), mustFor[[][]bool](t)} {
		again, err := Parse(s.JSON())
		if err != nil {
			t.Errorf("%s: %v", s.JSON(), err)
			continue
		}
		if string(again.JSON()) != string(s.JSON()) {
			t.Errorf("read back:\n got %s\nwant %s", again.JSON(), s.JSON())
		}
	}
	type strict struct {
		Tone  *string `json:"tone" pawl:"enum=a|b"`
		Count int     `json:"count" pawl:"default=3"`
		Part  *checkedPart
	}
	form, err := mustFor[strict](t).Strict()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(form)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Strict(); err != nil || string(again) != string(form) {
		t.Errorf("strict form read back:\n got %s, %v\nwant %s", again, err, form)
	}
	if _, err := s.Check([]byte(`{"tone":null,"count":null,"Part":null}`)); err != nil {
		t.Error(err)
	}
}

func TestParseForeignDocuments(t *testing.T) {
	for _, test := range []struct{ doc, want string }{
		{`{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"T","type":"object",
			"properties":{"z":{"$ref":"#/$defs/word"},"a":{"description":"again","$ref":"#/$defs/word"}},
			"required":["a"],"$defs":{"word":{"type":"string","maxLength":3}}}`,
			`{"type":"object","properties":{"z":{"type":"string","maxLength":3},"a":{"type":"string","maxLength":3,"description":"again"}},"required":["a"],"additionalProperties":false}`},
		{`{"$ref":"#/definitions/a~1b","definitions":{"a/b":{"const":"x"}}}`, `{"type":"string","enum":["x"]}`},
		{`{"type":["null","string"],"enum":["F","C"]}`, `{"anyOf":[{"type":"string","enum":["F","C"]},{"type":"null"}]}`},
		{`{"type":["string","null"],"enum":["F",null]}`, `{"anyOf":[{"type":"string","enum":["F"]},{"type":"null"}]}`},
		{`{"anyOf":[{"type":"null"},{"type":"integer","minimum":1.0}]}`, `{"type":["integer","null"],"minimum":1}`},
		{`{"type":"array","items":{"type":"number"},"maxItems":2.0,"default":[]}`, `{"type":"array","maxItems":2,"items":{"type":"number"},"default":[]}`},
	} {
		s, err := Parse([]byte(test.doc))
		if err != nil {
			t.Errorf("%s: %v", test.doc, err)
		} else if string(s.JSON()) != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.doc, s.JSON(), test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	// Each definition uses the next one twice: 2^40 schemas from 2 kB.
	var bomb strings.Builder
	for i := range 40 {
		fmt.Fprintf(&bomb, `"d%d":{"type":"object","properties":{"a":{"$ref":"#/$defs/d%d"},"b":{"$ref":"#/$defs/d%d"}}},`, i, i+1, i+1)
	}
	for _, test := range []struct{ doc, want string }{
		{``, "is not JSON"},
		{`true`, "the schema is true, wants an object"},
		{`{}`, "no type"},
		{`{"type":"null"}`, "wants one of object"},
		{`{"type":"text"}`, `type is "text"`},
		{`{"type":["string","integer"]}`, `type is "string, integer"`},
		{`{"type":"string","type":"object"}`, "type: is given twice"},
		{`{"type":"object"}`, "an open object"},
		{`{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":true}`, "an open object"},
		{`{"type":"object","properties":[]}`, "properties is an array"},
		{`{"type":"object","properties":{"a":{"type":"string","pattern":"x"}}}`, `field a: keyword "pattern" is not supported`},
		{`{"type":"object","properties":{"a":{"type":"string"}},"required":["A"]}`, `did you mean "a"?`},
		{`{"type":"object","properties":{"a":{"type":"array","items":{}}}}`, "field a[]: no type"},
		{`{"type":"object","properties":{"a":{"type":"string"}},"required":"a"}`, "required is"},
		{`{"type":"array"}`, "without items"},
		{`{"type":"array","items":{"type":"string"},"minItems":-1}`, "minItems is -1"},
		{`{"type":"string","maxLength":1e99}`, "maxLength is 1e99"},
		{`{"type":"string","minLength":3,"maxLength":2}`, "above"},
		{`{"type":"string","format":"email"}`, `format is "email", wants "date-time"`},
		{`{"type":"string","enum":[1]}`, "enum holds 1"},
		{`{"type":"string","enum":[]}`, "enum is empty"},
		{`{"type":"string","enum":["a"],"const":"a"}`, "leave one out"},
		{`{"type":"integer","default":"x"}`, `default: is "x", wants an integer`},
		{`{"type":"integer","minLength":1}`, `keyword "minLength"`},
		{`{"type":"number","minimum":"1"}`, `minimum is "1"`},
		{`{"type":"string","description":1}`, "description is 1"},
		{`{"type":"string","writeOnly":1}`, "writeOnly is 1"},
		{`{"anyOf":[{"type":"string"},{"type":"integer"}]}`, "one schema and null only"},
		{`{"$ref":"#"}`, "leads back"},
		{`{"$ref":"#/$defs/a","$defs":{"a":{"type":"array","items":{"$ref":"#/$defs/a"}}}}`, "leads back"},
		{`{"$ref":"#/$defs/b","$defs":{"a":{"type":"string"}}}`, "name of a definition"},
		{`{"$ref":"https://example.org/x"}`, "name of a definition"},
		{`{"$ref":"#/$defs/d0","$defs":{` + bomb.String() + `"d40":{"type":"string"}}}`, "more than 10000 schemas"},
	} {
		_, err := Parse([]byte(test.doc))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.100s: got %v, want %q", test.doc, err, test.want)
		}
	}
}

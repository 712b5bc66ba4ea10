package responsestest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// closed wraps properties into a closed object with all of them required.
func closed(properties string, required ...string) string {
	names, _ := json.Marshal(required)
	if required == nil {
		names = []byte("[]")
	}
	return `{"type":"object","properties":{` + properties + `},"required":` + string(names) + `,"additionalProperties":false}`
}

func nested(levels int) string {
	s := `{"type":"string"}`
	for range levels {
		s = closed(`"a":`+s, "a")
	}
	return s
}

func many(n int, item func(int) string) string {
	return strings.Join(list(n, item), ",")
}

func list(n int, item func(int) string) []string {
	items := make([]string, n)
	for i := range items {
		items[i] = item(i)
	}
	return items
}

func TestStrictAccepts(t *testing.T) {
	a := func(schema string) string { return closed(`"a":`+schema, "a") }
	for name, schema := range map[string]string{
		"empty object":       closed(""),
		"every scalar":       closed(`"a":{"type":"string"},"b":{"type":"number"},"c":{"type":"integer"},"d":{"type":"boolean"},"e":{"type":"null"}`, "a", "b", "c", "d", "e"),
		"nullable":           a(`{"type":["string","null"]}`),
		"described":          a(`{"type":"string","title":"A","description":"what","pattern":"^x","format":"date-time"}`),
		"bounds":             a(`{"type":"number","minimum":0,"maximum":1,"exclusiveMinimum":-1,"exclusiveMaximum":2,"multipleOf":0.1}`),
		"array":              a(`{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":3}`),
		"enum and const":     closed(`"a":{"type":"string","enum":["x","y"]},"b":{"const":"k"}`, "a", "b"),
		"any of":             a(`{"anyOf":[` + closed(`"k":{"const":"one"}`, "k") + `,` + closed(`"k":{"const":"two"}`, "k") + `,{"type":"null"}]}`),
		"recursion":          `{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["next"],"additionalProperties":false}`,
		"definitions":        `{"type":"object","properties":{"a":{"$ref":"#/$defs/x"}},"required":["a"],"additionalProperties":false,"$defs":{"x":{"type":"string"}}}`,
		"a field named enum": closed(`"enum":{"type":"string"},"default":{"type":"string"}`, "enum", "default"),
		"ten levels":         nested(10),
		"many properties":    closed(many(5000, func(i int) string { return fmt.Sprintf(`"p%d":{"type":"null"}`, i) }), list(5000, func(i int) string { return fmt.Sprintf("p%d", i) })...),
		"1,000 enum values":  a(`{"type":"string","enum":[` + many(1000, func(i int) string { return fmt.Sprintf(`"v%d"`, i) }) + `]}`),
	} {
		if err := CheckStrict(json.RawMessage(schema)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStrictRefuses(t *testing.T) {
	a := func(schema string) string { return closed(`"a":`+schema, "a") }
	for _, tt := range []struct{ name, schema, message string }{
		{"no JSON", `{`, "not a JSON object"},
		{"more behind it", closed("") + `{}`, "more after"},
		{"null", `null`, "object"},
		{"root array", `{"type":"array","items":{"type":"string"}}`, `'type: "object"'`},
		{"root nullable", `{"type":["object","null"],"properties":{},"required":[],"additionalProperties":false}`, `'type: "object"'`},
		{"root any of", `{"type":"object","anyOf":[` + closed("") + `]}`, "root must not be an anyOf"},
		{"open object", `{"type":"object","properties":{},"required":[]}`, "additionalProperties"},
		{"open by schema", `{"type":"object","properties":{},"required":[],"additionalProperties":{"type":"string"}}`, "additionalProperties"},
		{"inner object open", a(`{"type":"object","properties":{},"required":[]}`), "#/properties/a: 'additionalProperties'"},
		{"no properties", `{"type":"object","required":[],"additionalProperties":false}`, "missing properties"},
		{"not required", closed(`"a":{"type":"string"}`), "missing 'a'"},
		{"no required at all", `{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}`, "missing 'a'"},
		{"required but not there", closed("", "b"), "extra required key 'b'"},
		{"array without items", a(`{"type":"array"}`), "missing items"},
		{"open object in items", a(`{"type":"array","items":{"type":"object","properties":{}}}`), "#/properties/a/items"},
		{"no type", a(`{"description":"x"}`), "'type' key"},
		{"true", a(`true`), "must be an object"},
		{"unknown type", a(`{"type":"text"}`), "'text' is not a type"},
		{"unknown format", a(`{"type":"string","format":"uri"}`), "'uri' is not a valid format"},
		{"empty enum", a(`{"type":"string","enum":[]}`), "enum wants"},
		{"lost reference", a(`{"$ref":"#/$defs/x"}`), "not found"},
		{"foreign reference", a(`{"$ref":"http://example.com/x"}`), "not found"},
		{"bad definition", `{"type":"object","properties":{},"required":[],"additionalProperties":false,"$defs":{"x":{"type":"array"}}}`, "#/$defs/x"},
		{"same first key", a(`{"anyOf":[` + closed(`"k":{"type":"string"}`, "k") + `,` + closed(`"k":{"type":"string"},"l":{"type":"null"}`, "k", "l") + `]}`), "identical first keys"},
		{"bad branch", a(`{"anyOf":[{"type":"string","default":"x"}]}`), "'default' is not permitted"},
		{"eleven levels", nested(11), "10 levels"},
		{"too many properties", closed(many(5001, func(i int) string { return fmt.Sprintf(`"p%d":{"type":"null"}`, i) }), list(5001, func(i int) string { return fmt.Sprintf("p%d", i) })...), "5001 properties"},
		{"too many enum values", a(`{"type":"string","enum":[` + many(1001, func(i int) string { return fmt.Sprintf(`"v%d"`, i) }) + `]}`), "1001 enum values"},
		{"too long an enum", a(`{"type":"string","enum":[` + many(251, func(i int) string { return fmt.Sprintf(`"%060d"`, i) }) + `]}`), "15060 characters"},
		{"too long names", closed(`"`+strings.Repeat("n", 120_001)+`":{"type":"null"}`, strings.Repeat("n", 120_001)), "120001 characters"},
	} {
		err := CheckStrict(json.RawMessage(tt.schema))
		if err == nil || !strings.Contains(err.Error(), tt.message) {
			t.Errorf("%s: got %.300v, wants %q", tt.name, err, tt.message)
		}
	}
	for _, keyword := range []string{"default", "minLength", "maxLength", "oneOf", "allOf", "not", "if", "patternProperties",
		"propertyNames", "unevaluatedProperties", "contains", "uniqueItems", "prefixItems", "minProperties", "$schema", "$id", "examples", "nullable"} {
		err := CheckStrict(json.RawMessage(a(`{"type":"string","` + keyword + `":1}`)))
		if want := "'" + keyword + "' is not permitted"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, wants %q", keyword, err, want)
		}
	}
}

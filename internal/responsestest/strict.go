package responsestest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of strict mode.
const (
	maxProperties  = 5000
	maxDepth       = 10
	maxNameChars   = 120_000
	maxEnumValues  = 1000
	manyEnumValues = 250    // an enum of more strings than this
	maxEnumChars   = 15_000 // may have so many characters in all
)

// CheckStrict reports why the provider's strict mode would refuse a schema, or nil.
// It knows nothing of package schema on purpose: it is what that one is held
// against.
func CheckStrict(raw json.RawMessage) error {
	c := &strictCheck{}
	var root node
	if err := decode(raw, &root); err != nil {
		return fmt.Errorf("the schema is not a JSON object: %w", err)
	}
	if !slices.Equal(root.types(), []string{"object"}) {
		return fmt.Errorf("schema must be a JSON Schema of 'type: \"object\"', got %s", orNone(root["type"]))
	}
	if root["anyOf"] != nil {
		return fmt.Errorf("the root must not be an anyOf")
	}
	var defs map[string]json.RawMessage
	if err := unmarshal(root["$defs"], &defs); err != nil {
		return fmt.Errorf("$defs: %w", err)
	}
	c.defs = defs
	if err := c.schema("#", raw, 1); err != nil {
		return err
	}
	switch {
	case c.properties > maxProperties:
		return fmt.Errorf("%d properties, at most %d", c.properties, maxProperties)
	case c.chars > maxNameChars:
		return fmt.Errorf("%d characters of names and values, at most %d", c.chars, maxNameChars)
	case c.enums > maxEnumValues:
		return fmt.Errorf("%d enum values, at most %d", c.enums, maxEnumValues)
	}
	return nil
}

// node is one schema object, its values unread.
type node map[string]json.RawMessage

func (n node) types() []string {
	var one string
	if json.Unmarshal(n["type"], &one) == nil {
		return []string{one}
	}
	var many []string
	_ = json.Unmarshal(n["type"], &many)
	return many
}

type strictCheck struct {
	defs       map[string]json.RawMessage
	properties int
	chars      int
	enums      int
}

// schema checks the schema at a path. Depth counts objects and arrays, not what
// they hold in the end; what a $ref leads to is counted where it is defined.
func (c *strictCheck) schema(at string, raw json.RawMessage, depth int) error {
	var n node
	if err := json.Unmarshal(raw, &n); err != nil || n == nil {
		return fmt.Errorf("%s: a schema must be an object, got %s", at, orNone(raw))
	}
	if depth > maxDepth && (n["properties"] != nil || n["items"] != nil) {
		return fmt.Errorf("%s: more than %d levels of nesting", at, maxDepth)
	}
	for keyword := range n {
		if !keywordAllowed(keyword) || keyword == "$defs" && at != "#" {
			return fmt.Errorf("%s: '%s' is not permitted", at, keyword)
		}
	}
	for _, check := range []func(string, node) error{c.kind, c.ref, c.enum, c.format} {
		if err := check(at, n); err != nil {
			return err
		}
	}
	for _, typ := range n.types() {
		switch typ {
		case "object":
			if err := c.object(at, n, depth); err != nil {
				return err
			}
		case "array":
			if n["items"] == nil {
				return fmt.Errorf("%s: array schema missing items", at)
			}
			if err := c.schema(at+"/items", n["items"], depth+1); err != nil {
				return err
			}
		}
	}
	if err := c.anyOf(at, n, depth); err != nil {
		return err
	}
	if at == "#" {
		for name, def := range c.defs {
			c.chars += utf8.RuneCountInString(name)
			if err := c.schema("#/$defs/"+name, def, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

func keywordAllowed(keyword string) bool {
	switch keyword {
	case "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs",
		"title", "description", "pattern", "format", "multipleOf", "minimum", "maximum", "exclusiveMinimum",
		"exclusiveMaximum", "minItems", "maxItems":
		return true
	}
	return false
}

func (c *strictCheck) kind(at string, n node) error {
	types := n.types()
	if n["type"] != nil && len(types) == 0 {
		return fmt.Errorf("%s: type %s is neither a name nor a list of names", at, n["type"])
	}
	if len(types) == 0 && n["anyOf"] == nil && n["$ref"] == nil && n["enum"] == nil && n["const"] == nil {
		return fmt.Errorf("%s: schema must have a 'type' key", at)
	}
	for _, t := range types {
		switch t {
		case "string", "number", "integer", "boolean", "object", "array", "null":
		default:
			return fmt.Errorf("%s: '%s' is not a type", at, t)
		}
	}
	return nil
}

func (c *strictCheck) ref(at string, n node) error {
	var ref string
	if n["$ref"] == nil {
		return nil
	}
	if err := json.Unmarshal(n["$ref"], &ref); err != nil {
		return fmt.Errorf("%s: $ref: %w", at, err)
	}
	if name, ok := strings.CutPrefix(ref, "#/$defs/"); ok && c.defs[name] != nil || ref == "#" {
		return nil
	}
	return fmt.Errorf("%s: reference to component '%s' which was not found in the schema", at, ref)
}

func (c *strictCheck) enum(at string, n node) error {
	var values []json.RawMessage
	if err := unmarshal(n["enum"], &values); err != nil || n["enum"] != nil && len(values) == 0 {
		return fmt.Errorf("%s: enum wants a list that is not empty", at)
	}
	total := 0
	for _, v := range values {
		total += chars(v)
	}
	c.enums += len(values)
	c.chars += total + chars(n["const"])
	if len(values) > manyEnumValues && total > maxEnumChars {
		return fmt.Errorf("%s: %d enum values with %d characters, at most %d", at, len(values), total, maxEnumChars)
	}
	return nil
}

func (c *strictCheck) format(at string, n node) error {
	var format string
	if err := unmarshal(n["format"], &format); err != nil {
		return fmt.Errorf("%s: format: %w", at, err)
	}
	switch format {
	case "", "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid":
		return nil
	}
	return fmt.Errorf("%s: '%s' is not a valid format", at, format)
}

func (c *strictCheck) object(at string, n node, depth int) error {
	var properties map[string]json.RawMessage
	if n["properties"] == nil {
		return fmt.Errorf("%s: object schema missing properties", at)
	}
	if err := json.Unmarshal(n["properties"], &properties); err != nil {
		return fmt.Errorf("%s/properties: %w", at, err)
	}
	if string(n["additionalProperties"]) != "false" {
		return fmt.Errorf("%s: 'additionalProperties' is required to be supplied and to be false", at)
	}
	var required []string
	if err := unmarshal(n["required"], &required); err != nil {
		return fmt.Errorf("%s/required: %w", at, err)
	}
	for name := range properties {
		if !slices.Contains(required, name) {
			return fmt.Errorf("%s: 'required' is required to be an array including every key in properties; missing '%s'", at, name)
		}
	}
	for _, name := range required {
		if properties[name] == nil {
			return fmt.Errorf("%s: extra required key '%s' supplied", at, name)
		}
	}
	c.properties += len(properties)
	for name, p := range properties {
		c.chars += utf8.RuneCountInString(name)
		if err := c.schema(at+"/properties/"+name, p, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (c *strictCheck) anyOf(at string, n node, depth int) error {
	if n["anyOf"] == nil {
		return nil
	}
	var branches []json.RawMessage
	if err := json.Unmarshal(n["anyOf"], &branches); err != nil || len(branches) == 0 {
		return fmt.Errorf("%s: anyOf wants a list that is not empty", at)
	}
	seen := map[string]bool{}
	for i, b := range branches {
		if err := c.schema(fmt.Sprintf("%s/anyOf/%d", at, i), b, depth); err != nil {
			return err
		}
		key := c.firstKey(b)
		if key != "" && seen[key] {
			return fmt.Errorf("%s: objects provided via 'anyOf' must not share identical first keys", at)
		}
		seen[key] = true
	}
	return nil
}

// firstKey tells how an object branch begins: the name of its first property and,
// where it has only one value, that value. Other branches give "".
func (c *strictCheck) firstKey(raw json.RawMessage) string {
	var n node
	_ = json.Unmarshal(raw, &n)
	var ref string
	if unmarshal(n["$ref"], &ref) == nil && ref != "" {
		_ = json.Unmarshal(c.defs[strings.TrimPrefix(ref, "#/$defs/")], &n)
	}
	d := json.NewDecoder(bytes.NewReader(n["properties"]))
	if _, err := d.Token(); err != nil {
		return ""
	}
	name, err := d.Token()
	if err != nil || !d.More() {
		return ""
	}
	var first node
	if d.Decode(&first) != nil {
		return ""
	}
	return fmt.Sprintf("%v=%s%s", name, first["const"], first["enum"])
}

// chars counts a string by its characters and any other value by its JSON.
func chars(raw json.RawMessage) int {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return utf8.RuneCountInString(s)
	}
	return len(raw)
}

// unmarshal leaves into alone if there is nothing.
func unmarshal(raw json.RawMessage, into any) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

func orNone(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "none"
	}
	return string(raw)
}

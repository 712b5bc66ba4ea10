package responsestest

import (
	"encoding/json"
	"fmt"
	"slices"
)

// CheckAnthropic reports why Anthropic's structured outputs would refuse a schema, or nil.
// It knows nothing of package schema on purpose: it is what that one is held against.
func CheckAnthropic(raw json.RawMessage) error {
	var root node
	if err := decode(raw, &root); err != nil {
		return fmt.Errorf("the schema is not a JSON object: %w", err)
	}
	var c anthropicCheck
	if err := c.schema("schema", raw); err != nil {
		return err
	}
	switch {
	case c.unions > 16:
		return fmt.Errorf("schemas contains too many parameters with union types (%d parameters with type arrays or anyOf); limit: 16", c.unions)
	case c.optional > 24:
		return fmt.Errorf("schemas contains too many optional parameters (%d), which would make grammar compilation inefficient; limit: 24", c.optional)
	}
	return nil
}

type anthropicCheck struct{ unions, optional int }

// anthropicFormats are those of strings.
var anthropicFormats = []string{"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}

func (c *anthropicCheck) schema(at string, raw json.RawMessage) error {
	var n node
	if err := decode(raw, &n); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	types := n.types()
	if len(types) > 1 || n["anyOf"] != nil {
		c.unions++
	}
	for keyword, value := range n {
		if err := c.keyword(at, keyword, value, types); err != nil {
			return err
		}
	}
	if slices.Contains(types, "object") {
		return c.object(at, n)
	}
	if slices.Contains(types, "array") {
		return c.schema(at+".items", n["items"])
	}
	var any []json.RawMessage
	_ = json.Unmarshal(n["anyOf"], &any)
	if n["type"] == nil && len(any) == 0 {
		return fmt.Errorf("%s: has neither a type nor anyOf", at)
	}
	for i, raw := range any {
		if err := c.schema(fmt.Sprintf("%s.anyOf[%d]", at, i), raw); err != nil {
			return err
		}
	}
	return nil
}

func (c *anthropicCheck) keyword(at, keyword string, value json.RawMessage, types []string) error {
	switch keyword {
	case "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "description", "title":
		return nil
	case "minItems":
		if v := string(value); v != "0" && v != "1" {
			return fmt.Errorf("%s: For 'array' type, 'minItems' values other than 0 or 1 are not supported", at)
		}
		return nil
	case "format":
		var format string
		if json.Unmarshal(value, &format) != nil || !slices.Contains(anthropicFormats, format) {
			return fmt.Errorf("%s: For 'string' type, format %s is not supported", at, value)
		}
		return nil
	}
	return fmt.Errorf("%s: For %q type, property '%s' is not supported", at, types, keyword)
}

func (c *anthropicCheck) object(at string, n node) error {
	if string(n["additionalProperties"]) != "false" {
		return fmt.Errorf("%s: For 'object' type, 'additionalProperties' must be explicitly set to false", at)
	}
	var properties map[string]json.RawMessage
	var required []string
	if json.Unmarshal(n["properties"], &properties) != nil || json.Unmarshal(n["required"], &required) != nil {
		return fmt.Errorf("%s: properties or required are not what they should be", at)
	}
	for _, name := range required {
		if properties[name] == nil {
			return fmt.Errorf("%s: required has %q, which is no property", at, name)
		}
	}
	c.optional += len(properties) - len(required)
	for name, raw := range properties {
		if err := c.schema(at+"."+name, raw); err != nil {
			return err
		}
	}
	return nil
}

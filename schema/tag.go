package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// word is one word of a pawl tag: "sensitive" or "min=0".
type word struct {
	name, value string
	hasValue    bool
}

// tagWords are all words that a pawl tag knows.
func tagWords() []string {
	return []string{"default", "enum", "items", "len", "max", "min", "sensitive"}
}

func (w word) isSensitive() bool { return w.name == "sensitive" }

// readTag reads a pawl tag and checks that its words are known, are there once and
// have a value where they want one.
func readTag(tag string) ([]word, error) {
	words, err := splitTag(tag)
	if err != nil {
		return nil, err
	}
	for i, w := range words {
		if err := w.check(words[:i]); err != nil {
			return nil, err
		}
	}
	return words, nil
}

// splitTag splits a pawl tag into words, whatever they are. A value may stand in
// single quotes, and then holds commas.
func splitTag(tag string) ([]word, error) {
	var words []word
	for rest := tag; rest != ""; {
		var w word
		name, after, hasValue := strings.Cut(rest, "=")
		if comma := strings.IndexByte(name, ','); comma >= 0 || !hasValue {
			name, rest, _ = strings.Cut(rest, ",")
			w.name = strings.TrimSpace(name)
		} else {
			w.name, w.hasValue = strings.TrimSpace(name), true
			if quoted, ok := strings.CutPrefix(after, "'"); ok {
				var closed bool
				w.value, rest, closed = strings.Cut(quoted, "'")
				if !closed || rest != "" && rest[0] != ',' {
					return nil, fmt.Errorf("%s: the single quote must close before a comma or the end", w.name)
				}
				rest = strings.TrimPrefix(rest, ",")
			} else {
				w.value, rest, _ = strings.Cut(after, ",")
			}
		}
		words = append(words, w)
	}
	return words, nil
}

// check says what is wrong with a word behind those before it.
func (w word) check(before []word) error {
	switch {
	case !slices.Contains(tagWords(), w.name):
		return fmt.Errorf("unknown word %q; known are %s (a value with a comma goes in single quotes)", w.name, list(tagWords()))
	case slices.ContainsFunc(before, func(old word) bool { return old.name == w.name }):
		return fmt.Errorf("%q is given twice", w.name)
	case w.hasValue && w.isSensitive():
		return fmt.Errorf("%q wants no value", w.name)
	case !w.hasValue && !w.isSensitive():
		return fmt.Errorf("%q wants a value", w.name)
	}
	return nil
}

// apply lays the words of a pawl tag on n. The default is last: it is checked
// against the rest.
func (n *Node) apply(tag string) error {
	words, err := readTag(tag)
	if err != nil {
		return err
	}
	for _, w := range words {
		var err error
		switch w.name {
		case "sensitive":
			n.Sensitive = true
		case "enum":
			err = n.applyEnum(w.value)
		case "min":
			err = n.applyBound(w.value, &n.Min)
		case "max":
			err = n.applyBound(w.value, &n.Max)
		case "len":
			err = n.applyRange(w.value, "string", &n.MinLen, &n.MaxLen)
		case "items":
			err = n.applyRange(w.value, "array", &n.MinItems, &n.MaxItems)
		}
		if err != nil {
			return fmt.Errorf("%s=%s: %w", w.name, w.value, err)
		}
	}
	if err := n.consistent(); err != nil {
		return err
	}
	for _, w := range words {
		if w.name == "default" {
			if err := n.applyDefault(w.value); err != nil {
				return fmt.Errorf("default=%s: %w", w.value, err)
			}
		}
	}
	return nil
}

// applyEnum sets the accepted strings. On an array of strings it can only mean
// the elements, so it does.
func (n *Node) applyEnum(text string) error {
	if n.Type == "array" && n.Items.Type == "string" {
		return n.Items.applyEnum(text)
	}
	if n.Type != "string" || n.Format != "" {
		return fmt.Errorf("a bound for strings on %s", n.what())
	}
	values := strings.Split(text, "|")
	for i, v := range values {
		if v == "" {
			return fmt.Errorf("an accepted value is empty")
		}
		if slices.Contains(values[:i], v) {
			return fmt.Errorf("%q is given twice", v)
		}
		if n.Enum != nil && !slices.Contains(n.Enum, v) {
			return fmt.Errorf("%q is not of its type's Enum: %s", v, list(n.Enum))
		}
	}
	n.Enum = values
	return nil
}

func (n *Node) applyBound(text string, bound *json.Number) error {
	if n.Type != "integer" && n.Type != "number" {
		if n.Type == "string" && n.Format == "" {
			return fmt.Errorf("a bound for numbers on %s; for its length use len=", n.what())
		}
		if n.Type == "array" {
			return fmt.Errorf("a bound for numbers on %s; for their number use items=", n.what())
		}
		return fmt.Errorf("a bound for numbers on %s", n.what())
	}
	v, _, err := readValue([]byte(text))
	if err != nil || v.kind != kindNumber || !isFinite(v.text) {
		return fmt.Errorf("not a number as JSON has them")
	}
	if n.unsigned && readDecimal(v.text).sign() < 0 {
		return fmt.Errorf("below 0 on %s", n.what())
	}
	*bound = json.Number(canonicalNumber(v.text))
	return nil
}

// applyRange sets two bounds from "3..5", "3..", "..5" or "3".
func (n *Node) applyRange(text, typ string, low, high **int) error {
	if n.Type != typ || n.Format != "" {
		return fmt.Errorf("a bound for %ss on %s", typ, n.what())
	}
	if *low != nil || *high != nil {
		return fmt.Errorf("%s has a fixed length", n.goType)
	}
	from, to, isRange := strings.Cut(text, "..")
	if !isRange {
		to = from
	}
	for _, end := range []struct {
		text string
		to   **int
	}{{from, low}, {to, high}} {
		if end.text == "" {
			continue
		}
		i, err := strconv.Atoi(end.text)
		if err != nil || i < 0 {
			return fmt.Errorf("not a range such as 3..5, 3.., ..5 or 3")
		}
		*end.to = &i
	}
	if *low == nil && *high == nil {
		return fmt.Errorf("not a range such as 3..5, 3.., ..5 or 3")
	}
	return nil
}

// applyDefault reads a default from a tag: a string as it stands, anything else
// as JSON.
func (n *Node) applyDefault(text string) error {
	raw := []byte(text)
	if n.Type == "string" {
		raw = (&value{kind: kindString, text: text}).compact()
	}
	return n.setDefault(raw)
}

// setDefault sets a default that itself passes the node, in the form that Check
// would give it.
func (n *Node) setDefault(raw []byte) error {
	filled, err := n.check(raw)
	if err != nil {
		return err
	}
	n.Default = filled
	return nil
}

// consistent reports bounds that no value can satisfy.
func (n *Node) consistent() error {
	switch {
	case n.Min != "" && n.Max != "" && readDecimal(n.Min.String()).compare(readDecimal(n.Max.String())) > 0:
		return fmt.Errorf("min %s is above max %s", n.Min, n.Max)
	case n.MinLen != nil && n.MaxLen != nil && *n.MinLen > *n.MaxLen:
		return fmt.Errorf("len from %d is above len to %d", *n.MinLen, *n.MaxLen)
	case n.MinItems != nil && n.MaxItems != nil && *n.MinItems > *n.MaxItems:
		return fmt.Errorf("items from %d is above items to %d", *n.MinItems, *n.MaxItems)
	}
	for _, e := range n.Enum {
		if !n.fitsLength(e) {
			return fmt.Errorf("enum value %q is outside len", e)
		}
	}
	return nil
}

// what names the node for its author: the Go type, or the JSON type.
func (n *Node) what() string {
	if n.goType != "" {
		return n.goType
	}
	return aKind(n.Type)
}

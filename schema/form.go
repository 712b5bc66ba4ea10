package schema

import (
	"encoding/json"
	"strings"
)

// form is how a schema is written: which bounds stand in keywords, and what becomes of
// properties that may be left out. Bounds that have no keyword in a form of a vendor's
// are said in the description.
type form struct {
	full                    bool // with defaults and what is sensitive
	numbers, lengths, items bool // these bounds have keywords
	oneItem                 bool // where items is false: minItems may be 1
	nulls                   bool // what may be left out is required, and may be null
	ordering                bool // objects name the order of their properties in a keyword
}

var (
	fullForm = &form{full: true, numbers: true, lengths: true, items: true}

	// openAIForm: minLength and maxLength are not among the keywords that are listed.
	openAIForm = &form{numbers: true, items: true, nulls: true}

	// anthropicForm: a bound is refused, save minItems 1. See https://platform.claude.com/docs/en/build-with-claude/structured-outputs
	anthropicForm = &form{oneItem: true, nulls: true}

	// anthropicLongForm is for types of which more may be left out than may be null.
	anthropicLongForm = &form{oneItem: true}

	// geminiForm: keywords of numbers are documented; those of lists are too, and are refused
	// where they add up: googleapis/python-genai issue 2170, vercel/ai issue 21192.
	geminiForm = &form{numbers: true, nulls: true, ordering: true}
)

// write renders n in the form.
func (f *form) write(n *Node) json.RawMessage {
	d := &documentWriter{writer: &writer{}, form: f}
	d.node(n, f.full && n.Nullable)
	return d.buf.Bytes()
}

// description returns that of n with the bounds that the form has no keyword for.
func (f *form) description(n *Node) string {
	var bounds []string
	if !f.numbers && (n.Min != "" || n.Max != "") {
		bounds = append(bounds, between(n.Min.String(), n.Max.String()))
	}
	if !f.lengths && (n.MinLen != nil || n.MaxLen != nil) {
		length := betweenInts(n.MinLen, n.MaxLen) + " characters"
		if length == "at least 1 characters" {
			length = "not empty"
		}
		bounds = append(bounds, length)
	}
	if !f.items && (n.MinItems != nil || n.MaxItems != nil) {
		bounds = append(bounds, strings.Replace(betweenInts(n.MinItems, n.MaxItems)+" items", " 1 items", " 1 item", 1))
	}
	words := strings.Join(bounds, "; ")
	switch {
	case n.Description == "" || words == "":
		return n.Description + words
	}
	return n.Description + " (" + words + ")"
}

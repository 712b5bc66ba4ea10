package form

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// Wanted is the value that a decision on a step may carry, and what a person may
// begin with.
type Wanted struct {
	Key      pawl.Key
	Shape    *schema.Node    // nil: not known
	Proposal json.RawMessage // null or empty: there is none
	Last     string          // the last answer that was turned down; empty: none
}

// start is what a change by parts begins with: the proposal, the last answer that
// was turned down, or an empty object.
func (w Wanted) start() (json.RawMessage, error) {
	switch last := []byte(strings.TrimSpace(w.Last)); {
	case !IsNone(w.Proposal):
		return w.Proposal, nil
	case len(last) > 0 && last[0] == '{' && json.Valid(last):
		return last, nil
	}
	if n := w.Shape; n != nil && n.Type != "object" {
		return nil, refuse("--set: step %q wants %s, which has no parts; give it with --value or --file", w.Key, Article(n.Type))
	}
	return json.RawMessage("{}"), nil
}

// Template is what an edit of an answer begins with.
func (w Wanted) Template() string {
	switch n := w.Shape; {
	case !IsNone(w.Proposal):
		return editable(w.Proposal)
	case w.Last != "" && n != nil && n.Type == "string":
		return w.Last
	case w.Last != "":
		return editable(json.RawMessage(w.Last))
	case n == nil || n.Type == "string":
		return ""
	default:
		return Indent(json.RawMessage(Sample(n, "")))
	}
}

// Edited is what was made of the template; null if nothing was changed.
func (w Wanted) Edited(text string) (json.RawMessage, error) {
	switch {
	case !IsNone(w.Proposal) && fileText(text) == fileText(w.Template()):
		return nil, nil
	case strings.TrimSpace(text) == "":
		return nil, refuse("--edit: the file is empty; nothing was decided")
	}
	return Value(w.Shape, fileText(text), "--edit")
}

// editable is a value as one edits it: a text as it is, all else as indented JSON.
func editable(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil && !bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return text
	}
	if !json.Valid(raw) {
		return string(raw)
	}
	return Indent(raw)
}

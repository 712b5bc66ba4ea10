package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl/schema"
)

// valueOptions are the flags that say what value a decision carries.
type valueOptions struct {
	value string
	file  string
	edit  bool
	set   []string

	hasValue bool // --value was given; its text may be empty
}

func (o *valueOptions) flags(flags *pflag.FlagSet, what string) {
	flags.StringVar(&o.value, "value", "", what+" `VALUE`: JSON, or of a text the text itself")
	flags.StringVar(&o.file, "file", "", what+" what `FILE` holds; - is standard input")
	flags.BoolVar(&o.edit, "edit", false, what+" what you make of it in $VISUAL or $EDITOR")
	flags.StringArrayVar(&o.set, "set", nil, "change a part, as in `PATH=VALUE`: title=Tides, sections[2].words=120; may be repeated")
}

// check refuses flags that say two things.
func (o *valueOptions) check() error {
	n := 0
	for _, is := range []bool{o.hasValue, o.file != "", o.edit, len(o.set) > 0} {
		if is {
			n++
		}
	}
	if n > 1 {
		return badInput("--value, --file, --edit and --set each say what the value is; give one of them")
	}
	return nil
}

// given is the value that a decision is to carry, null if the flags give none.
// draft is where an edit is kept; empty: there is none.
func (o *valueOptions) given(a *app, b *openBlocker) (value json.RawMessage, draft string, err error) {
	switch {
	case o.hasValue:
		value, err = wholeValue(b.root(), o.value, "--value")
	case o.file != "":
		var text string
		if text, err = (&reader{stdin: a.stdin}).read(o.file, "--file"); err != nil {
			return nil, "", badInput("--file: %v", err)
		}
		value, err = wholeValue(b.root(), fileText(text), "--file "+fileName(o.file))
	case len(o.set) > 0:
		value, err = b.start()
		for _, set := range o.set {
			if err == nil {
				value, err = setPath(b.root(), value, set)
			}
		}
	case o.edit:
		return a.editValue(b, "")
	}
	return value, "", err
}

// fileText is what a file says: editors end it with a line break.
func fileText(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(s, "\ufeff"), "\n"), "\r")
}

// start is what a change by parts begins with: the proposal, the last answer that
// was turned down, or an empty object.
func (b *openBlocker) start() (json.RawMessage, error) {
	switch last := []byte(strings.TrimSpace(b.last)); {
	case proposed(b.Blocker):
		return b.Proposal, nil
	case len(last) > 0 && last[0] == '{' && json.Valid(last):
		return last, nil
	}
	if n := b.root(); n != nil && n.Type != "object" {
		return nil, badInput("--set: step %q wants %s, which has no parts; give it with --value or --file", b.Key, article(n.Type))
	}
	return json.RawMessage("{}"), nil
}

// wholeValue is a text as a value of that shape: JSON if it is, and otherwise a
// text where one is wanted.
func wholeValue(n *schema.Node, text, from string) (json.RawMessage, error) {
	raw := bytes.TrimSpace([]byte(text))
	err := schema.CheckSyntax(raw)
	opens := len(raw) > 0 && (raw[0] == '{' || raw[0] == '[')
	switch {
	case json.Valid(raw) && accepts(n, raw):
		return raw, nil
	case n == nil && !opens, n != nil && n.Type != "object" && n.Type != "array":
		return quoted(text), nil // if it does not fit, the schema says so
	case err != nil:
		return nil, badInput("%s: %v", from, err)
	}
	return raw, nil // the schema says what is wrong with it
}

// accepts reports whether JSON is of the node's type; nil: any.
func accepts(n *schema.Node, raw []byte) bool {
	if n == nil {
		return true
	}
	switch raw[0] {
	case '"':
		return n.Type == "string"
	case '{':
		return n.Type == "object"
	case '[':
		return n.Type == "array"
	case 't', 'f':
		return n.Type == "boolean"
	case 'n':
		return n.Nullable
	}
	return n.Type == "integer" || n.Type == "number"
}

// checked refuses a value that breaks the schema, as the run itself will.
func (b *openBlocker) checked(value json.RawMessage) error {
	if b.shape == nil || without(value) {
		return nil
	}
	_, err := b.shape.Check(value)
	var bad *schema.CheckError
	if !errors.As(err, &bad) {
		return err
	}
	return badInput("the value for step %q is not accepted: %v", b.Key, err)
}

func article(what string) string {
	if what != "" && strings.ContainsRune("aeiou", rune(what[0])) {
		return "an " + what
	}
	return "a " + what
}

// template is what an edit of an answer begins with.
func (b *openBlocker) template() string {
	switch n := b.root(); {
	case proposed(b.Blocker):
		return editable(b.Proposal)
	case b.last != "" && n != nil && n.Type == "string":
		return b.last
	case b.last != "":
		return editable(json.RawMessage(b.last))
	case n == nil || n.Type == "string":
		return ""
	default:
		return indented(json.RawMessage(sample(n, "")))
	}
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
	return indented(raw)
}

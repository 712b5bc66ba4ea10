package form

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl/schema"
)

// ValueFlags say what value a decision carries.
type ValueFlags struct {
	value string
	file  string
	Edit  bool // the person at the terminal is to make it in an editor
	set   []string

	flags *pflag.FlagSet // that has them; nil: there are none
}

// Add adds the flags to a command's; what is what is done with the value.
func (o *ValueFlags) Add(flags *pflag.FlagSet, what string) {
	o.flags = flags
	flags.StringVar(&o.value, "value", "", what+" `VALUE`: JSON, or of a text the text itself")
	flags.StringVar(&o.file, "file", "", what+" what `FILE` holds; - is standard input")
	flags.StringArrayVar(&o.set, "set", nil, "change a part, as in `PATH=VALUE`: title=Tides, sections[2].words=120; may be repeated")
	flags.BoolVar(&o.Edit, "edit", false, what+" what you make of it in $VISUAL or $EDITOR; with --file, go on with an edit that was kept")
}

// Set changes parts of a value of that shape, each as in PATH=VALUE.
func Set(n *schema.Node, value json.RawMessage, parts []string) (json.RawMessage, error) {
	for _, set := range parts {
		var err error
		if value, err = setPath(n, value, set); err != nil {
			return nil, err
		}
	}
	return value, nil
}

// hasValue reports whether --value was given; its text may be empty.
func (o *ValueFlags) hasValue() bool { return o.flags != nil && o.flags.Changed("value") }

// Name is the flag that says what the value is; empty: none does.
func (o *ValueFlags) Name() string {
	switch {
	case o.Edit:
		return "--edit"
	case o.hasValue():
		return "--value"
	case o.file != "":
		return "--file " + FileName(o.file)
	case len(o.set) > 0:
		return "--set"
	}
	return ""
}

// Check refuses flags that say two things.
func (o *ValueFlags) Check() error {
	n := 0
	for _, is := range []bool{o.hasValue(), o.file != "" && !o.Edit, o.Edit, len(o.set) > 0} {
		if is {
			n++
		}
	}
	if n > 1 {
		return refuse("--value, --file, --edit and --set each say what the value is; give one of them")
	}
	return nil
}

// Given is the value that is given by --value, --file or --set, and null without
// any of them. Whether the schema takes it is not looked at.
func (o *ValueFlags) Given(w Wanted, files *Reader) (value json.RawMessage, err error) {
	switch {
	case o.hasValue():
		return Value(w.Shape, o.value, "--value")
	case o.file != "":
		text, err := files.Read(o.file, "--file")
		if err != nil {
			return nil, refuse("--file: %v", err)
		}
		return Value(w.Shape, fileText(text), "--file "+FileName(o.file))
	case len(o.set) > 0:
		value, err = w.start()
		for _, set := range o.set {
			if err == nil {
				value, err = setPath(w.Shape, value, set)
			}
		}
	}
	return value, err
}

// EditFrom is the text with which an edit goes on that was kept in a file; empty: none
// was.
func (o *ValueFlags) EditFrom() (string, error) {
	if o.file == "" {
		return "", nil
	}
	if o.file == "-" {
		return "", refuse("--file: the editor wants the terminal; give --edit a file to go on with")
	}
	text, err := (&Reader{}).Read(o.file, "--file")
	if err != nil {
		return "", refuse("--file: %v", err)
	}
	return text, nil
}

// File is what --file names.
func (o *ValueFlags) File() string { return o.file }

// IsNone reports whether a value is none.
func IsNone(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// fileText is what a file says: editors end it with a line break.
func fileText(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(s, "\ufeff"), "\n"), "\r")
}

// Value is a text as a value of that shape: JSON if it is, and otherwise a
// text where one is wanted.
func Value(n *schema.Node, text, from string) (json.RawMessage, error) {
	raw := bytes.TrimSpace([]byte(text))
	err := schema.CheckSyntax(raw)
	opens := len(raw) > 0 && (raw[0] == '{' || raw[0] == '[')
	switch {
	case json.Valid(raw) && accepts(n, raw):
		return raw, nil
	case n == nil && !opens, n != nil && n.Type != "object" && n.Type != "array":
		return quoted(text), nil // if it does not fit, the schema says so
	case err != nil:
		return nil, refuse("%s: %v", from, err)
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

// Article puts "a" or "an" before a word.
func Article(what string) string {
	if what != "" && strings.ContainsRune("aeiou", rune(what[0])) {
		return "an " + what
	}
	return "a " + what
}

package form

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl/schema"
)

// Field is a field of a flow's input as a flag. It implements pflag.Value and
// takes any text: the schema checks all fields at once.
type Field struct {
	schema.Field
	Flag string
	text string // as given, the last time
	set  bool
	more bool // it was given more than once

	fileFlag string // names a file to read it from; empty: the name is another flag's
	file     string // that file; empty: none was given
}

var _ pflag.Value = (*Field)(nil)

func (f *Field) Set(text string) error {
	f.text, f.more, f.set = text, f.set, true
	return nil
}

// String is empty: what a field that is not given becomes is said in its usage.
func (f *Field) String() string { return "" }

// Type is what stands behind the flag in help.
func (f *Field) Type() string {
	switch {
	case f.Node.Type == "boolean":
		return "bool" // pflag's word for a flag without a value
	case f.Node.Enum != nil:
		if s := strings.Join(f.Node.Enum, "|"); len(s) <= 30 {
			return s
		}
		return "word"
	case f.Node.Type == "string":
		return "text"
	case f.isJSON():
		return "json"
	}
	return f.Node.Type
}

// Flags adds a flag for each field of an input to flags. A field whose name
// is taken by another flag is --input-NAME. What is given to it is the value, whatever it
// looks like: for texts and JSON there is a second one, --FIELD-file, which reads a file,
// unless that name is taken. Help leaves it out.
func Flags(flags *pflag.FlagSet, input *schema.Schema, taken func(string) bool) []*Field {
	var fields []*Field
	for _, f := range input.Fields() {
		in := &Field{Field: f, Flag: FlagName(f.Name)}
		for in.Flag == "" || taken(in.Flag) || flags.Lookup(in.Flag) != nil {
			in.Flag = "input-" + in.Flag
		}
		flag := flags.VarPF(in, in.Flag, "", in.Usage())
		if f.Node.Type == "boolean" {
			flag.NoOptDefVal = "true"
		}
		fields = append(fields, in)
	}
	for _, in := range fields {
		name := in.Flag + "-file"
		if isText := in.Node.Type == "string" && in.Node.Enum == nil; !isText && !in.isJSON() || taken(name) || flags.Lookup(name) != nil {
			continue
		}
		in.fileFlag = name
		flags.StringVar(&in.file, name, "", "read --"+in.Flag+" from `FILE`; - is standard input")
		flags.Lookup(name).Hidden = true
	}
	return fields
}

// FlagName writes a field's name as a flag: target_length and targetLength become
// target-length.
func FlagName(name string) string {
	var b strings.Builder
	lower := false // the rune before was a small letter or a digit
	for _, r := range name {
		switch {
		case unicode.IsUpper(r):
			if lower {
				b.WriteByte('-')
			}
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
		lower = unicode.IsLower(r) || unicode.IsDigit(r)
	}
	return strings.Trim(b.String(), "-")
}

// Usage is what help says of the field.
func (f *Field) Usage() string {
	// pflag would take a word in back quotes for the value's name.
	s := strings.ReplaceAll(f.Node.Description, "`", "'")
	facts := Bounds(f.Node)
	if f.Node.Enum != nil && f.Type() == "word" {
		facts = append(facts, "one of "+strings.Join(f.Node.Enum, ", "))
	}
	switch {
	case f.Node.Default != nil:
		facts = append(facts, "default "+string(f.Node.Default))
	case f.Required:
		facts = append(facts, "required")
	}
	if f.Node.Sensitive {
		facts = append(facts, "never shown")
	}
	if f.isJSON() {
		s = strings.TrimPrefix(s+", as in "+f.sample(), ", ")
	}
	if len(facts) > 0 {
		s += " (" + strings.Join(facts, "; ") + ")"
	}
	return strings.TrimSpace(s)
}

// accepts says in words what a field takes.
func (f *Field) Accepts() string {
	n := f.Node
	s := n.Type
	switch {
	case n.Enum != nil:
		s = "one of " + strings.Join(n.Enum, ", ")
	case n.Type == "string":
		s = "text"
	case n.Type == "boolean":
		s = "true or false"
	case f.isJSON():
		s = "JSON of type " + n.Type + " such as " + f.sample()
	}
	if b := Bounds(n); len(b) > 0 {
		s += ", " + strings.Join(b, ", ")
	}
	if n.Description != "" {
		s += " (" + n.Description + ")"
	}
	return s
}

// Choices are the values of a field that takes one of few; else there are none.
func (f *Field) Choices() []string {
	if f.Node.Type == "boolean" {
		return []string{"true", "false"}
	}
	return slices.Clone(f.Node.Enum)
}

// Bounds says the limits of a value, without a length of at least one: that a
// required text is not empty goes without saying.
func Bounds(n *schema.Node) []string {
	var s []string
	add := func(low, high, what string) {
		switch {
		case low != "" && high != "":
			s = append(s, low+" to "+high+what)
		case low != "":
			s = append(s, "at least "+low+what)
		case high != "":
			s = append(s, "at most "+high+what)
		}
	}
	add(n.Min.String(), n.Max.String(), "")
	if n.MinLen != nil && *n.MinLen == 1 && n.MaxLen == nil {
		return s
	}
	add(integer(n.MinLen), integer(n.MaxLen), " characters")
	add(integer(n.MinItems), integer(n.MaxItems), " items")
	return s
}

func integer(i *int) string {
	if i == nil {
		return ""
	}
	return strconv.Itoa(*i)
}

package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// Input is where a run's input comes from: a document, and fields above it.
type Input struct {
	Flow    pawl.Flow
	Fields  []*Field
	File    string // --input
	Example bool   // --example

	given map[string]bool   // fields that have a value
	bad   []string          // complaints so far
	drop  map[string]bool   // fields that are complained about already
	names map[string]*Field // by name in the input
}

// Assemble returns the flow's input, checked and with defaults filled in. The
// error says all that is wrong, a line each, in the words of the command line. It
// is to be called once.
func (in *Input) Assemble(files *Reader) (json.RawMessage, error) {
	in.given, in.drop, in.names = map[string]bool{}, map[string]bool{}, map[string]*Field{}
	for _, f := range in.Fields {
		in.names[f.Name] = f
	}
	doc, err := in.document(files)
	if err != nil {
		return nil, err
	}
	for _, f := range in.Fields {
		if !f.set && f.file == "" {
			continue
		}
		if f.set && f.file != "" {
			in.add("--%s and --%s both say what %s is; give one of them", f.Flag, f.fileFlag, f.Name)
			in.drop[f.Name] = true
		}
		if f.more && f.isJSON() {
			in.add("--%s is given more than once; give it once, with all of it: %s", f.Flag, f.sample())
			in.drop[f.Name] = true
		}
		value, err := f.value(files)
		if err != nil {
			in.bad = append(in.bad, err.Error())
			in.drop[f.Name] = true
		}
		doc = slices.DeleteFunc(doc, func(m schema.Member) bool { return m.Name == f.Name })
		doc = append(doc, schema.Member{Name: f.Name, Value: value})
	}
	for _, m := range doc {
		in.given[m.Name] = true
	}
	checked, err := in.Flow.CheckInput(object(doc))
	in.complain(err)
	if len(in.bad) > 0 {
		return nil, refuse("%s", strings.Join(in.bad, "\n"))
	}
	return checked, nil
}

// document reads the members of what --input or --example give; neither gives none.
func (in *Input) document(files *Reader) ([]schema.Member, error) {
	switch {
	case in.File != "" && in.Example:
		return nil, refuse("--input and --example are two inputs; give one of them")
	case in.Example:
		example := in.Flow.Describe().Example
		if len(example) == 0 || string(example) == "null" {
			return nil, refuse("--example: flow %q has no example", in.Flow.Name())
		}
		return members(example)
	case in.File != "":
		text, err := files.Read(in.File, "--input")
		if err != nil {
			return nil, refuse("--input: %v", err)
		}
		doc, err := members([]byte(strings.TrimPrefix(text, "\ufeff")))
		if err != nil {
			return nil, refuse("--input %s: %v", FileName(in.File), err)
		}
		return doc, nil
	}
	return nil, nil
}

// complain puts what a flow says against its input into words of the command line.
func (in *Input) complain(err error) {
	var check *schema.CheckError
	switch {
	case err == nil:
	case errors.As(err, &check):
		for _, p := range check.Problems {
			in.problem(p.Path, p.Message)
		}
	default: // the flow's own check
		text := err.Error()
		if cause := errors.Unwrap(err); cause != nil {
			text = cause.Error()
		}
		if len(in.drop) > 0 {
			return // it judged an input that is not the one that was meant
		}
		name, rest, _ := strings.Cut(text, " ")
		if f := in.names[strings.TrimSuffix(name, ":")]; f != nil {
			in.problem(f.Name, rest)
		} else {
			in.bad = append(in.bad, text)
		}
	}
}

// problem adds a complaint about the place path of the input.
func (in *Input) problem(path, message string) {
	top := path
	if i := strings.IndexAny(path, ".["); i >= 0 {
		top = path[:i]
	}
	f := in.names[top]
	switch {
	case in.drop[top]:
	case f != nil && !in.given[top] && in.File != "":
		in.add("%s is missing in %s; give it there, or as --%s %s", top, FileName(in.File), f.Flag, f.Accepts())
	case f != nil && !in.given[top]:
		in.add("--%s is missing; wants %s", f.Flag, f.Accepts())
	case f != nil && f.file != "":
		in.add("--%s %s: %s %s", f.fileFlag, FileName(f.file), path, message)
	case f != nil && f.set && f.isJSON() && path == top:
		in.add("--%s %s, such as %s", f.Flag, message, f.sample())
	case f != nil && f.set:
		in.add("--%s%s %s", f.Flag, path[len(top):], message)
	case in.File != "" && path != "":
		in.add("%s in %s %s", path, FileName(in.File), message)
	case in.File != "":
		in.add("--input %s %s", FileName(in.File), message)
	default:
		in.add("%s", schema.Problem{Path: path, Message: message})
	}
}

func (in *Input) add(format string, args ...any) {
	in.bad = append(in.bad, fmt.Sprintf(format, args...))
}

// Value is the field's value as JSON. What cannot be read as the field's type
// stays a text, and the schema complains about it beside all else.
func (f *Field) value(files *Reader) (json.RawMessage, error) {
	text := f.text
	if f.file != "" {
		read, err := files.Read(f.file, "--"+f.fileFlag)
		if err != nil {
			return quoted(""), fmt.Errorf("--%s: %w", f.fileFlag, err)
		}
		text = fileText(read)
	}
	if !utf8.ValidString(text) {
		return quoted(""), fmt.Errorf("--%s: it is not UTF-8 text", f.Flag)
	}
	if f.Node.Type == "string" {
		return quoted(text), nil
	}
	if raw := bytes.TrimSpace([]byte(text)); json.Valid(raw) {
		return raw, nil
	}
	return quoted(text), nil
}

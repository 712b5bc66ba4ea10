package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// input is where a run's input comes from: a document, and fields above it.
type input struct {
	flow    pawl.Flow
	fields  []*field
	file    string // --input
	example bool   // --example

	given map[string]bool   // fields that have a value
	bad   []string          // complaints so far
	drop  map[string]bool   // fields that are complained about already
	names map[string]*field // by name in the input
}

// assemble returns the flow's input, checked and with defaults filled in. The
// error says all that is wrong, a line each, in the words of the command line.
func (a *app) assemble(in *input) (json.RawMessage, error) {
	in.given, in.drop, in.names = map[string]bool{}, map[string]bool{}, map[string]*field{}
	for _, f := range in.fields {
		in.names[f.Name] = f
	}
	files := &reader{stdin: a.stdin}
	doc, err := in.document(files)
	if err != nil {
		return nil, err
	}
	for _, f := range in.fields {
		if !f.set {
			continue
		}
		if f.more && f.isJSON() {
			in.add("--%s is given more than once; give it once, with all of it: %s", f.flag, f.sample())
			in.drop[f.Name] = true
		}
		value, err := f.value(files)
		if err != nil {
			in.bad = append(in.bad, fmt.Sprintf("--%s: %v", f.flag, err))
			in.drop[f.Name] = true
		}
		doc = slices.DeleteFunc(doc, func(m schema.Member) bool { return m.Name == f.Name })
		doc = append(doc, schema.Member{Name: f.Name, Value: value})
	}
	for _, m := range doc {
		in.given[m.Name] = true
	}
	checked, err := in.flow.CheckInput(object(doc))
	in.complain(err)
	if len(in.bad) > 0 {
		return nil, badInput("%s", strings.Join(in.bad, "\n"))
	}
	return checked, nil
}

// document reads the members of what --input or --example give; neither gives none.
func (in *input) document(files *reader) ([]schema.Member, error) {
	switch {
	case in.file != "" && in.example:
		return nil, badInput("--input and --example are two inputs; give one of them")
	case in.example:
		example := in.flow.Describe().Example
		if len(example) == 0 || string(example) == "null" {
			return nil, badInput("--example: flow %q has no example", in.flow.Name())
		}
		return members(example)
	case in.file != "":
		text, err := files.read(in.file, "--input")
		if err != nil {
			return nil, badInput("--input: %v", err)
		}
		doc, err := members([]byte(strings.TrimPrefix(text, "\ufeff")))
		if err != nil {
			return nil, badInput("--input %s: %v", fileName(in.file), err)
		}
		return doc, nil
	}
	return nil, nil
}

// complain puts what a flow says against its input into words of the command line.
func (in *input) complain(err error) {
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
func (in *input) problem(path, message string) {
	top := path
	if i := strings.IndexAny(path, ".["); i >= 0 {
		top = path[:i]
	}
	f := in.names[top]
	switch {
	case in.drop[top]:
	case f != nil && !in.given[top] && in.file != "":
		in.add("%s is missing in %s; give it there, or as --%s %s", top, fileName(in.file), f.flag, f.Accepts())
	case f != nil && !in.given[top]:
		in.add("--%s is missing; wants %s", f.flag, f.Accepts())
	case f != nil && f.set && f.isJSON() && path == top:
		in.add("--%s %s, such as %s", f.flag, message, f.sample())
	case f != nil && f.set:
		in.add("--%s%s %s", f.flag, path[len(top):], message)
	case in.file != "" && path != "":
		in.add("%s in %s %s", path, fileName(in.file), message)
	case in.file != "":
		in.add("--input %s %s", fileName(in.file), message)
	default:
		in.add("%s", schema.Problem{Path: path, Message: message})
	}
}

func (in *input) add(format string, args ...any) {
	in.bad = append(in.bad, fmt.Sprintf(format, args...))
}

// value is the field's value as JSON. What cannot be read as the field's type
// stays a text, and the schema complains about it beside all else.
func (f *field) value(files *reader) (json.RawMessage, error) {
	text := f.text
	if f.Node.Type == "string" {
		var err error
		switch rest, isFile := strings.CutPrefix(text, "@"); {
		case isFile && strings.HasPrefix(rest, "@"):
			text = rest // @@ stands for a text that begins with @
		case isFile:
			if text, err = files.read(rest, "--"+f.flag); err != nil {
				return quoted(""), err
			}
			text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
		}
		return quoted(text), nil
	}
	if raw := bytes.TrimSpace([]byte(text)); json.Valid(raw) {
		return raw, nil
	}
	return quoted(text), nil
}

func quoted(s string) json.RawMessage {
	raw, _ := schema.Marshal(s) // a string always encodes
	return raw
}

// members reads an object without judging its members: order stays, and so does
// a name that stands there twice.
func members(raw []byte) ([]schema.Member, error) {
	doc, err := schema.Members(raw)
	if err == schema.ErrNotObject {
		return nil, fmt.Errorf("%w with the fields of the input", err)
	}
	return doc, err
}

func object(doc []schema.Member) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range doc {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quoted(m.Name))
		b.WriteByte(':')
		b.Write(m.Value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

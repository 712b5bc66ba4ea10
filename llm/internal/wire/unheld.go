package wire

import (
	"errors"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// ignores reports whether an answer was to keep to a schema and has not even its shape: the
// server takes the schema and ignores it, as llama.cpp does on /v1/responses. It goes on
// being sent, and is said in words too: the next attempt is told what is wrong, and without
// the schema the model could only guess what is right.
func (d Dialect) ignores(req llm.Request, resp llm.Response, err error) bool {
	if req.Schema == nil || d.Form != FormStrict {
		return false
	}
	if err == nil {
		return !d.hasShape(req, resp.Text)
	}
	var e *llm.Error
	if !errors.As(err, &e) || e.Kind != llm.Truncated {
		return false
	}
	text := strings.TrimSpace(e.Partial)
	return text != "" && text[0] != '{'
}

// hasShape reports whether a text is an object with the properties of the request's
// schema, whatever their values, or begins as one and is broken. The strict form requires all of them.
func (d Dialect) hasShape(req llm.Request, text string) bool {
	_, strict, err := d.strictForm(req)
	if err != nil {
		return true
	}
	doc, err := schema.Members(strict)
	if err != nil {
		return true
	}
	members, err := schema.Members([]byte(text))
	if err != nil { // an object that is broken is no sign that nobody held it
		return strings.HasPrefix(strings.TrimSpace(text), "{")
	}
	has := map[string]bool{}
	for _, m := range members {
		has[m.Name] = true
	}
	for _, m := range doc {
		if m.Name != "properties" {
			continue
		}
		wanted, err := schema.Members(m.Value)
		if err != nil {
			return true
		}
		for _, w := range wanted {
			if !has[w.Name] {
				return false
			}
		}
	}
	return true
}

// unheldSays is that the server ignores the schema.
const (
	unheldSays = "the server seems to ignore the schema of an answer"
	unheldHint = unheldSays + "; from now on it is said in words too"
)

// unheldAdvice says that the server ignores the schema, and where it may not.
func (e *Endpoint) unheldAdvice(model string) string {
	s := unheldSays
	if e.otherWire != "" && !e.own {
		s += "; if it speaks Chat Completions, ask it as " + e.otherWire + "/" + model
	}
	return s
}

package openaichat

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/pawlrun/pawl/llm"
)

// form is how a schema is put to a server, from the surest to the one that every
// server takes.
type form int

const (
	formStrict form = iota // response_format json_schema
	formObject             // response_format json_object, and the schema in words
	formWords              // the schema in words alone
)

// forms remembers the form that each model takes. A form that was refused is never
// tried again: what a server takes changes with its version, not between calls.
type forms struct {
	mu     sync.Mutex
	models map[string]form
}

func (f *forms) of(model string) form {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.models[model]
}

// refused remembers that a model does not take a form, and makes of e the error
// that has the caller try again. Of calls that are refused at once each says the
// same and none goes further than one step. Words alone cannot be refused: then e
// is something else and stays as it is.
func (f *forms) refused(model string, sent form, e *llm.Error) *llm.Error {
	if sent == formWords {
		return e
	}
	next := sent + 1
	f.mu.Lock()
	if f.models == nil {
		f.models = map[string]form{}
	}
	f.models[model] = max(f.models[model], next)
	f.mu.Unlock()
	format, instead := "json_schema", "response_format json_object with the schema in words"
	if next == formWords {
		format, instead = "json_object", "the schema in words alone"
	}
	e.Kind = llm.Overloaded
	e.Hint = fmt.Sprintf("the server takes no response_format %s for %q; the next attempt sends %s", format, model, instead)
	return e
}

// refusesForm reports whether an error is about response_format as such and not
// about the schema in it. There is no code for it: what is known are the sentences
// of servers, some of which send them with a status of 500.
func refusesForm(e *llm.Error) bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusNotImplemented:
	default:
		return false
	}
	if e.Kind != llm.Invalid && e.Kind != llm.Overloaded {
		return false
	}
	m := strings.ToLower(e.Message)
	return containsAny(m, "response_format", "response format", "json_schema", "json_object") &&
		containsAny(m, "not supported", "unsupported", "not support", "unavailable", "not available", "not implemented",
			"not permitted", "not allowed", "must be", "should be", "unknown", "unrecognized", "invalid value") &&
		!containsAny(m, "invalid schema", "invalid json schema", "invalid json_schema") && e.Code != "invalid_json_schema"
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

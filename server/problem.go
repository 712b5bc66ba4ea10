package server

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// Kinds of errors that only a server has, beside those of pawl.
const (
	ErrUnauthorized pawl.ErrorKind = "unauthorized" // no token, or one that is not known
	ErrForbidden    pawl.ErrorKind = "forbidden"    // the token may not do that, or the request comes from elsewhere
)

// Problem is an error as the API answers with it: problem details of RFC 9457, with the
// kind, the hint, the run and the step of a pawl.Error.
type Problem struct {
	Type   string         `json:"type" doc:"Always about:blank; kind says what it is."`
	Title  string         `json:"title" doc:"The status in words."`
	Status int            `json:"status"`
	Detail string         `json:"detail" doc:"What is wrong, for people; it names the field, the run or the file."`
	Kind   pawl.ErrorKind `json:"kind" doc:"The kind of error, the same word as in the command's JSON."`
	Hint   string         `json:"hint" doc:"What to do about it; may be empty."`
	Run    pawl.RunID     `json:"run,omitempty"`
	Step   pawl.Key       `json:"step,omitempty"`
	Errors []Fault        `json:"errors" doc:"Each place that is wrong; may be empty."`

	Decided *pawl.Decision `json:"decided,omitempty" doc:"Of a decision that came too late: what was decided on the step, by whom and when."`

	retryAfter string
}

// Fault is one place that is wrong in a request.
type Fault struct {
	Path    string `json:"path" doc:"Where it is, as in body.input.sections[2].words; empty: not known."`
	Message string `json:"message"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter != "" {
		h.Set("Retry-After", p.retryAfter)
	}
	return h
}

// newProblem returns an error as a problem.
func newProblem(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	e := pawl.AsError(err, pawl.ErrInternal)
	status := e.Kind.HTTPStatus()
	switch e.Kind {
	case ErrUnauthorized:
		status = http.StatusUnauthorized
	case ErrForbidden:
		status = http.StatusForbidden
	}
	p = &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: e.Message, Kind: e.Kind, Hint: e.Hint, Run: e.Run, Step: e.Step, Errors: []Fault{}}
	var bad *schema.CheckError
	if errors.As(err, &bad) {
		for _, one := range bad.Problems {
			p.Errors = append(p.Errors, Fault{Path: one.Path, Message: one.Message})
		}
	}
	return p
}

// in returns the problem with its paths being those of a member of the request.
func (p *Problem) in(member string) *Problem {
	for i, f := range p.Errors {
		p.Errors[i].Path = schema.Under(member, f.Path)
	}
	return p
}

// write answers a request with it.
func (p *Problem) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), p.GetHeaders())
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="pawl"`)
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a reader that went away has no use for it
}

// kindOf is the kind of an error that huma has found in a request.
func kindOf(status int) pawl.ErrorKind {
	switch status {
	case http.StatusNotFound:
		return pawl.ErrNotFound
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusInternalServerError:
		return pawl.ErrInternal
	}
	return pawl.ErrInput
}

// ours turns what huma found wrong with a request into a problem. What the request had
// at the place is left out: it may be a secret.
func ours(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Type: "about:blank", Title: http.StatusText(e.Status), Status: e.Status, Detail: e.Detail, Kind: kindOf(e.Status), Errors: []Fault{}}
	for i, d := range e.Errors {
		p.Errors = append(p.Errors, Fault{Path: d.Location, Message: d.Message})
		if i == 0 {
			p.Detail += ": " + strings.TrimPrefix(d.Location+": ", ": ") + d.Message
		}
	}
	return p, nil
}

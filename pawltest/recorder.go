package pawltest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// recorder keeps the requests that it passes on. It is safe for concurrent use.
type recorder struct {
	t    testing.TB
	next llm.Model

	mu       sync.Mutex // guards what is below
	requests []llm.Request
}

// Generate implements [llm.Model].
func (r *recorder) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	r.mu.Lock()
	r.requests = append(r.requests, req)
	r.mu.Unlock()
	response, err := r.next.Generate(ctx, req, stream)
	if u := (*unforeseen)(nil); errors.As(err, &u) {
		r.t.Errorf("%v; it asks:\n%s", u, indent(cut(lastWords(req), 2000)))
	}
	return response, err
}

// all returns the requests so far.
func (r *recorder) all() []llm.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// Requests returns what was sent for these steps so far, or for all, in the order in
// which it left.
func (r *Ran[Out]) Requests(keys ...pawl.Key) []llm.Request {
	all := r.models.all()
	if len(keys) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(req llm.Request) bool { return !slices.Contains(keys, pawl.Key(req.Meta.Key)) })
}

// Calls returns the keys of the steps that asked a model, one for each request, in
// the order in which they left.
func (r *Ran[Out]) Calls() []pawl.Key {
	var keys []pawl.Key
	for _, req := range r.models.all() {
		keys = append(keys, pawl.Key(req.Meta.Key))
	}
	return keys
}

// Asked returns what a step asked: the text of the user's messages in its first
// request. It ends the test if there was none. What else was sent, complaints
// about earlier answers too, is in [Ran.Requests].
func (r *Ran[Out]) Asked(key pawl.Key) string {
	r.t.Helper()
	requests := r.Requests(key)
	if len(requests) == 0 {
		r.fail("%q asked no model", key)
	}
	var text strings.Builder
	for _, m := range requests[0].Messages {
		if m.Role == llm.RoleUser {
			text.WriteString(m.Text() + "\n")
		}
	}
	return text.String()
}

// lastWords is the last message of a request: the question, or the complaint about
// an answer.
func lastWords(req llm.Request) string {
	if len(req.Messages) == 0 {
		return ""
	}
	return req.Messages[len(req.Messages)-1].Text()
}

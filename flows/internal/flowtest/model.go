package flowtest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Script holds a step's answers in the order of its requests. A string is the
// answer as it stands, an error is returned, a func(llm.Request) string is
// called, anything else is the answer as JSON.
type Script map[pawl.Key][]any

// Model records the requests that it passes on. It is safe for concurrent use.
type Model struct {
	next llm.Model

	mu       sync.Mutex
	requests map[pawl.Key][]llm.Request
	order    []llm.Request
}

// Record returns a Model around another one.
func Record(m llm.Model) *Model {
	return &Model{next: m, requests: map[pawl.Key][]llm.Request{}}
}

// Scripted returns a Model that answers from a script. A request that the
// script does not foresee fails the test.
func Scripted(t testing.TB, s Script) *Model {
	var mu sync.Mutex
	taken := map[pawl.Key]int{}
	return Record(llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		key := pawl.Key(req.Meta.Key)
		mu.Lock()
		n := taken[key]
		taken[key]++
		mu.Unlock()
		if n >= len(s[key]) {
			t.Errorf("request %d of %q is not in the script", n+1, key)
			return llm.Response{}, &llm.Error{Kind: llm.Invalid, Message: "not in the script"}
		}
		switch a := s[key][n].(type) {
		case string:
			return llm.Response{Text: a}, nil
		case error:
			return llm.Response{}, a
		case func(llm.Request) string:
			return llm.Response{Text: a(req)}, nil
		default:
			return llm.Response{Text: JSON(a)}, nil
		}
	}))
}

// Generate implements llm.Model.
func (m *Model) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	m.mu.Lock()
	key := pawl.Key(req.Meta.Key)
	m.requests[key] = append(m.requests[key], req)
	m.order = append(m.order, req)
	m.mu.Unlock()
	return m.next.Generate(ctx, req, stream)
}

// All returns all requests so far, in the order in which they came.
func (m *Model) All() []llm.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]llm.Request(nil), m.order...)
}

// Keys returns the keys of all requests so far, in the order in which they came.
func (m *Model) Keys() []pawl.Key {
	var keys []pawl.Key
	for _, req := range m.All() {
		keys = append(keys, pawl.Key(req.Meta.Key))
	}
	return keys
}

// User returns the user's text of a step's first request.
func (m *Model) User(t testing.TB, key pawl.Key) string {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.requests[key]) == 0 {
		t.Fatalf("no request of %q", key)
	}
	return UserText(m.requests[key][0])
}

// UserText returns what a request says in user messages.
func UserText(req llm.Request) string { return textOf(req, llm.RoleUser) }

// SystemText returns what a request says in system messages.
func SystemText(req llm.Request) string { return textOf(req, llm.RoleSystem) }

func textOf(req llm.Request, role llm.Role) string {
	s := ""
	for _, msg := range req.Messages {
		if msg.Role == role {
			s += msg.Text() + "\n"
		}
	}
	return s
}

// JSON returns v as JSON; a nil slice is [].
func JSON(v any) string {
	raw, err := schema.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("flowtest.JSON(%T): %v", v, err))
	}
	return string(raw)
}

package enginetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// Script is a model that answers each step with its texts in turn; an error in
// place of a text fails that attempt at once.
type Script struct {
	mu       sync.Mutex
	Replies  map[string][]any
	Latency  time.Duration
	Requests []llm.Request
	inFlight int
	Most     int
}

func (s *Script) Generate(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	s.mu.Lock()
	s.Requests = append(s.Requests, req)
	s.inFlight++
	s.Most = max(s.Most, s.inFlight)
	var reply any = "answer of " + req.Meta.Key
	if q := s.Replies[req.Meta.Key]; len(q) > 0 {
		reply = q[0]
		s.Replies[req.Meta.Key] = q[1:]
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.inFlight--
		s.mu.Unlock()
	}()
	if _, failed := reply.(error); s.Latency > 0 && !failed {
		select {
		case <-time.After(s.Latency):
		case <-ctx.Done():
			return llm.Response{}, &llm.Error{Kind: llm.Canceled}
		}
	}
	switch r := reply.(type) {
	case error:
		return llm.Response{}, r
	case string:
		return llm.Response{Text: r, Usage: &llm.Usage{InputTokens: 10, OutputTokens: 5}}, nil
	}
	panic(fmt.Sprintf("reply %T", reply))
}

// Calls returns how often a step has been asked.
func (s *Script) Calls(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.Requests {
		if r.Meta.Key == key {
			n++
		}
	}
	return n
}

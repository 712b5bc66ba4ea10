package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Sent names an attempt that asked a model.
type Sent struct {
	Key    pawl.Key `json:"key"`
	Number int      `json:"number"`
}

// answerPrefix begins a reference to an answer in Request.Messages.
const answerPrefix = "answer:"

// AnswerOf is how a request refers to an attempt's answer, sent back as the
// assistant's message.
func AnswerOf(s Sent) string { return answerPrefix + string(s.Key) + ":" + strconv.Itoa(s.Number) }

// Requests tells what a run's attempts sent.
type Requests struct {
	requests map[Sent]*Request
	answers  map[Sent]string
}

// RequestsOf reads the requests in a run's whole history.
func RequestsOf(events []pawl.Event) (*Requests, error) {
	r := &Requests{requests: map[Sent]*Request{}, answers: map[Sent]string{}}
	for _, ev := range events {
		switch ev.Type {
		case pawl.EventIntent:
			in, err := Decode[Intent](ev)
			if err != nil {
				return nil, err
			}
			r.requests[Sent{ev.Key, in.Number}] = in.Request
		case pawl.EventAttempt:
			at, err := Decode[Attempt](ev)
			if err != nil {
				return nil, err
			}
			if at.Raw != nil {
				r.answers[Sent{ev.Key, at.Number}] = *at.Raw
			}
		}
	}
	return r, nil
}

// Messages returns what an attempt sent, in order; nil if it asked no model. A
// part that is not there is ErrDatabase.
func (r *Requests) Messages(ctx context.Context, blobs Blobs, s Sent) ([]llm.Message, error) {
	var parts [][]string // the last one first
	for at, n := &s, 0; at != nil; n++ {
		req := r.requests[*at]
		if req == nil && n == 0 {
			return nil, nil
		}
		if req == nil || n > len(r.requests) {
			return nil, r.lacks(s, fmt.Sprintf("refers to the request of attempt %d of step %q", at.Number, at.Key))
		}
		parts = append(parts, req.Messages)
		at = req.Prior
	}
	list := []llm.Message{}
	for i := len(parts) - 1; i >= 0; i-- {
		for _, part := range parts[i] {
			m, err := r.message(ctx, blobs, s, part)
			if err != nil {
				return nil, err
			}
			list = append(list, m)
		}
	}
	return list, nil
}

func (r *Requests) message(ctx context.Context, blobs Blobs, s Sent, part string) (m llm.Message, err error) {
	if ref, is := strings.CutPrefix(part, answerPrefix); is {
		i := strings.LastIndexByte(ref, ':')
		n, err := strconv.Atoi(ref[i+1:])
		text, known := r.answers[Sent{pawl.Key(ref[:max(i, 0)]), n}]
		if err != nil || !known {
			return m, r.lacks(s, fmt.Sprintf("refers to %q", part))
		}
		return llm.Assistant(text), nil
	}
	raw, err := blobs.Blob(ctx, part)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, r.lacks(s, fmt.Sprintf("has message %s: %v", part, err))
	}
	return m, nil
}

func (r *Requests) lacks(s Sent, what string) error {
	return &pawl.Error{Kind: pawl.ErrDatabase, Step: s.Key, Message: fmt.Sprintf("the request of attempt %d of step %q %s, which is not in the journal", s.Number, s.Key, what)}
}

package view

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Step is one step whole.
type Step struct {
	Step     pawl.StepRecord `json:"step"`     // the step's record
	Requests []Request       `json:"requests"` // what was sent, of the attempts that asked a model
}

// Request is what an attempt sent to a model.
type Request struct {
	Number    int             `json:"number"`     // the attempt's number
	Messages  []pawl.Message  `json:"messages"`   // what was sent
	Schema    json.RawMessage `json:"schema"`     // the JSON Schema of the answer; null: text
	MaxTokens int             `json:"max_tokens"` // the limit of the answer in tokens; 0: none was sent, by an older program

	Temperature *float64 `json:"temperature"` // null: the provider's own
	Effort      string   `json:"effort"`      // empty: the provider's own
}

// Step returns a step of a run and what it sent. A key that the run does not have
// is ErrNotFound.
func (v *View) Step(ctx context.Context, id pawl.RunID, key pawl.Key) (Step, error) {
	rec, err := v.engine.Get(ctx, id)
	if err != nil {
		return Step{}, err
	}
	i := slices.IndexFunc(rec.Steps, func(s pawl.StepRecord) bool { return s.Key == key })
	if i < 0 {
		return Step{}, &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Step: key, Message: "no such step"}
	}
	events, err := v.journal.Read(ctx, id, 0, 0)
	if err != nil {
		return Step{}, err
	}
	requests, err := requestsOf(ctx, v.journal, events, key)
	if err != nil {
		return Step{}, err
	}
	m := v.mask(rec)
	m.LearnStep(rec.Steps...) // a later prompt may hold what an earlier answer hides
	shown := Step{Step: m.Record(rec).Steps[i], Requests: requests}
	hide(m, rec.Steps[i], requests)
	return shown, nil
}

// hide masks what was sent. From the first answer on, the messages of a step whose
// answer is sensitive hold that answer and complaints about it.
func hide(m *mask.Mask, s pawl.StepRecord, requests []Request) {
	for _, r := range requests {
		answered := false
		for i := range r.Messages {
			msg := &r.Messages[i]
			answered = answered || msg.Role == llm.RoleAssistant
			msg.Text = m.Sent(msg.Text)
			if s.Sensitive && answered {
				msg.Text = mask.Hidden
			}
		}
	}
}

// requestsOf returns what a step's attempts sent to a model.
func requestsOf(ctx context.Context, blobs journal.Blobs, events []pawl.Event, key pawl.Key) ([]Request, error) {
	requests := []Request{}
	all, err := journal.RequestsOf(events)
	if err != nil {
		return nil, err
	}
	for _, ev := range events {
		if ev.Key != key {
			continue
		}
		if ev.Type == pawl.EventAttempt {
			if err := bound(requests, ev); err != nil {
				return nil, err
			}
		}
		if ev.Type != pawl.EventIntent {
			continue
		}
		in, err := journal.Decode[journal.Intent](ev)
		if err != nil {
			return nil, err
		}
		if in.Request == nil {
			continue
		}
		r := Request{Number: in.Number, Messages: []pawl.Message{}, MaxTokens: in.Request.MaxTokens,
			Temperature: in.Request.Temperature, Effort: in.Request.Effort}
		messages, err := all.Messages(ctx, blobs, journal.Sent{Key: key, Number: in.Number})
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			r.Messages = append(r.Messages, pawl.Message{Role: m.Role, Text: m.Text()})
		}
		if in.Request.Schema != "" {
			if r.Schema, err = blobs.Blob(ctx, in.Request.Schema); err != nil {
				return nil, err
			}
		}
		requests = append(requests, r)
	}
	return requests, nil
}

// bound has the request of an attempt that has ended say the limit that was sent: its server
// may take less than was asked for.
func bound(requests []Request, ev pawl.Event) error {
	at, err := journal.Decode[journal.Attempt](ev)
	if err != nil || at.MostTokens == 0 {
		return err
	}
	for i := range requests {
		if requests[i].Number == at.Number {
			requests[i].MaxTokens = min(requests[i].MaxTokens, at.MostTokens)
		}
	}
	return nil
}

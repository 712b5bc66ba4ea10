package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// shownStep is what `show --step --json` prints.
type shownStep struct {
	Step     pawl.StepRecord `json:"step"`
	Requests []sentRequest   `json:"requests"` // of the attempts that asked a model
}

// sentRequest is what an attempt sent to a model.
type sentRequest struct {
	Number    int             `json:"number"` // of the attempt
	Messages  []sentMessage   `json:"messages"`
	Schema    json.RawMessage `json:"schema"`     // null: text
	MaxTokens int             `json:"max_tokens"` // 0: the provider's limit
}

type sentMessage struct {
	Role llm.Role `json:"role"`
	Text string   `json:"text"`
}

// showStep shows one step whole.
func (a *app) showStep(ctx context.Context, name, key string) error {
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	var rec pawl.RunRecord
	var shown shownStep
	run, err := a.find(ctx, s, name)
	if err == nil {
		rec, err = s.engine.Get(ctx, run.ID)
	}
	if err == nil {
		shown, err = a.step(ctx, s, rec, pawl.Key(key))
	}
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	switch {
	case a.json:
		return a.printJSON(shown)
	case a.quiet:
		fmt.Fprintln(a.out, shown.Step.Status)
		return nil
	}
	p := &page{w: a.out, ink: a.ink(a.stdout), zone: a.zone, begun: rec.CreatedAt.Time}
	p.step(rec.ID, shown)
	return nil
}

// step reads a step and what it sent, as they may be shown.
func (a *app) step(ctx context.Context, s *store, rec pawl.RunRecord, key pawl.Key) (shownStep, error) {
	i := slices.IndexFunc(rec.Steps, func(s pawl.StepRecord) bool { return s.Key == key })
	if i < 0 {
		return shownStep{}, unknownStep(rec, key)
	}
	events, err := s.db.Read(ctx, rec.ID, 0, 0)
	if err != nil {
		return shownStep{}, err
	}
	requests, err := sent(ctx, s.db, events, key)
	if err != nil {
		return shownStep{}, err
	}
	m := a.mask(rec.Flow)
	for _, other := range rec.Steps {
		m.LearnStep(other) // a later prompt may hold what an earlier answer hides
	}
	shown := shownStep{Step: m.Record(rec).Steps[i], Requests: requests}
	hide(m, rec.Steps[i], a.flow(rec.Flow) == nil, requests)
	return shown, nil
}

// hide masks what was sent. From the first answer on, the messages of a step
// whose answer is sensitive hold that answer and complaints about it.
func hide(m *mask.Mask, s pawl.StepRecord, all bool, requests []sentRequest) {
	for _, r := range requests {
		answered := false
		for i := range r.Messages {
			msg := &r.Messages[i]
			answered = answered || msg.Role == llm.RoleAssistant
			if all || s.Sensitive && answered {
				msg.Text = mask.Hidden
			}
			msg.Text = m.Line(msg.Text)
		}
	}
}

func unknownStep(rec pawl.RunRecord, key pawl.Key) error {
	if len(rec.Steps) == 0 {
		return badInput("unknown step %q; run %s has no steps yet", key, rec.ID)
	}
	const most = 20
	var keys []string
	for _, s := range rec.Steps {
		keys = append(keys, string(s.Key))
	}
	all := "steps of run " + string(rec.ID) + " are " + strings.Join(keys[:min(len(keys), most)], ", ")
	if len(keys) > most {
		all += fmt.Sprintf(" and %d more", len(keys)-most)
	}
	return unknown("step", string(key), keys, all)
}

// sent returns what a step's attempts sent to a model.
func sent(ctx context.Context, blobs journal.Blobs, events []pawl.Event, key pawl.Key) ([]sentRequest, error) {
	requests := []sentRequest{}
	all, err := journal.RequestsOf(events)
	if err != nil {
		return nil, err
	}
	for _, ev := range events {
		if ev.Type != pawl.EventIntent || ev.Key != key {
			continue
		}
		in, err := journal.Decode[journal.Intent](ev)
		if err != nil {
			return nil, err
		}
		if in.Request == nil {
			continue
		}
		r := sentRequest{Number: in.Number, Messages: []sentMessage{}, MaxTokens: in.Request.MaxTokens}
		messages, err := all.Messages(ctx, blobs, journal.Sent{Key: key, Number: in.Number})
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			r.Messages = append(r.Messages, sentMessage{m.Role, m.Text()})
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

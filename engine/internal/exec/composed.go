package exec

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// composed returns what an ask sends to a model after what has come of it so far: its
// messages, and the limit on its answer.
func (r *Run) composed(w *waiting, h replay.History, model string) ([]llm.Message, int) {
	leg := h.Of(model)
	limit := leg.MaxTokens(w.step, model)
	if most := r.deps.Models.MostTokens(model); most > 0 {
		limit = min(limit, most)
	}
	return leg.Messages(replay.Guided(w.step.Ask.Messages, r.st.Guides())), limit
}

// preview returns what a step that is about to begin would ask, for people; nil: it is a
// wait, which asks no model and executes nothing. What is longer than a person reads is
// cut.
func (r *Run) preview(w *waiting) *pawl.Request {
	if w.wait != nil {
		return nil
	}
	room := limits.PreviewBytes
	p := &pawl.Request{Messages: []pawl.Message{}}
	var data json.RawMessage
	if ask := w.step.Ask; ask != nil {
		h, _ := r.history(w)
		p.Model = cmp.Or(r.plan(w).Model, r.st.Model().For(w.step))
		if ask.SentSchema() != nil {
			p.Schema = ask.SchemaName
		}
		var messages []llm.Message
		messages, p.MaxTokens = r.composed(w, h, p.Model)
		for _, m := range messages {
			text := m.Text()
			if len(text) > room {
				text, p.Cut = strings.ToValidUTF8(text[:room], "")+"... (cut)", true
			}
			room = max(0, room-len(text))
			p.Messages = append(p.Messages, pawl.Message{Role: m.Role, Text: text})
		}
		data = shownData(ask)
	} else {
		data = w.step.Do.Input
	}
	switch {
	case len(data) == 0:
		data = json.RawMessage("null")
	case len(data) > room:
		data, p.Cut = json.RawMessage("null"), true
	}
	p.Data = data
	return p
}

// shownData is what fills a question's prompt, by field, but for messages themselves: they
// are shown as such. Nil: nothing does.
func shownData(ask *host.AskStep) json.RawMessage {
	if ask.Data == nil {
		return nil
	}
	fields := maps.Clone(ask.Data())
	for _, m := range ask.Messages {
		raw := replay.Message(m)
		maps.DeleteFunc(fields, func(_ string, value json.RawMessage) bool { return bytes.Equal(value, raw) })
	}
	if len(fields) == 0 {
		return nil
	}
	data, err := schema.Marshal(fields)
	if err != nil {
		return nil // a value of the author's that is no JSON
	}
	return data
}

// keepData has a step's data be taken now, before other branches can change it, and be
// there for whoever asks for it later.
func keepData(s *host.Step) {
	if s.Ask == nil || s.Ask.Data == nil {
		return
	}
	ask, data := *s.Ask, s.Ask.Data()
	ask.Data = func() map[string]json.RawMessage { return data }
	s.Ask = &ask
}

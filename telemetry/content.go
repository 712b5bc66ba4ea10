package telemetry

import (
	"encoding/json"

	"go.opentelemetry.io/otel/attribute"

	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/llm"
)

// message is one in the form of the conventions.
type message struct {
	Role         string `json:"role,omitempty"`
	Parts        []part `json:"parts"`
	FinishReason string `json:"finish_reason,omitempty"`
}

type part struct {
	Type    string `json:"type"`
	Content string `json:"content"`
}

func text(s string) part { return part{Type: "text", Content: s} }

// content is what was asked and answered, if that is wanted and to be had.
func (t *Observer) content(e observe.AttemptEnded) (attrs []attribute.KeyValue) {
	if t.o.Content == nil {
		return nil
	}
	c, err := t.o.Content(t.ctx, e.Run, e.Key, e.Number)
	if err != nil {
		return nil // the journal has it
	}
	system, in, last := []part{}, []message{}, ""
	for _, m := range c.Messages {
		if m.Role == llm.RoleSystem {
			system = append(system, text(m.Text))
			continue
		}
		in, last = append(in, message{Role: string(m.Role), Parts: []part{text(m.Text)}}), m.Text
	}
	if len(system) > 0 {
		attrs = append(attrs, asJSON(genSystem, system))
	}
	attrs = append(attrs, asJSON(genMessagesIn, in))
	if t.o.OpenInference {
		attrs = append(attrs, inferenceInput.String(last))
	}
	if c.Answer == "" {
		return attrs
	}
	attrs = append(attrs, asJSON(genMessagesOut, []message{{Role: "assistant", Parts: []part{text(c.Answer)}, FinishReason: finish(e)}}))
	if t.o.OpenInference {
		attrs = append(attrs, inferenceOutput.String(c.Answer))
	}
	return attrs
}

func asJSON(key attribute.Key, v any) attribute.KeyValue {
	raw, _ := json.Marshal(v) // of texts alone
	return key.String(string(raw))
}

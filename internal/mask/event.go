package mask

import (
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// Event returns an event as it may be shown. It wants a run's events in order
// from the first: the first one of a step says whether its answers may be shown,
// and what a sensitive answer holds is hidden in what comes later.
//
// An event that came before the flow asked for it shows no value. A run's secret is never
// shown, and nothing of an event of a type that is not known.
//
// While an output with sensitive fields is not known, they cannot be found in
// what led to it: then no answer and no note is shown. The hash stays the
// recorded one, of the event with its values.
func (m *Mask) Event(ev pawl.Event) pawl.Event {
	if m.info == nil {
		ev.Body = hide(ev.Body)
		return ev
	}
	var body map[string]json.RawMessage
	if json.Unmarshal(ev.Body, &body) != nil {
		ev.Body = hide(ev.Body)
		return ev
	}
	if ev.Type == pawl.EventCreated && body["secret"] != nil {
		delete(body, "secret") // signs callbacks
		ev.Body = m.texts(body)
	}
	step := body["step"]
	if ev.Type == pawl.EventOverride {
		step = ev.Body // it says itself what the base's step was
	}
	all := m.ofSensitiveStep(ev.Key, step)
	if ev.Type == pawl.EventDecision && body["delivery"] != nil && body["waits"] != nil {
		m.meetEarly(pawl.StepRecord{Key: ev.Key, Sensitive: true, Output: body["value"]})
		hideFields(true, body, "value")
		ev.Body = m.texts(body)
	}
	if ev.Type == pawl.EventOverride {
		m.meetEarly(pawl.StepRecord{Key: ev.Key, Sensitive: true, Output: body["value"]})
	}
	if !all && !m.Needs() && len(m.learned)+len(m.numbers) == 0 && isKnown(ev.Type) {
		return ev
	}
	switch ev.Type {
	case pawl.EventCreated:
		body["input"] = m.field(m.info.Input, body["input"])
	case pawl.EventDone:
		m.remember(m.info.Output.Secrets(body["output"])) // which the reason may repeat
		m.learnNumbers(m.info.Output.SecretNumbers(body["output"]))
		body["output"] = m.field(m.info.Output, body["output"])
	case pawl.EventAttempt:
		answer := pawl.StepRecord{Key: ev.Key, Sensitive: all, Output: body["result"]}
		var raw string // one that was turned down is known by this alone
		if json.Unmarshal(body["raw"], &raw) == nil {
			answer.Attempts = []pawl.Attempt{{Raw: &raw}}
		}
		m.LearnStep(answer)
		hideFields(all || m.open, body, "raw", "result")
	case pawl.EventBlocker:
		m.LearnStep(pawl.StepRecord{Key: ev.Key, Sensitive: all, Output: body["proposal"]})
		hideFields(all || m.open, body, "proposal")
		hideFields(m.hidesSent(), body, "request")
	case pawl.EventDecision:
		m.LearnStep(pawl.StepRecord{Key: ev.Key, Sensitive: all, Output: body["value"]})
		hideFields(all || m.open, body, "value")
	case pawl.EventReused:
		m.reused(ev.Key, all, body)
	case pawl.EventOverride:
		m.LearnStep(pawl.StepRecord{Key: ev.Key, Sensitive: all, Output: body["value"]})
		hideFields(all || m.open, body, "value")
	case pawl.EventNote:
		hideFields(all || m.open, body, "text")
	default:
		if !isKnown(ev.Type) {
			ev.Body = hide(ev.Body)
			return ev
		}
	}
	if len(m.numbers) > 0 {
		for _, name := range []string{"input", "output", "result", "proposal", "value"} {
			if raw, ok := body[name]; ok {
				body[name] = m.value(false, raw)
			}
		}
	}
	ev.Body = m.texts(body)
	return ev
}

// isKnown reports whether it is known where an event of that type has values. In those
// that say none here, texts are all that may hold some.
func isKnown(t pawl.EventType) bool {
	switch t {
	case pawl.EventCreated, pawl.EventDone, pawl.EventAttempt, pawl.EventBlocker, pawl.EventDecision, pawl.EventReused, pawl.EventOverride, pawl.EventNote:
		return true
	case pawl.EventClaimed, pawl.EventReleased, pawl.EventIntent, pawl.EventScope, pawl.EventGuidance, pawl.EventDirective, pawl.EventTimer, pawl.EventFailed, pawl.EventCanceled:
		return true
	}
	return false
}

// reused hides what a step takes over, and what a person decided on it there.
func (m *Mask) reused(key pawl.Key, all bool, body map[string]json.RawMessage) {
	var s struct {
		Kind pawl.Kind `json:"kind"`
	}
	json.Unmarshal(body["step"], &s) // else it is of no kind
	var decision map[string]json.RawMessage
	json.Unmarshal(body["decision"], &decision) // else there is none
	m.LearnStep(pawl.StepRecord{Key: key, Kind: s.Kind, Sensitive: all, Output: body["result"]}, pawl.StepRecord{Key: key, Sensitive: all, Output: decision["value"]})
	hideFields(all || m.open, body, "result")
	if value, ok := decision["value"]; ok {
		decision["value"] = m.value(all || m.open, value)
		if raw, err := schema.Marshal(decision); err == nil {
			body["decision"] = raw
		}
	}
}

// ofSensitiveStep reports whether the answers of the step must not be shown.
// step is how it presents itself in the event, if it does.
func (m *Mask) ofSensitiveStep(key pawl.Key, step json.RawMessage) bool {
	var s struct {
		Sensitive bool `json:"sensitive"`
	}
	if json.Unmarshal(step, &s) == nil && s.Sensitive && !m.steps[key] {
		m.hideStep(key)
		for _, e := range m.early {
			if e.Key == key {
				m.LearnStep(e)
			}
		}
	}
	return m.steps[key]
}

// meetEarly remembers an event that came before the flow asked for it. What it is of says
// the step, perhaps later.
func (m *Mask) meetEarly(e pawl.StepRecord) {
	if m.steps[e.Key] {
		m.LearnStep(e)
		return
	}
	m.early = append(m.early, e)
}

// hideStep has Event show no answer of a step.
func (m *Mask) hideStep(key pawl.Key) {
	if m.steps == nil {
		m.steps = map[pawl.Key]bool{}
	}
	m.steps[key] = true
}

func hideFields(all bool, body map[string]json.RawMessage, names ...string) {
	for _, name := range names {
		if raw, ok := body[name]; ok && all {
			body[name] = hide(raw)
		}
	}
}

// texts hides known secrets in every text of a body, also where a text is JSON
// itself and they are quoted in it.
func (m *Mask) texts(body map[string]json.RawMessage) json.RawMessage {
	raw, err := schema.Marshal(body)
	if err == nil {
		raw, err = schema.MapTexts(raw, m.Line)
	}
	if err != nil {
		return hide(json.RawMessage("{}"))
	}
	return raw
}

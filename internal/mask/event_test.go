package mask_test

import (
	"encoding/json"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

type nothing struct{}

type secretOutput struct {
	Pin string `json:"pin" pawl:"sensitive"`
}

var opens = pawl.New("opens", "Finds a secret.", func(*pawl.Run, nothing) (secretOutput, error) { return secretOutput{}, nil })

func TestEvent(t *testing.T) {
	plain := pawl.New("plain", "Has none.", func(*pawl.Run, nothing) (int, error) { return 0, nil })
	for name, tt := range map[string]struct {
		flow          pawl.Flow
		input, output string
		typ           pawl.EventType
		body, want    string
	}{
		"input":             {flow, `{"token":"abcdef"}`, "", pawl.EventCreated, `{"input":{"token":"abcdef"},"seed":18446744073709551615}`, `{"input":{"token":"***"},"seed":18446744073709551615}`},
		"short input":       {flow, `{"token":"ab"}`, "", pawl.EventCreated, `{"input":{"token":"ab"}}`, `{"input":{"token":"***"}}`},
		"output":            {opens, "1", `{"pin":"12"}`, pawl.EventDone, `{"output":{"pin":"12"}}`, `{"output":{"pin":"***"}}`},
		"answer":            {flow, `{"token":"abcdef"}`, "", pawl.EventAttempt, `{"raw":"so abcdef","result":"so abcdef"}`, `{"raw":"so ***","result":"so ***"}`},
		"quoted in JSON":    {flow, `{"token":"ab\"cdef"}`, "", pawl.EventAttempt, `{"raw":"{\"a\":\"ab\\\"cdef\"}"}`, `{"raw":"{\"a\":\"***\"}"}`},
		"complaint":         {flow, `{"token":"abcdef"}`, "", pawl.EventAttempt, `{"gates":[{"detail":"abcdef is wrong"}]}`, `{"gates":[{"detail":"*** is wrong"}]}`},
		"note":              {flow, `{"token":"abcdef"}`, "", pawl.EventNote, `{"text":"abcdef"}`, `{"text":"***"}`},
		"reads like JSON":   {flow, `{"token":"\",\"b"}`, "", pawl.EventAttempt, `{"result":{"a":"1","b":"2"}}`, `{"result":{"a":"1","b":"2"}}`},
		"output to come":    {opens, "1", "", pawl.EventAttempt, `{"raw":"1234","result":1234,"number":1}`, `{"number":1,"raw":"***","result":"***"}`},
		"note before":       {opens, "1", "null", pawl.EventNote, `{"text":"it is 1234"}`, `{"text":"***"}`},
		"output known":      {opens, "1", `{"pin":"1234"}`, pawl.EventAttempt, `{"raw":"it is 1234"}`, `{"raw":"it is ***"}`},
		"sensitive step":    {plain, "1", "", pawl.EventAttempt, `{"raw":"x","result":1,"step":{"sensitive":true}}`, `{"raw":"***","result":"***","step":{"sensitive":true}}`},
		"nothing to hide":   {plain, "1", "", pawl.EventAttempt, `{"result": {"b":1,"a":2}}`, `{"result": {"b":1,"a":2}}`},
		"secret":            {plain, "1", "", pawl.EventCreated, `{"input":1,"secret":"xyz","seed":18446744073709551615}`, `{"input":1,"seed":18446744073709551615}`},
		"early event":       {plain, "1", "", pawl.EventDecision, `{"delivery":"1","value":{"pin":1},"waits":true}`, `{"delivery":"1","value":"***","waits":true}`},
		"event":             {plain, "1", "", pawl.EventDecision, `{"delivery":"1","value":{"pin":1}}`, `{"delivery":"1","value":{"pin":1}}`},
		"flow not known":    {nil, "1", "", pawl.EventNote, `{"text":"hello"}`, `"***"`},
		"body is no object": {flow, "1", "", pawl.EventNote, `[1]`, `"***"`},
	} {
		t.Run(name, func(t *testing.T) {
			m := mask.Of(tt.flow)
			m.Learn(json.RawMessage(tt.input), json.RawMessage(tt.output))
			ev := pawl.Event{Type: tt.typ, Key: "say", Hash: "h", Body: json.RawMessage(tt.body)}
			got := m.Event(ev)
			if string(got.Body) != tt.want || got.Hash != "h" {
				t.Errorf("got %s, want %s", got.Body, tt.want)
			}
			if string(ev.Body) != tt.body {
				t.Errorf("the event itself became %s", ev.Body)
			}
		})
	}
}

// What the first event of a step says holds for those that follow, and for no
// other step.
func TestEventOfSensitiveStep(t *testing.T) {
	m := mask.Of(flow)
	m.Event(pawl.Event{Type: pawl.EventIntent, Key: "guess", Body: []byte(`{"step":{"sensitive":true}}`)})
	for key, want := range map[pawl.Key]string{"guess": `{"raw":"***"}`, "other": `{"raw":"xy"}`} {
		if got := m.Event(pawl.Event{Type: pawl.EventAttempt, Key: key, Body: []byte(`{"raw":"xy"}`)}); string(got.Body) != want {
			t.Errorf("%s shows %s, want %s", key, got.Body, want)
		}
	}
	m.Event(pawl.Event{Type: pawl.EventAttempt, Key: "guess", Body: []byte(`{"raw":"{}","result":{"guess":"walrus"}}`)})
	if got := m.Event(pawl.Event{Type: pawl.EventNote, Body: []byte(`{"text":"a walrus"}`)}); string(got.Body) != `{"text":"a ***"}` {
		t.Errorf("a later note shows %s", got.Body)
	}
}

// An event that came before its step hides what it holds from when the step says that it
// is sensitive.
func TestEarlyEvent(t *testing.T) {
	m := mask.Of(flow)
	show := func(ty pawl.EventType, key pawl.Key, body string) string {
		return string(m.Event(pawl.Event{Type: ty, Key: key, Body: []byte(body)}).Body)
	}
	for _, key := range []pawl.Key{"paid", "open"} {
		show(pawl.EventDecision, key, `{"delivery":"1","value":{"card":"`+string(key)+`-4711"},"waits":true}`)
	}
	show(pawl.EventBlocker, "paid", `{"step":{"sensitive":true}}`)
	show(pawl.EventBlocker, "open", `{"step":{}}`)
	show(pawl.EventDecision, "paid", `{"delivery":"2","value":{"card":"paid-0815"},"waits":true}`)
	for body, want := range map[string]string{
		`{"text":"paid-4711 and paid-0815 are odd"}`: `{"text":"*** and *** are odd"}`, `{"text":"open-4711 is odd"}`: `{"text":"open-4711 is odd"}`,
	} {
		if got := show(pawl.EventNote, "", body); got != want {
			t.Errorf("got %s, wants %s", got, want)
		}
	}
}

// In a record the value of an event is hidden until its step is known.
func TestEarlyEventInRecord(t *testing.T) {
	rec := record()
	event := pawl.Decision{Key: "paid", Delivery: "1", Value: []byte(`{"card":"4711"}`), Waits: true}
	rec.Decisions = []pawl.Decision{event}
	if got := mask.Of(flow).Record(rec); string(got.Decisions[0].Value) != `"***"` {
		t.Errorf("an event of nobody knows what shows %s", got.Decisions[0].Value)
	}
	rec.Steps = append(rec.Steps, pawl.StepRecord{Key: "paid"})
	if got := mask.Of(flow).Record(rec); string(got.Decisions[0].Value) != `{"card":"4711"}` {
		t.Errorf("an event that is no secret shows %s", got.Decisions[0].Value)
	}
}

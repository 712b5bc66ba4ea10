package mask_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

type numbered struct {
	PIN  int     `json:"pin" pawl:"sensitive"`
	Rate float64 `json:"rate" pawl:"sensitive"`
	Few  int     `json:"few" pawl:"sensitive"`
}

// TestNumbers: a sensitive number is hidden where it stands alone, in lines, records and
// events.
func TestNumbers(t *testing.T) {
	f := pawl.New("numbered", "Has secret numbers.", func(*pawl.Run, numbered) (int, error) { return 0, nil })
	m := mask.Of(f)
	m.Learn([]byte(`{"pin":-4711,"rate":12.75,"few":12}`), nil)
	for line, want := range map[string]string{
		"the pin is 4711.":         "the pin is ***.",
		"4711":                     "***",
		"pin=-4711, 12.75 a month": "pin=-***, *** a month",
		"14711, 47110 and 4711.5":  "14711, 47110 and 4711.5",
		"no 4711-b, step 12":       "no ***-b, step 12",
		"none":                     "none",
	} {
		if got := m.Line(line); got != want {
			t.Errorf("%q is shown as %q, want %q", line, got, want)
		}
	}
	if !m.HidesAnswer("a") {
		t.Error("an answer is shown while it arrives, though a number in it may be a secret")
	}
	ev := m.Event(pawl.Event{Type: pawl.EventAttempt, Key: "a", Body: []byte(`{"number":4711,"raw":"{\"n\":4711}","result":{"n":4711}}`)})
	if s := string(ev.Body); strings.Count(s, "4711") != 1 || !strings.Contains(s, `"number":4711`) {
		t.Errorf("the event shows %s", s)
	}
	raw := `{"n":4711}`
	rec := m.Record(pawl.RunRecord{Input: []byte(`{"pin":4711,"rate":1,"few":1}`), Steps: []pawl.StepRecord{{Key: "a", Output: json.RawMessage(raw), Attempts: []pawl.Attempt{{Raw: &raw}}}}})
	if all, _ := json.Marshal(rec); strings.Contains(string(all), "4711") {
		t.Errorf("the record shows %s", all)
	}
}

// TestOutputThatIsNotKnown: what only the output marks is shown by no step before it is
// known, nor afterwards.
func TestOutputThatIsNotKnown(t *testing.T) {
	f := pawl.New("made", "Makes a secret.", func(*pawl.Run, nothing) (numbered, error) { return numbered{}, nil })
	raw := `"the pin is 4711"`
	rec := pawl.RunRecord{Input: []byte("{}"), Output: []byte("null"), Steps: []pawl.StepRecord{{Key: "a", Output: json.RawMessage(raw), Attempts: []pawl.Attempt{{Raw: &raw}}}}}
	for _, output := range []string{"null", `{"pin":4711,"rate":1,"few":2}`} {
		rec.Output = []byte(output)
		if all, _ := json.Marshal(mask.Of(f).Record(rec)); strings.Contains(string(all), "4711") {
			t.Errorf("with output %s the record shows %s", output, all)
		}
	}
}

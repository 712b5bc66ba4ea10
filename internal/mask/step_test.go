package mask_test

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

func TestLearnStep(t *testing.T) {
	torn, down := "not json", `{"pin":"4711","list":["a \"quoted\" one"]}`
	m := mask.Of(flow)
	m.Learn([]byte(`{"token":"abcdef"}`), nil)
	m.LearnStep(pawl.StepRecord{Sensitive: true, Output: []byte(`{"pin":"4712","n":1}`), Attempts: []pawl.Attempt{{}, {Raw: &torn}, {Raw: &down}}})
	m.LearnStep(pawl.StepRecord{Output: []byte(`{"word":"plain"}`)})
	m.LearnStep(pawl.StepRecord{Sensitive: true, Output: []byte("null")})
	got := m.Line(`abcdef 4711 4712 plain a "quoted" one, not json`)
	if want := "*** *** *** plain ***, not json"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

package mask_test

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

type secretInput struct {
	Token string `json:"token" pawl:"sensitive"`
}

var flow = pawl.New("leaky", "Has a secret.", func(*pawl.Run, secretInput) (int, error) { return 0, nil })

func record() pawl.RunRecord {
	raw := `{"guess":"abcdef"}`
	return pawl.RunRecord{
		Flow: "leaky", Input: []byte(`{"token":"abcdef"}`), Output: []byte("null"), Reason: "abcdef",
		Error: &pawl.ErrorRecord{Message: "token abcdef is wrong"},
		Steps: []pawl.StepRecord{
			{Key: "guess", Output: []byte(raw), Attempts: []pawl.Attempt{{Raw: &raw, Gates: []pawl.GateResult{{Detail: "abcdef"}}}}},
			{Key: "other", Output: []byte(`{"pin":1234}`), Sensitive: true},
			{Key: "name", Output: []byte(`{"name":"walrus"}`), Sensitive: true},
		},
		Blockers: []pawl.Blocker{{Question: "is walrus the one?"}},
	}
}

func TestRecord(t *testing.T) {
	rec := record()
	got := mask.Of(flow).Record(rec)
	for _, tt := range []struct{ got, want string }{
		{string(got.Input), `{"token":"***"}`},
		{string(got.Output), "null"},
		{got.Reason, "***"},
		{got.Error.Message, "token *** is wrong"},
		{string(got.Steps[0].Output), `{"guess":"***"}`},
		{*got.Steps[0].Attempts[0].Raw, `{"guess":"***"}`},
		{got.Steps[0].Attempts[0].Gates[0].Detail, "***"},
		{string(got.Steps[1].Output), `"***"`},
		{got.Blockers[0].Question, "is *** the one?"},
		// The record itself is left as it is.
		{rec.Reason, "abcdef"},
		{rec.Error.Message, "token abcdef is wrong"},
		{rec.Steps[0].Attempts[0].Gates[0].Detail, "abcdef"},
		{*rec.Steps[0].Attempts[0].Raw, `{"guess":"abcdef"}`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s, want %s", tt.got, tt.want)
		}
	}
}

func TestUnknownFlowHidesAll(t *testing.T) {
	got := mask.Of(nil).Record(record())
	for _, s := range []string{string(got.Input), string(got.Steps[0].Output), string(got.Steps[1].Output)} {
		if s != `"***"` {
			t.Errorf("%s is shown", s)
		}
	}
	if *got.Steps[0].Attempts[0].Raw != mask.Hidden {
		t.Errorf("raw %s is shown", *got.Steps[0].Attempts[0].Raw)
	}
}

func TestASecretThatReadsLikeJSON(t *testing.T) {
	m := mask.Of(flow)
	rec := record()
	rec.Input = []byte(`{"token":"\":{\""}`)
	rec.Steps[0].Output = []byte(`{"a":{"b":1}}`)
	if got := m.Record(rec); string(got.Steps[0].Output) != `{"a":{"b":1}}` && string(got.Steps[0].Output) != `"***"` {
		t.Errorf("torn apart: %s", got.Steps[0].Output)
	}
}

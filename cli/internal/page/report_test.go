package page

import (
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

func TestTook(t *testing.T) {
	for want, times := range map[string]view.Times{
		"":                            {},
		"took 5s":                     {Executed: 5 * time.Second, Over: 5 * time.Second},
		"executed for 6s over 1h0m9s": {Executed: 6 * time.Second, Over: time.Hour + 9*time.Second, Resumed: true},
	} {
		if got := Took(times); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCutOff(t *testing.T) {
	for want, c := range map[string]view.Cut{
		"": {},
		"1 model call was cut and may have been billed":                                               {Calls: 1},
		"2 model calls were cut and may have been billed; 1 step was cut and may have had its effect": {Calls: 2, Steps: 1},
	} {
		if got := CutOff(c); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What had its line is not said again; what asks alike is named once.
func TestFailureAndWaiting(t *testing.T) {
	failed := pawl.Blocker{Key: "say", Kind: pawl.BlockerFailure, Question: "no", Digest: "a"}
	later := failed
	later.Digest = "b" // it failed again, with the same words
	rec := pawl.RunRecord{ID: "r", Error: &pawl.ErrorRecord{Kind: pawl.ErrFlow, Step: "say", Message: "no", Hint: "rest"}, Blockers: []pawl.Blocker{failed, {Kind: pawl.BlockerFailure, Key: "x"}}}
	was := Said{}
	was.Add(failed)
	before := Said{}
	before.Add(later)
	for _, tt := range []struct {
		said Said
		want string
	}{
		{nil, "run r failed at say: no (and 1 step more)"},
		{before, "run r failed at say: no (and 1 step more)"},
		{was, "run r failed at say (and 1 step more)"},
	} {
		if e := Failure(rec, tt.said); e.Message != tt.want || e.Hint != "rest" || e.Step != "say" {
			t.Errorf("%+v, want %q", e, tt.want)
		}
	}
	first, second := pawl.Blocker{Key: "p[0]", Kind: pawl.BlockerInput, Question: "how much?", Digest: "a"}, pawl.Blocker{Key: "p[1]", Kind: pawl.BlockerInput, Question: "how much?", Digest: "a"}
	rec = pawl.RunRecord{ID: "r", Reason: "asks", Blockers: []pawl.Blocker{first, second, {Kind: pawl.BlockerInput, Question: "who?"}}}
	said := Said{}
	said.Add(second)
	for _, tt := range []struct {
		said Said
		want string
	}{
		{nil, "run r waits for a person: p[0], p[1]: how much?; who?"},
		{said, "run r waits for a person: p[0], p[1]; who?"},
	} {
		if e := Waiting(rec, tt.said); e.Message != tt.want || e.Kind != pawl.ErrWaiting {
			t.Errorf("%+v, want %q", e, tt.want)
		}
	}
	if e := Waiting(pawl.RunRecord{Blockers: []pawl.Blocker{{Kind: pawl.BlockerUnknown, Key: "x", Question: "again?"}}}, nil); e.Kind != pawl.ErrUnknown {
		t.Errorf("after an unknown outcome: %+v", e)
	}
}

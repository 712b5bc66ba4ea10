package cli

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// A batch stops where the provider of its model refuses the account, and at nothing else
// that looks like it: another provider, or the service of a do.
func TestBatchStopsForItsOwnAccount(t *testing.T) {
	at := func(model string) []pawl.Attempt { return []pawl.Attempt{{Model: "ours/a"}, {Model: model}} }
	for _, c := range []struct {
		what string
		kind pawl.ErrorKind
		step pawl.StepRecord
		want bool
	}{
		{"its own provider", pawl.ErrorKind(llm.Auth), pawl.StepRecord{Key: "a", Kind: pawl.KindAsk, Attempts: at("ours/b")}, true},
		{"its own, never asked", pawl.ErrorKind(llm.Quota), pawl.StepRecord{Key: "a", Kind: pawl.KindAsk}, true},
		{"another provider", pawl.ErrorKind(llm.Auth), pawl.StepRecord{Key: "a", Kind: pawl.KindAsk, Attempts: at("theirs/b")}, false},
		{"a do", pawl.ErrorKind(llm.Quota), pawl.StepRecord{Key: "a", Kind: pawl.KindDo, Attempts: at("")}, false},
		{"another step", pawl.ErrorKind(llm.Auth), pawl.StepRecord{Key: "b", Kind: pawl.KindAsk, Attempts: at("ours/a")}, false},
		{"another kind", pawl.ErrorKind(llm.Filtered), pawl.StepRecord{Key: "a", Kind: pawl.KindAsk, Attempts: at("ours/a")}, false},
	} {
		rec := pawl.RunRecord{Model: "ours/a", Error: &pawl.ErrorRecord{Kind: c.kind, Step: "a"}, Steps: []pawl.StepRecord{c.step}}
		if got := isRefusedAccount(rec); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

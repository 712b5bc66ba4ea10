package replay

import (
	"encoding/json"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// An older program took the limit of tokens into the digest, and the code has another now.
// What a rerun records of it is today's digest, which a rerun of the rerun knows again; of
// the model that was asked, be it another than the run has now.
func TestReuseRecordsTodaysDigest(t *testing.T) {
	s := host.Step{Name: "a", Ask: &host.AskStep{Messages: []llm.Message{llm.User("A")}, MaxTokens: 200}}
	models := []Model{{Name: "first"}, {Name: "now"}}
	rec := &Step{Key: "a", Begun: true, Head: journal.Step{Kind: pawl.KindAsk, Digest: digest(s, "first", 100)}, firstLimit: 100, Result: &Result{Seq: 2, Key: "a", Value: json.RawMessage(`"x"`)}}
	st := &State{Run: "base", Models: models, Steps: map[pawl.Key]*Step{"a": rec}, order: []*Step{rec}}
	own := &State{Run: "own", Models: models, Steps: map[pawl.Key]*Step{}}
	base := NewBase(st, journal.Base{Run: "base"}, own, false)
	if !base.FindStep("a", s, func() []byte { return nil }, false) {
		t.Fatal("a rerun does not find it")
	}
	head := journal.Step{Kind: pawl.KindAsk, Digest: Digest(s, "now")}
	body, stale := base.Reuse(rec, head, &s, nil)
	if body.Step.Digest != Digest(s, "first") || stale {
		t.Errorf("recorded as %s, stale %v, wants %s", body.Step.Digest, stale, Digest(s, "first"))
	}
	taken := &Step{Key: "a", Begun: true, Head: body.Step, Result: rec.Result}
	if _, same := own.IsSame(taken, s); !same {
		t.Error("a replay of the rerun takes it for stale")
	}
}

// What was taken over, and is void by now, is not offered again.
func TestTakenOnce(t *testing.T) {
	s := host.Step{Name: "a", Do: &host.DoStep{Input: json.RawMessage(`1`)}}
	rec := &Step{Key: "m[0]/a", Begun: true, Head: journal.Step{Kind: pawl.KindDo, Digest: Digest(s, "")}, Result: &Result{Seq: 2, Key: "m[0]/a", Value: json.RawMessage(`"x"`)}}
	st := &State{Run: "base", Models: []Model{{}}, Steps: map[pawl.Key]*Step{rec.Key: rec}, order: []*Step{rec}}
	for _, took := range []bool{false, true} {
		mine := &Step{Key: "m[1]/a", Begun: true, Head: rec.Head}
		if took {
			mine.taken = &journal.Took{Run: "base", Key: rec.Key}
		}
		own := &State{Run: "own", Models: st.Models, Steps: map[pawl.Key]*Step{mine.Key: mine}, order: []*Step{mine}}
		if found := NewBase(st, journal.Base{Run: "base"}, own, false).FindStep("m[2]/a", s, func() []byte { return nil }, false); found == took {
			t.Errorf("taken before %v: found %v", took, found)
		}
	}
}

func TestPlaceOf(t *testing.T) {
	for key, want := range map[pawl.Key]string{
		"a": "a", "a#2": "a#2", "m[3]/a": "m[]/a", "m[=x.y]/n[0]/a#3": "m[]/n[]/a#3", "p/b/a": "p/b/a", "m#2[1]/c/a": "m#2[]/c/a",
	} {
		if got := placeOf(key, "a"); got != want {
			t.Errorf("%s: %s, wants %s", key, got, want)
		}
	}
	for _, c := range []struct {
		a, b  pawl.Key
		other bool
	}{{"m[=x]/a", "m[=y]/a", true}, {"m[=x]/a", "m[=x]/a", false}, {"m[=x]/a", "m[1]/a", false}, {"m[0]/a", "m[1]/a", false}, {"m[=x]/n[=y]/a", "m[=x]/n[=z]/a", true}} {
		if isOtherItem(c.a, c.b) != c.other {
			t.Errorf("%s and %s: other item %v", c.a, c.b, !c.other)
		}
	}
}

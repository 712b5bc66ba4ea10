package replay_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// TestMatchStep: a recorded result fits what is asked now, is stale, or does not fit.
func TestMatchStep(t *testing.T) {
	ask := func(text string, s *schema.Schema, data ...[2]string) host.Step {
		return host.Step{Name: "q", Ask: &host.AskStep{Messages: []llm.Message{llm.User(text)}, Schema: s, Data: func() map[string]json.RawMessage { return fieldsOf(data) }}}
	}
	field := func(name, value string) [2]string { return [2]string{name, value} }
	number, err := schema.Parse([]byte(`{"type":"integer"}`))
	if err != nil {
		t.Fatal(err)
	}
	st := &replay.State{Models: []replay.Model{{Name: "one"}, {Name: "two"}}}
	recorded := func(model string, data ...[2]string) *replay.Step {
		asked := ask("Q", nil, data...)
		return &replay.Step{Key: "q", Head: journal.Step{Kind: pawl.KindAsk, Digest: replay.Digest(asked, model), Data: replay.StepData(asked)},
			Result: &replay.Result{Value: json.RawMessage(`"a text"`)}}
	}
	failed, noted := recorded("one"), recorded("one")
	failed.Result = &replay.Result{Failure: &pawl.Error{Kind: pawl.ErrStep, Message: "broke"}}
	noted.Stale = replay.Digest(ask("R", nil), "two") // the model in force
	notedEarlier := recorded("one")
	notedEarlier.Stale = replay.Digest(ask("R", nil), "one")
	for _, tt := range []struct {
		name        string
		rec         *replay.Step
		step        host.Step
		try, strict bool
		stale, keep bool
		want        string
	}{
		{name: "the same", rec: recorded("one"), step: ask("Q", nil), strict: true},
		{name: "the same, of an earlier model", rec: recorded("two"), step: ask("Q", nil), strict: true},
		{name: "other words, no data", rec: recorded("one"), step: ask("R", nil), stale: true},
		{name: "other words, no data recorded", rec: recorded("one"), step: ask("R", nil, field("a", "1")), stale: true},
		{name: "other words for the same data", rec: recorded("one", field("a", "1")), step: ask("R", nil, field("a", "1")), stale: true},
		{name: "a field more", rec: recorded("one", field("a", "1")), step: ask("R", nil, field("a", "1"), field("b", "2")), stale: true},
		{name: "a field less", rec: recorded("one", field("a", "1"), field("b", "2")), step: ask("R", nil, field("a", "1")), stale: true},
		{name: "another value", rec: recorded("one", field("a", "1"), field("b", "2")), step: ask("R", nil, field("a", "1"), field("b", "3")), keep: true, want: "has changed since its result was recorded (b)"},
		{name: "the value in other spelling", rec: recorded("one", field("a", `{"x":1,"y":2}`)), step: ask("R", nil, field("a", `{"y":2, "x":1}`)), stale: true},
		{name: "other fields altogether", rec: recorded("one", field("a", "1")), step: ask("R", nil, field("b", "1")), keep: true, want: "(a, b)"},
		{name: "other words, noted before", rec: noted, step: ask("R", nil)},
		{name: "other words, noted of an earlier model", rec: notedEarlier, step: ask("R", nil)},
		{name: "other words than those that were noted", rec: noted, step: ask("S", nil), stale: true},
		{name: "other words, strict", keep: true, rec: recorded("one"), step: ask("R", nil), strict: true, want: "has changed since its result was recorded"},
		{name: "a type that refuses the answer", rec: noted, step: ask("Q", number), want: "does not fit its answer type"},
		{name: "a failure that is a value", rec: failed, step: ask("Q", nil), try: true},
		{name: "a failure that is none any more", rec: failed, step: ask("Q", nil), want: "took the failure of step"},
		{name: "a failure under another type", rec: failed, step: ask("Q", number), try: true, stale: true},
	} {
		m := st.MatchStep(tt.rec, tt.step, func() json.RawMessage { return replay.StepData(tt.step) }, tt.try, tt.strict)
		if m.Keep != tt.keep || (m.Stale != "") != tt.stale || (m.Err != nil) != (tt.want != "") {
			t.Errorf("%s: %+v", tt.name, m)
		} else if m.Err != nil && (m.Err.Kind != pawl.ErrMismatch || m.Err.Step != "q" || !strings.Contains(m.Err.Message, tt.want)) {
			t.Errorf("%s: %v", tt.name, m.Err)
		}
	}
}

func fieldsOf(data [][2]string) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for _, d := range data {
		all[d[0]] = json.RawMessage(d[1])
	}
	return all
}

// TestMatchFork: a map by identity is not one by place.
func TestMatchFork(t *testing.T) {
	places, ids := host.Fork{Kind: pawl.KindMap, N: 1}, host.Fork{Kind: pawl.KindMap, N: 1, IDs: []string{"a"}}
	rec := func(byID bool) *replay.Step {
		return &replay.Step{Key: "m", Head: journal.Step{Kind: pawl.KindMap}, N: 1, ByID: byID}
	}
	for _, tt := range []struct {
		rec  *replay.Step
		f    host.Fork
		want string
	}{
		{rec(false), places, ""},
		{rec(true), ids, ""},
		{rec(false), ids, "recorded by their place, the flow now names them by identity"},
		{rec(true), places, "recorded by identity"},
		{rec(false), host.Fork{Kind: pawl.KindCall, N: 1}, "recorded as map"},
	} {
		err := replay.MatchFork(tt.rec, tt.f)
		if (err != nil) != (tt.want != "") || err != nil && (err.Kind != pawl.ErrMismatch || err.Step != "m" || !strings.Contains(err.Message, tt.want)) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

// TestMatchWait: of an approval the value is what must have the type.
func TestMatchWait(t *testing.T) {
	number, err := schema.Parse([]byte(`{"type":"integer"}`))
	if err != nil {
		t.Fatal(err)
	}
	w := host.Wait{Name: "ok", Kind: pawl.KindApprove, Question: "good?", Proposal: json.RawMessage(`1`), Schema: number}
	rec := &replay.Step{Key: "ok", Head: journal.Step{Digest: replay.WaitDigest(w), Data: replay.WaitData(w)}, Result: &replay.Result{Value: json.RawMessage(`{"approved":true,"value":1}`)}}
	st := &replay.State{}
	if m := st.MatchWait(rec, w, false, true); m.Err != nil || m.Stale != "" {
		t.Errorf("the same: %+v", m)
	}
	w.Question = "better?"
	if m := st.MatchWait(rec, w, false, false); m.Err != nil || m.Stale == "" {
		t.Errorf("another question: %+v", m)
	}
	other := w
	other.Proposal = json.RawMessage(`2`)
	if m := st.MatchWait(rec, other, false, false); m.Err == nil || m.Keep {
		t.Errorf("another proposal: %+v", m)
	}
	rec.Result.Value = json.RawMessage(`{"approved":true,"value":"one"}`)
	if m := st.MatchWait(rec, w, false, false); m.Err == nil {
		t.Errorf("a value that does not have the type: %+v", m)
	}
	if err := replay.MatchKind("ok", pawl.KindApprove, pawl.KindAsk); err == nil || err.Kind != pawl.ErrMismatch {
		t.Errorf("another kind: %v", err)
	}
}

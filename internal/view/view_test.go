package view_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/llm"
)

const (
	token = "tok-walrus-77" // of the input
	pin   = "pin-otter-55"  // of an answer
)

type letterIn struct {
	Topic string `json:"topic"`
	Token string `json:"token" pawl:"sensitive"`
}

type draft struct {
	Text string `json:"text"`
	Pin  string `json:"pin" pawl:"sensitive"`
}

// letter asks twice, leaves a note, and has a person approve; what is sensitive
// appears in prompts, answers, complaints, notes, questions and proposals.
var letter = pawl.New("letter", "Writes a letter.", func(r *pawl.Run, in letterIn) (string, error) {
	d := pawl.Ask(r, "draft", pawl.Messages[draft]("Drafting", llm.User("about "+in.Topic+" with "+in.Token)).
		Gate("has a text", func(d draft) error {
			if d.Text == "" {
				return fmt.Errorf("no text beside %s", d.Pin)
			}
			return nil
		}))
	r.Note("drafted with %s and %s", in.Token, d.Pin)
	greeting := pawl.Ask(r, "greet", pawl.Messages[string]("Greeting", llm.User("greet "+d.Pin)))
	pawl.Approve(r, "send", d, pawl.Asking{Question: "Send it with " + d.Pin + "?", Reasons: []string{"drop"}})
	return greeting, nil
})

// answers gives each step's answers in turn.
func answers(by map[string][]string) llm.Catalog {
	return llm.Catalog{"test": llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		all := by[req.Meta.Key]
		if len(all) == 0 {
			return llm.Response{}, &llm.Error{Kind: llm.Refused, Message: "nothing to say about " + pin}
		}
		by[req.Meta.Key] = all[1:]
		return llm.Response{Text: all[0]}, nil
	})}
}

type fixture struct {
	*view.View
	engine *local.Engine
	id     pawl.RunID
	rec    pawl.RunRecord
}

// started runs the letter until it rests, and looks at it with these flows.
func started(t *testing.T, flows ...pawl.Flow) fixture {
	t.Helper()
	j := checktest.Memory(t)
	e := local.New(&local.Options{Journal: j, Model: "test/one", Models: answers(map[string][]string{
		"draft": {`{"text":"","pin":"` + pin + `"}`, `{"text":"hello","pin":"` + pin + `"}`},
		"greet": {"Dear " + pin},
	})})
	t.Cleanup(func() { e.Close(context.WithoutCancel(t.Context())) })
	id, err := e.Start(t.Context(), letter, json.RawMessage(`{"topic":"tides","token":"`+token+`"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range e.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
	}
	rec, err := e.Get(t.Context(), id)
	if err != nil || rec.Status != pawl.StatusWaiting {
		t.Fatalf("run is %s (%s), %v", rec.Status, rec.Reason, err)
	}
	return fixture{view.New(e, j, flows), e, id, rec}
}

// everything is all that a view returns of a run, as JSON.
func everything(t *testing.T, f fixture) map[string]string {
	t.Helper()
	all := map[string]string{}
	add := func(name string, v any, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(raw)
	}
	ctx := t.Context()
	rec, err := f.Run(ctx, f.id)
	add("run", rec, err)
	list, err := f.List(ctx, pawl.RunFilter{})
	add("list", list, err)
	inbox, err := f.Inbox(ctx, pawl.RunFilter{})
	add("inbox", inbox, err)
	story, err := f.Story(ctx, f.id)
	add("story", story, err)
	for _, key := range []pawl.Key{"draft", "greet", "send"} {
		step, err := f.Step(ctx, f.id, key)
		add("step "+string(key), step, err)
	}
	b, err := f.Blocker(ctx, f.id, pawl.Decision{What: pawl.DecideApprove})
	add("blocker", b, err)
	add("decision", f.Decision(b, pawl.Decision{Comment: "with " + pin, Value: b.Original()}), nil)
	follower, err := f.Follow(ctx, f.id)
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range follower.Events(ctx, 0) {
		add(fmt.Sprintf("event %d, %s", ev.Seq, ev.Type), ev.Event, err)
	}
	add("text", follower.Text("it says "+token+" and "+pin), nil)
	return all
}

// Whatever a view returns holds nothing that the flow calls sensitive, and no value
// at all of a flow that the program does not have.
func TestEverythingIsMasked(t *testing.T) {
	for name, flows := range map[string][]pawl.Flow{"flow known": {letter}, "flow unknown": nil} {
		t.Run(name, func(t *testing.T) {
			all := everything(t, started(t, flows...))
			for what, text := range all {
				for _, secret := range []string{token, pin} {
					if strings.Contains(text, secret) && !(flows == nil && what == "text") {
						t.Errorf("%s shows %s: %s", what, secret, text)
					}
				}
				if flows == nil && strings.Contains(text, "tides") {
					t.Errorf("%s shows a value: %s", what, text)
				}
			}
			if known := strings.Contains(all["list"], `"About":"tides"`); known != (flows != nil) {
				t.Errorf("list: %s", all["list"])
			}
			if known := strings.Contains(all["story"], "drafted with *** and ***"); known != (flows != nil) {
				t.Errorf("story: %s", all["story"])
			}
		})
	}
}

// A step is shown with each prompt as it was sent, and the repair with the answer
// that it repairs.
func TestStepAsSent(t *testing.T) {
	f := started(t, letter)
	s, err := f.Step(t.Context(), f.id, "draft")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Requests) != 2 || len(s.Requests[0].Messages) != 1 || len(s.Requests[1].Messages) != 3 || s.Requests[1].Schema == nil {
		t.Fatalf("requests: %+v", s.Requests)
	}
	if got := s.Requests[0].Messages[0].Text; got != "about tides with ***" {
		t.Errorf("it sent %q", got)
	}
	if _, err := f.Step(t.Context(), f.id, "none"); !errors.Is(err, pawl.ErrNotFound) {
		t.Errorf("an unknown step is %v", err)
	}
}

// Who decides gets the schema and the value that is edited, and is told why a
// decision cannot be taken and what can.
func TestBlocker(t *testing.T) {
	f := started(t, letter)
	b, err := f.Blocker(t.Context(), f.id, pawl.Decision{What: pawl.DecideApprove})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b.Original()), pin) || strings.Contains(string(b.Proposal), pin) {
		t.Errorf("original %s, shown %s", b.Original(), b.Proposal)
	}
	if err := b.Check(json.RawMessage(`{"text":"x"}`)); !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), "pin") {
		t.Errorf("a value without its field: %v", err)
	}
	if err := b.Check(nil); err != nil {
		t.Error(err)
	}
	refused := func(d pawl.Decision, kind pawl.ErrorKind, says string, instead ...pawl.DecisionKind) {
		t.Helper()
		_, err := f.Blocker(t.Context(), f.id, d)
		var r *view.Refusal
		if !errors.As(err, &r) || !errors.Is(err, kind) || !strings.Contains(r.Err.Message, says) {
			t.Fatalf("got %v, wants %s", err, says)
		}
		var got []pawl.DecisionKind
		for _, i := range r.Instead {
			got = append(got, i.Action.Name)
		}
		if fmt.Sprint(got) != fmt.Sprint(instead) {
			t.Errorf("%s: instead %v, wants %v", says, got, instead)
		}
	}
	refused(pawl.Decision{What: pawl.DecideAnswer}, pawl.ErrConflict, "nothing in it waits for answer", pawl.DecideApprove)
	refused(pawl.Decision{Key: "send", What: pawl.DecideSupply}, pawl.ErrInput, "takes approve or reject, not supply", pawl.DecideApprove)
	refused(pawl.Decision{Key: "send", What: pawl.DecideApprove, Digest: "0123"}, pawl.ErrConflict, "is not what was shown", pawl.DecideApprove)
	refused(pawl.Decision{Key: "draft", What: pawl.DecideApprove}, pawl.ErrConflict, `nothing stands in the way of step "draft"`)

	if err := f.engine.Decide(t.Context(), f.id, pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "anna", Digest: b.Digest}); err != nil {
		t.Fatal(err)
	}
	for _, err := range f.engine.Events(t.Context(), f.id, f.rec.LastSeq) {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = f.Blocker(t.Context(), f.id, pawl.Decision{What: pawl.DecideApprove})
	var r *view.Refusal
	if !errors.As(err, &r) || r.Last == nil || r.Last.Who != "anna" {
		t.Errorf("after the decision: %v", err)
	}
}

// A run is found by its id, by the beginning of one if there is only one such run,
// and by being the last.
func TestFind(t *testing.T) {
	f := started(t, letter)
	for name, want := range map[string]pawl.ErrorKind{
		string(f.id): "", string(f.id[:11]): "", view.Last: "", "": pawl.ErrNotFound, "zzz": pawl.ErrNotFound,
	} {
		r, err := f.Find(t.Context(), name)
		switch {
		case want == "" && (err != nil || r.ID != f.id):
			t.Errorf("%q: %s, %v", name, r.ID, err)
		case want != "" && !errors.Is(err, want):
			t.Errorf("%q: %v, wants %s", name, err, want)
		}
	}
	for i := range 32 { // some two begin alike
		id := pawl.RunID(fmt.Sprintf("abc%09d", i))
		if _, err := f.engine.Start(t.Context(), letter, json.RawMessage(`{"topic":"a","token":"b"}`), &pawl.StartOptions{ID: id, Queue: true}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Find(t.Context(), "abc"); !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), "abc000000031 (letter, queued)") || !strings.HasSuffix(err.Error(), " or others") {
		t.Errorf("ambiguous: %v", err)
	}
}

// A list needs no more of a journal than the contract, as the one in memory has it.
func TestListOnAnyJournal(t *testing.T) {
	f := started(t, letter)
	list, err := f.List(t.Context(), pawl.RunFilter{})
	if err != nil || len(list) != 1 || list[0].About != "tides" || list[0].Reason != "Send it with ***?" {
		t.Errorf("%+v, %v", list, err)
	}
}

// What follows a place can be followed, and what came before it folded.
func TestFollow(t *testing.T) {
	f := started(t, letter)
	follower, err := f.Follow(t.Context(), f.id)
	if err != nil {
		t.Fatal(err)
	}
	const upTo = 3
	before, err := follower.Before(t.Context(), upTo)
	if err != nil || len(before) != upTo {
		t.Fatalf("%d events, %v", len(before), err)
	}
	next := pawl.Seq(upTo)
	for ev, err := range follower.Events(t.Context(), upTo) {
		if next++; err != nil || ev.Seq != next || ev.Recorded.Seq != next {
			t.Fatalf("event %d (%d), %v", ev.Seq, ev.Recorded.Seq, err)
		}
	}
	if next != f.rec.LastSeq {
		t.Errorf("it ends with %d of %d", next, f.rec.LastSeq)
	}
}

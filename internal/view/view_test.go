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
	"github.com/pawlrun/pawl/journal"
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
	pawl.Approve(r, "send", d, "Send it with "+d.Pin+"?", pawl.Reasons("drop"))
	return greeting, nil
})

// answers gives each step's answers in turn.
func answers(by map[string][]string) llm.Catalog {
	return llm.Catalog{"test": llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		all := by[req.Meta.Key]
		if len(all) == 0 {
			return llm.Response{}, &llm.Error{Kind: llm.Refused, Message: "nothing to say"}
		}
		by[req.Meta.Key] = all[1:]
		return llm.Response{Text: all[0]}, nil
	})}
}

type fixture struct {
	*view.View
	journal journal.Reader
	engine  *local.Engine
	id      pawl.RunID
	rec     pawl.RunRecord
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
	f := fixture{View: view.New(e, j, flows), journal: j, engine: e}
	f.start(t, letter, `{"topic":"tides","token":"`+token+`"}`)
	if f.rec.Status != pawl.StatusWaiting {
		t.Fatalf("run is %s (%s)", f.rec.Status, f.rec.Reason)
	}
	return f
}

// start runs a flow, guided, until it rests. It is followed from the beginning, when
// nothing of it is known.
func (f *fixture) start(t *testing.T, flow pawl.Flow, input string) {
	t.Helper()
	var err error
	if f.id, err = f.engine.Start(t.Context(), flow, json.RawMessage(input), &pawl.StartOptions{Queue: true}); err != nil {
		t.Fatal(err)
	}
	f.direct(t, pawl.Directive{What: pawl.DirectGuide, Who: "anna", Text: "mention " + token})
	f.direct(t, pawl.Directive{What: pawl.DirectResume, Who: "anna"})
}

// direct steers the run and follows it, as far as it goes then.
func (f *fixture) direct(t *testing.T, d pawl.Directive) {
	t.Helper()
	follower, err := f.Follow(t.Context(), f.id)
	if err == nil {
		err = f.engine.Direct(t.Context(), f.id, d)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.follow(t, follower)
}

// decide is direct with a decision.
func (f *fixture) decide(t *testing.T, d pawl.Decision) {
	t.Helper()
	follower, err := f.Follow(t.Context(), f.id)
	if err == nil {
		err = f.engine.Decide(t.Context(), f.id, d)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.follow(t, follower)
}

// follow checks that nothing sensitive is shown of the run's new events.
func (f *fixture) follow(t *testing.T, follower *view.Follower) {
	t.Helper()
	for ev, err := range follower.Events(t.Context(), f.rec.LastSeq) {
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{token, pin} {
			if strings.Contains(string(ev.Body), secret) {
				t.Errorf("followed live, event %d (%s) shows %s: %s", ev.Seq, ev.Type, secret, ev.Body)
			}
			if ev.Type == pawl.EventAttempt && f.Flow("letter") != nil && strings.Contains(follower.Text(string(ev.Recorded.Body)), secret) {
				t.Errorf("followed live, a text of event %d shows %s", ev.Seq, secret)
			}
		}
	}
	var err error
	if f.rec, err = f.engine.Get(t.Context(), f.id); err != nil {
		t.Fatal(err)
	}
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
	list, _, err := f.Select(ctx, view.Selection{})
	add("list", list, err)
	add("about", list[0].About, nil)
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
			if known := all["about"] == `"tides"`; known != (flows != nil) {
				t.Errorf("list: %s", all["about"])
			}
			if known := strings.Contains(all["story"], "drafted with *** and ***"); known != (flows != nil) {
				t.Errorf("story: %s", all["story"])
			}
		})
	}
}

// A search finds no run by what is hidden in it, whether its flow is known or not, although
// the journal would.
func TestSearchFindsNothingHidden(t *testing.T) {
	for name, flows := range map[string][]pawl.Flow{"flow known": {letter}, "flow unknown": nil} {
		f := started(t, flows...)
		if rows, err := f.journal.Runs(t.Context(), pawl.RunFilter{Text: token}); err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		for text, want := range map[string]bool{"TIDES": flows != nil, token: false, token[3:9]: false, string(f.id[2:]): true, "test/one": true, pin: false, "none": false} {
			s := view.Selection{RunFilter: pawl.RunFilter{Text: text, Limit: 1}}
			part, next, err := f.Part(t.Context(), s)
			if err != nil || (len(part) == 1) != want || next != "" {
				t.Errorf("%s: a part with %q has %d runs, then %q, %v", name, text, len(part), next, err)
			}
			list, all, err := f.Select(t.Context(), s)
			if err != nil || (len(list) == 1) != want || (all == 1) != want {
				t.Errorf("%s: a selection with %q has %d runs of %d, %v", name, text, len(list), all, err)
			}
		}
	}
}

// quarrel has a person approve something sensitive, and fails with what was proposed
// and with its input.
var quarrel = pawl.New("quarrel", "Fails in the end.", func(r *pawl.Run, in letterIn) (string, error) {
	pawl.Approve(r, "send", draft{"hello", pin}, "Send it?")
	return "", fmt.Errorf("cannot send %s with %s", pin, in.Token)
})

// halves has a person asked in one branch while another fails with the input.
var halves = pawl.New("halves", "Fails beside a question.", func(r *pawl.Run, in letterIn) (string, error) {
	pawl.Parallel(r, "both", pawl.Go("asks", func(r *pawl.Run) error {
		pawl.Approve(r, "send", draft{"hello", pin}, "Send it?")
		return nil
	}), pawl.Go("fails", func(*pawl.Run) error { return fmt.Errorf("cannot log in with %s", in.Token) }))
	return "", nil
})

// What a refusal quotes is hidden, of a view and of an engine.
func TestRefusalsAreMasked(t *testing.T) {
	f := started(t, letter, halves)
	f.rec = pawl.RunRecord{}
	f.start(t, halves, `{"topic":"tides","token":"`+token+`"}`)
	d := pawl.Decision{Key: "both/asks/send", What: pawl.DecideApprove, Who: "anna"}
	_, refused := f.Blocker(t.Context(), f.id, d)
	decided := f.engine.Decide(t.Context(), f.id, d)
	if decided == nil || !strings.Contains(decided.Error(), token) {
		t.Fatalf("the engine says %v", decided)
	}
	for _, err := range []error{refused, f.Error(t.Context(), f.id, decided)} {
		if err == nil || !strings.Contains(err.Error(), "cannot log in with ***") {
			t.Errorf("refused: %v", err)
		}
	}
}

// What was proposed is hidden also when another value was approved in its place.
func TestWhatWasProposedStaysHidden(t *testing.T) {
	f := started(t, letter, quarrel)
	f.rec = pawl.RunRecord{}
	f.start(t, quarrel, `{"topic":"tides","token":"`+token+`"}`)
	f.decide(t, pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "anna", Value: json.RawMessage(`{"text":"a","pin":"another-one"}`)})
	if f.rec.Status != pawl.StatusFailed {
		t.Fatalf("run is %s", f.rec.Status)
	}
	rec, err := f.Run(t.Context(), f.id)
	if err != nil {
		t.Fatal(err)
	}
	story, err := f.Story(t.Context(), f.id)
	if err != nil {
		t.Fatal(err)
	}
	for what, v := range map[string]any{"the record": rec, "the story": story} {
		raw, _ := json.Marshal(v)
		if strings.Contains(string(raw), pin) || strings.Contains(string(raw), token) || !strings.Contains(string(raw), "***") {
			t.Errorf("%s shows %s", what, raw)
		}
	}
}

// What is supplied for a step whose answer is sensitive is as sensitive.
func TestSuppliedIsHidden(t *testing.T) {
	f := started(t, letter)
	f.rec = pawl.RunRecord{}
	f.start(t, letter, `{"topic":"again","token":"`+token+`"}`) // its answers are used up
	b, err := f.Blocker(t.Context(), f.id, pawl.Decision{Key: "draft", What: pawl.DecideSupply})
	if err != nil || !b.Sensitive {
		t.Fatalf("blocker %+v, %v", b, err)
	}
	d := f.Decision(b, pawl.Decision{What: pawl.DecideSupply, Value: json.RawMessage(`{"text":"x","pin":"else"}`)})
	if string(d.Value) != `"***"` {
		t.Errorf("the decision shows %s", d.Value)
	}
}

// late is an engine whose records are from before the run's questions.
type late struct{ pawl.Engine }

func (l late) Get(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	rec, err := l.Engine.Get(ctx, id)
	rec.Blockers, rec.Steps = nil, rec.Steps[:1]
	return rec, err
}

// A blocker that opens between two looks at the run is masked like any other.
func TestBlockerThatHasJustOpened(t *testing.T) {
	f := started(t, letter)
	b, err := view.New(late{f.engine}, f.journal, []pawl.Flow{letter}).Blocker(t.Context(), f.id, pawl.Decision{Key: "send", What: pawl.DecideApprove})
	if err != nil {
		t.Fatal(err)
	}
	if raw, _ := json.Marshal(b); strings.Contains(string(raw), pin) || !strings.Contains(string(b.Original()), pin) {
		t.Errorf("it shows %s", raw)
	}
}

// Lists for those who want ids alone hold nothing else that would have to be masked.
func TestIDsAlone(t *testing.T) {
	f := started(t, letter)
	runs, err := f.Summaries(t.Context(), pawl.RunFilter{})
	if err != nil || len(runs) != 1 || runs[0].ID != f.id || runs[0].Reason != "" {
		t.Errorf("%+v, %v", runs, err)
	}
	items, err := f.Waiting(t.Context(), pawl.RunFilter{})
	if err != nil || len(items) != 1 || items[0].Run != f.id || items[0].Key != "send" || items[0].Question != "" || string(items[0].Proposal) != "null" || len(items[0].Actions) != 3 {
		t.Errorf("%+v, %v", items, err)
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
	if len(s.Requests) != 2 || len(s.Requests[0].Messages) != 2 || len(s.Requests[1].Messages) != 4 || s.Requests[1].Schema == nil {
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
		r, err := f.Find(t.Context(), name, "")
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
	if _, err := f.Find(t.Context(), "abc", ""); !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), "abc000000031 (letter, queued)") || !strings.HasSuffix(err.Error(), " or others") {
		t.Errorf("ambiguous: %v", err)
	}
}

// A list needs no more of a journal than the contract, as the one in memory has it.
func TestListOnAnyJournal(t *testing.T) {
	f := started(t, letter)
	list, _, err := f.Select(t.Context(), view.Selection{})
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

package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

func approve(t *testing.T, open store) {
	m := &Script{}
	e := open(m)
	rec := Finish(t, e, Publish)
	if rec.Status != pawl.StatusWaiting || rec.Reason != "Publish it?" || len(rec.Blockers) != 1 {
		t.Fatalf("run is %s (%s), %d blockers", rec.Status, rec.Reason, len(rec.Blockers))
	}
	b := rec.Blockers[0]
	if b.Kind != pawl.BlockerApproval || b.Key != "publish" || b.Who != "the editor" || string(b.Proposal) != `{"title":"answe","words":3}` || b.Deadline != nil {
		t.Errorf("blocker %+v", b)
	}
	if s := rec.Steps[1]; s.Kind != pawl.KindApprove || s.Boundary != pawl.BoundaryHuman || s.Status != pawl.StepWaiting || s.Purpose != "Publish it?" {
		t.Errorf("step %+v", s)
	}
	inbox, err := e.Inbox(t.Context(), pawl.RunFilter{})
	if err != nil || len(inbox) != 1 || inbox[0].Run != rec.ID || inbox[0].Flow != "publish" || inbox[0].Digest != b.Digest {
		t.Errorf("inbox %+v, %v", inbox, err)
	}

	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Digest: "sha256:00"}), pawl.ErrConflict, "not what was shown")
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "draft", What: pawl.DecideApprove}), pawl.ErrConflict, "nothing stands in the way")
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideAnswer, Value: json.RawMessage("1")}), pawl.ErrInput, "approve or reject")
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideReject, Reason: "mood"}), pawl.ErrInput, "drop or late")
	for value, says := range ordered(map[string]string{
		`{"title":"","words":3}`: "title", `{"title":"T","words":"3"}`: "words", `{"title":"T"}`: "words",
		`{"title":"T","words":-1}`: "is negative", `{"title":"T","words":1,"x":2}`: "x", `nonsense`: "JSON",
	}) {
		Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Value: json.RawMessage(value)}), pawl.ErrInput, says)
	}
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusWaiting || rec.Blockers[0].Digest != b.Digest || rec.Blockers[0].Since != b.Since {
		t.Errorf("refused decisions changed something: run is %s, %+v", rec.Status, rec.Blockers)
	}

	Decide(t, e, rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Digest: b.Digest, Value: json.RawMessage(`{"title":"Tides","words":3}`), Comment: "fine"})
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"Tides by anna"` || len(rec.Blockers) != 0 || m.Calls("draft") != 1 {
		t.Fatalf("run is %s (%s), output %s", rec.Status, rec.Reason, rec.Output)
	}
	if d := rec.Decisions; len(d) != 1 || d[0].What != pawl.DecideApprove || d[0].Who != "anna" || d[0].Comment != "fine" || d[0].Digest != b.Digest || d[0].At.IsZero() {
		t.Errorf("decisions %+v", d)
	}
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideReject}), pawl.ErrConflict, "is done")
	if inbox, err := e.Inbox(t.Context(), pawl.RunFilter{}); err != nil || len(inbox) != 0 {
		t.Errorf("inbox %+v, %v", inbox, err)
	}
}

func reject(t *testing.T, open store) {
	e := open(&Script{})
	rec := Finish(t, e, Publish)
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideReject, Who: "anna"}), pawl.ErrInput, "drop or late")
	Decide(t, e, rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideReject, Reason: "drop", Comment: "not now"})
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusCanceled || rec.Reason != "rejected by anna (drop): not now" || rec.Decisions[0].Reason != "drop" {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
}

func input(t *testing.T, open store) {
	f := pawl.New("f", "Asks for a post.", func(r *pawl.Run, in Topic) (Post, error) {
		return pawl.Input[Post](r, "post", "Which post?"), nil
	})
	e := open(&Script{})
	rec := Finish(t, e, f)
	if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Kind != pawl.BlockerInput {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "post", What: pawl.DecideAnswer}), pawl.ErrInput, "needs a value")
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "post", What: pawl.DecideAnswer, Value: json.RawMessage(`{"words":-1,"title":"T"}`)}), pawl.ErrInput, "is negative")
	Decide(t, e, rec.ID, pawl.Decision{Key: "post", What: pawl.DecideAnswer, Value: json.RawMessage(`{"words":1,"title":"T"}`)})
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || string(rec.Output) != `{"title":"T","words":1}` {
		t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
	}
}

// Null is an answer, and a result supplied by hand, where the type has it.
func inputNull(t *testing.T, open store) {
	f := pawl.New("f", "Asks for what need not be there.", func(r *pawl.Run, in Topic) ([]bool, error) {
		fails := func(context.Context, Topic) (int, error) { return 0, errors.New("no") }
		guests := pawl.Input[*int](r, "guests", "How many guests, if any?")
		pawl.Do(r, "count", in, fails)
		room := pawl.Do(r, "room", in, func(context.Context, Topic) (*int, error) { return nil, errors.New("no") })
		n := pawl.Input[int](r, "n", "How many?")
		return []bool{guests == nil, room == nil, n == 2}, nil
	})
	e := open(&Script{})
	id := Finish(t, e, f).ID
	null := json.RawMessage("null")
	Refused(t, e.Decide(t.Context(), id, pawl.Decision{Key: "guests", What: pawl.DecideAnswer}), pawl.ErrInput, "needs a value")
	Decide(t, e, id, pawl.Decision{Key: "guests", What: pawl.DecideAnswer, Value: null})
	Follow(t, e, id)
	Refused(t, e.Decide(t.Context(), id, pawl.Decision{Key: "count", What: pawl.DecideSupply, Value: null}), pawl.ErrInput, "is null, wants int")
	Decide(t, e, id, pawl.Decision{Key: "count", What: pawl.DecideSupply, Value: json.RawMessage("1")})
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "room", What: pawl.DecideSupply, Value: null})
	Follow(t, e, id)
	Refused(t, e.Decide(t.Context(), id, pawl.Decision{Key: "n", What: pawl.DecideAnswer, Value: null}), pawl.ErrInput, "null")
	Decide(t, e, id, pawl.Decision{Key: "n", What: pawl.DecideAnswer, Value: json.RawMessage("2")})
	if rec := Follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != "[true,true,true]" {
		t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
	}
}

// Of many who decide at once one wins, and the others learn who that was.
func decidedOnce(t *testing.T, open store) {
	e := open(&Script{})
	rec := Finish(t, e, Publish)
	errs := make(chan error)
	for range 10 {
		go func() {
			errs <- e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: "anna"})
		}()
	}
	won := 0
	for range 10 {
		if err := <-errs; err == nil {
			won++
		} else if !errors.Is(err, pawl.ErrConflict) || !strings.Contains(err.Error(), "approve by anna") && !strings.Contains(err.Error(), "is done") {
			t.Error(err)
		}
	}
	if rec = Follow(t, e, rec.ID); won != 1 || rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 {
		t.Errorf("%d won, run is %s with %d decisions", won, rec.Status, len(rec.Decisions))
	}
}

// A deadline passes while the run is evicted, and the default counts.
func deadlines(t *testing.T, open store) {
	f := pawl.New("f", "Asks with deadlines.", func(r *pawl.Run, in Topic) ([]bool, error) {
		yes := pawl.Approve(r, "yes", "a", "A?", pawl.ApproveAfter(2*time.Second))
		no := pawl.Approve(r, "no", "b", "B?", pawl.Reasons("late"), pawl.RejectAfter(2*time.Second))
		n := pawl.Input[int](r, "n", "N?", pawl.AnswerAfter(2*time.Second, 7))
		return []bool{yes.Approved, yes.Expired, !no.Approved, no.Reason == "late", n == 7}, nil
	})
	e := open(&Script{})
	defer e.Close(t.Context())
	rec := Finish(t, e, f)
	if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Deadline == nil {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	Until(t, "the run is done", func() bool { return Status(t, e, rec.ID).Status == pawl.StatusDone })
	if rec = Status(t, e, rec.ID); rec.Status != pawl.StatusDone || string(rec.Output) != "[true,true,true,true,true]" {
		t.Fatalf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
	}
	if d := rec.Decisions[0]; !d.Expired || d.Who != "the deadline" {
		t.Errorf("decision %+v", d)
	}
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "no", What: pawl.DecideApprove}), pawl.ErrConflict, "is done")
}

// A result supplied by hand is checked like any other, and the flow goes on.
func supply(t *testing.T, open store) {
	f := pawl.New("f", "Outlines.", func(r *pawl.Run, in Topic) (string, error) {
		q := pawl.Messages[Outline]("Outlining", llm.User("Outline")).Gate("short", func(o Outline) error {
			if len(o.Title) > 5 {
				return errors.New("the title is long")
			}
			return nil
		})
		return pawl.Ask(r, "outline", q).Title, nil
	})
	m := &Script{Replies: map[string][]any{"outline": {pawl.ErrGate}}}
	e := open(m)
	rec := Finish(t, e, f)
	if rec.Status != pawl.StatusFailed {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	for value, says := range ordered(map[string]string{
		`{"title":"T","sections":["a"]}`:                "sections",
		`{"title":"Too long","sections":["a","b","c"]}`: "the title is long",
	}) {
		Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "outline", What: pawl.DecideSupply, Value: json.RawMessage(value)}), pawl.ErrInput, says)
	}
	Decide(t, e, rec.ID, pawl.Decision{Key: "outline", What: pawl.DecideSupply, Value: json.RawMessage(`{"title":"T","sections":["a","b","c"]}`)})
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || string(rec.Output) != `"T"` || len(rec.Steps[0].Attempts) != 1 || m.Calls("outline") != 1 {
		t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
	}
}

// retryWhileSiblingsRun: a blocker can be lifted while the run is live.
func retryWhileSiblingsRun(t *testing.T, open store) {
	m := &Script{Latency: time.Second, Replies: map[string][]any{"both/x/quick": {&llm.Error{Kind: llm.Invalid, Message: "bad"}}}}
	f := pawl.New("pair", "Two branches.", func(r *pawl.Run, in Topic) (int, error) {
		pawl.Parallel(r, "both",
			pawl.Go("x", func(r *pawl.Run) error { pawl.Ask(r, "quick", Text("x")); return nil }),
			pawl.Go("y", func(r *pawl.Run) error {
				for range 5 {
					pawl.Ask(r, "slow", Text("y"))
				}
				return nil
			}))
		return 1, nil
	})
	e := open(m, f)
	id := Start(t, e, f)
	Until(t, "a step stands", func() bool { return len(Status(t, e, id).Blockers) == 1 })
	if err := e.Decide(t.Context(), id, pawl.Decision{Key: "both/x/quick", What: pawl.DecideRetry, Who: "me"}); err != nil {
		t.Fatal(err)
	}
	if rec := Follow(t, e, id); rec.Status != pawl.StatusDone || rec.Error != nil {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}

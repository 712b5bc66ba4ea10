package article_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/internal/flowtest"
	"github.com/pawlrun/pawl/llm/offline"
)

var (
	asking  = article.Input{Topic: "Tides", MaxRevisions: 0, Approve: true}
	approve = pawl.Decision{What: pawl.DecideApprove}
	drop    = pawl.Decision{What: pawl.DecideReject, Reason: "drop", Comment: "not our topic"}
	revise  = pawl.Decision{What: pawl.DecideReject, Reason: "revise", Comment: "Say more\nof the sun."}
)

// waits runs the flow up to where a person is asked.
func waits(t *testing.T, model *flowtest.Model, question string) (pawl.Engine, func(pawl.Decision) flowtest.Ran[article.Output]) {
	t.Helper()
	e := flowtest.Engine(t, model, "test")
	ran := flowtest.Follow(t, e, article.Flow, asking)
	ran.Asks("publish", question, "drop", "revise")
	return e, func(d pawl.Decision) flowtest.Ran[article.Output] {
		t.Helper()
		ran = flowtest.Decided(e, ran, d)
		return ran
	}
}

func TestPublishApproved(t *testing.T) {
	model := flowtest.Scripted(t, flowtest.Script{"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {approved}})
	e, decided := waits(t, model, "Publish this article?")
	inbox, err := e.Inbox(t.Context(), pawl.RunFilter{})
	if err != nil || len(inbox) != 1 {
		t.Fatalf("inbox %+v, %v", inbox, err)
	}
	var shown struct{ Title, Text string }
	if err := json.Unmarshal(inbox[0].Proposal, &shown); err != nil || shown.Title != "The Tides" || !strings.HasPrefix(shown.Text, "## The moon\n\ntide") {
		t.Errorf("shows %s, %v", inbox[0].Proposal, err)
	}
	ran := decided(approve).Done()
	if ran.Out.RevisedDraft != draftOf(300, "tide") || ran.Out.Revisions != 0 {
		t.Errorf("output %s, want the draft as it was", flowtest.JSON(ran.Out))
	}
	if keys := model.Keys(); len(keys) != 3 {
		t.Errorf("model calls %v", keys)
	}
}

func TestPublishEdited(t *testing.T) {
	_, decided := waits(t, flowtest.Scripted(t, flowtest.Script{
		"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {denied},
	}), "Publish this article? Its review did not approve it: score 0.4, 1 open issue.")
	edits := approve
	edits.Value = json.RawMessage(`{"title":"Ebb and Flow","text":"Short and mine."}`)
	ran := decided(edits).Done()
	if want := "# Ebb and Flow\n\nShort and mine."; ran.Out.RevisedDraft != want || ran.Out.Markdown() != want {
		t.Errorf("output %q, want %q", ran.Out.RevisedDraft, want)
	}
	if ran.Out.Draft != draftOf(300, "tide") {
		t.Error("the edits changed the first draft")
	}
	if last := ran.Notes[len(ran.Notes)-1]; last != "Edited by anna: 6 words" {
		t.Errorf("last note %q", last)
	}
}

func TestPublishRefusesEditsThatSayNothing(t *testing.T) {
	e, decided := waits(t, flowtest.Scripted(t, flowtest.Script{
		"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {approved},
	}), "Publish this article?")
	runs, err := e.List(t.Context(), pawl.RunFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for value, says := range map[string]string{
		`{"title":" ","text":"x"}`:          "title: is blank",
		`{"title":"x","text":"\n"}`:         "text: is blank",
		`{"title":"x"}`:                     "text",
		`{"title":"x","text":"y","more":1}`: "more",
	} {
		d := pawl.Decision{Key: "publish", What: pawl.DecideApprove, Value: json.RawMessage(value)}
		if err := e.Decide(t.Context(), runs[0].ID, d); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want a complaint about %q", value, err, says)
		}
	}
	decided(approve).Done()
}

func TestPublishDropped(t *testing.T) {
	for name, d := range map[string]pawl.Decision{"said": drop, "by default": {What: pawl.DecideReject, Comment: "not our topic"}} {
		t.Run(name, func(t *testing.T) {
			_, decided := waits(t, flowtest.Scripted(t, flowtest.Script{
				"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {approved},
			}), "Publish this article?")
			if ran := decided(d); ran.Status != pawl.StatusCanceled || ran.Reason != "rejected by anna (drop): not our topic" {
				t.Errorf("run is %s: %s", ran.Status, ran.Reason)
			}
		})
	}
}

func TestPublishRevisedOnce(t *testing.T) {
	script := func() *flowtest.Model {
		return flowtest.Scripted(t, flowtest.Script{
			"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {approved},
			"revise": {draftOf(260, "ebb")}, "review#2": {denied},
		})
	}
	const again = "Publish this article as revised? It is not revised again. Its review did not approve it: score 0.4, 1 open issue."
	t.Run("then approved", func(t *testing.T) {
		model := script()
		_, decided := waits(t, model, "Publish this article?")
		decided(revise).Asks("publish#2", again, "drop", "revise")
		if got := model.User(t, "revise"); !strings.Contains(got, "<issues>\n- Say more\nof the sun.\n</issues>") || !strings.Contains(got, "tide tide") {
			t.Errorf("the request to revise lacks the comment or the draft:\n%s", got)
		}
		ran := decided(approve).Done()
		if ran.Out.RevisedDraft != draftOf(260, "ebb") || ran.Out.Revisions != 1 || ran.Out.FinalReview.Score != 0.4 {
			t.Errorf("output %s", flowtest.JSON(ran.Out))
		}
		if got, want := model.Keys(), []pawl.Key{"outline", "draft", "review", "revise", "review#2"}; !slices.Equal(got, want) {
			t.Errorf("model calls %v, want %v", got, want)
		}
		if !slices.Contains(ran.Notes, "Revised as anna asked: 260 words") {
			t.Errorf("notes %q", ran.Notes)
		}
	})
	t.Run("and again", func(t *testing.T) {
		_, decided := waits(t, script(), "Publish this article?")
		decided(revise).Asks("publish#2", again, "drop", "revise")
		if ran := decided(revise); ran.Status != pawl.StatusCanceled || ran.Reason != "rejected by anna (revise): Say more\nof the sun." {
			t.Errorf("run is %s: %s", ran.Status, ran.Reason)
		}
	})
	t.Run("without a word", func(t *testing.T) {
		model := script()
		_, decided := waits(t, model, "Publish this article?")
		decided(pawl.Decision{What: pawl.DecideReject, Reason: "revise"})
		if got := model.User(t, "revise"); !strings.Contains(got, "<issues>\n- It is not good enough yet: improve what is weakest.\n</issues>") {
			t.Errorf("the request to revise:\n%s", got)
		}
	})
}

// Each engine is a program that is started anew on the same journal.
func TestPublishAcrossRestarts(t *testing.T) {
	j, model := flowtest.Journal(t), flowtest.Record(offline.Model{})
	e := flowtest.EngineOn(t, j, model, "offline")
	ran := flowtest.Follow(t, e, article.Flow, asking)
	for _, d := range []pawl.Decision{revise, approve} {
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		e = flowtest.EngineOn(t, j, model, "offline", article.Flow)
		ran = flowtest.Decided(e, ran, d)
	}
	ran.Done()
	if got, want := model.Keys(), []pawl.Key{"outline", "draft", "review", "revise", "review#2"}; !slices.Equal(got, want) {
		t.Errorf("model calls %v, want %v: each once", got, want)
	}
	if len(ran.Decisions) != 2 || ran.Out.Revisions != 1 {
		t.Errorf("decisions %s", flowtest.JSON(ran.Decisions))
	}
}

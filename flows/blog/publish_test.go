package blog_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/flows/internal/flowtest"
	"github.com/pawlrun/pawl/llm/offline"
)

var (
	asking  = blog.Input{Topic: "Tides", TargetLength: 400, Style: "plain", MinCohesion: 0.7, Approve: true}
	approve = pawl.Decision{What: pawl.DecideApprove}
	revise  = pawl.Decision{What: pawl.DecideReject, Reason: "revise", Comment: "Say more of the sun."}
)

const revised = "# The Sun\n\nIt pulls too."

// revisable is a post that is approved at once and then revised.
func revisable() flowtest.Script {
	s := script()
	s["revise"] = []any{revised + " " + flowtest.Text(97, "sun")}
	return s
}

// waits runs the flow up to where a person is asked.
func waits(t *testing.T, model *flowtest.Model, question string) func(pawl.Decision) flowtest.Ran[blog.Output] {
	t.Helper()
	e := flowtest.Engine(t, model, "test")
	ran := flowtest.Follow(t, e, blog.Flow, asking)
	asked(t, ran, "publish", question)
	return func(d pawl.Decision) flowtest.Ran[blog.Output] {
		t.Helper()
		ran = flowtest.Decided(e, ran, d)
		return ran
	}
}

func asked(t *testing.T, ran flowtest.Ran[blog.Output], key pawl.Key, question string) {
	t.Helper()
	b := ran.Asks(key, question, "drop", "revise")
	if !strings.HasPrefix(string(b.Proposal), `{"title":"The`) && !strings.HasPrefix(string(b.Proposal), `{"title":"Tides","text":"`) {
		t.Errorf("shows %.80s", b.Proposal)
	}
}

func TestPublishApproved(t *testing.T) {
	model := flowtest.Scripted(t, script())
	ran := waits(t, model, "Publish this post?")(approve).Done()
	if ran.Out.Review.FinalVersion != reviewOf(0.9).FinalVersion || ran.Out.BelowBar || len(model.Keys()) != 6 {
		t.Errorf("%d model calls, output %s", len(model.Keys()), flowtest.JSON(ran.Out))
	}
}

func TestPublishEdited(t *testing.T) {
	edits := approve
	edits.Value = json.RawMessage(`{"title":"Ebb and Flow","text":"Short and mine."}`)
	ran := waits(t, flowtest.Scripted(t, script()), "Publish this post?")(edits).Done()
	if want := "# Ebb and Flow\n\nShort and mine."; ran.Out.Markdown() != want {
		t.Errorf("output %q, want %q", ran.Out.Markdown(), want)
	}
	if last := ran.Notes[len(ran.Notes)-1]; last != "Edited by anna: 6 words" {
		t.Errorf("last note %q", last)
	}
}

func TestPublishDropped(t *testing.T) {
	ran := waits(t, flowtest.Scripted(t, script()), "Publish this post?")(pawl.Decision{What: pawl.DecideReject, Comment: "no"})
	if ran.Status != pawl.StatusCanceled || ran.Reason != "rejected by anna (drop): no" {
		t.Errorf("run is %s: %s", ran.Status, ran.Reason)
	}
}

func TestPublishRevisedOnce(t *testing.T) {
	const again = "Publish this post as revised? It is not revised again."
	t.Run("then approved", func(t *testing.T) {
		model := flowtest.Scripted(t, revisable())
		decided := waits(t, model, "Publish this post?")
		asked(t, decided(revise), "publish#2", again)
		got := model.User(t, "revise")
		for _, want := range []string{"<feedback>\nSay more of the sun.\n</feedback>", "final final", "about 400 words", "at least 100 words"} {
			if !strings.Contains(got, want) {
				t.Errorf("the request to revise lacks %q:\n%s", want, got)
			}
		}
		ran := decided(approve).Done()
		if !strings.HasPrefix(ran.Out.Markdown(), revised) || ran.Out.Rounds != 1 {
			t.Errorf("output %s", flowtest.JSON(ran.Out))
		}
		if !slices.Contains(ran.Notes, "Revised as anna asked: 102 words") {
			t.Errorf("notes %q", ran.Notes)
		}
	})
	t.Run("and again", func(t *testing.T) {
		decided := waits(t, flowtest.Scripted(t, revisable()), "Publish this post?")
		asked(t, decided(revise), "publish#2", again)
		if ran := decided(revise); ran.Status != pawl.StatusCanceled || ran.Reason != "rejected by anna (revise): Say more of the sun." {
			t.Errorf("run is %s: %s", ran.Status, ran.Reason)
		}
	})
	t.Run("without a word", func(t *testing.T) {
		model := flowtest.Scripted(t, revisable())
		waits(t, model, "Publish this post?")(pawl.Decision{What: pawl.DecideReject, Reason: "revise", Comment: " \n"})
		if got := model.User(t, "revise"); !strings.Contains(got, "<feedback>\nIt is not good enough yet: improve what is weakest.\n</feedback>") {
			t.Errorf("the request to revise:\n%s", got)
		}
	})
}

// Below the bar the question says so, and the program may be started anew between
// any two decisions.
func TestPublishBelowTheBarAcrossRestarts(t *testing.T) {
	j, model := flowtest.Journal(t), flowtest.Record(offline.Model{})
	e := flowtest.EngineOn(t, j, model, "offline?reject=1")
	ran := flowtest.Follow(t, e, blog.Flow, asking)
	if q := ran.Blockers[0].Question; !strings.HasPrefix(q, "Publish this post? It is below the bar: its last review gave it a cohesion of 0.") || !strings.HasSuffix(q, "wants at least 0.7.") {
		t.Errorf("asks %q", q)
	}
	before := len(model.Keys())
	for _, d := range []pawl.Decision{revise, approve} {
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		e = flowtest.EngineOn(t, j, model, "offline?reject=1", blog.Flow)
		ran = flowtest.Decided(e, ran, d)
	}
	ran.Done()
	if !ran.Out.BelowBar || ran.Out.Rounds != 2 || len(model.Keys()) != before+1 {
		t.Errorf("below bar %v, %d rounds, %d calls after %d", ran.Out.BelowBar, ran.Out.Rounds, len(model.Keys()), before)
	}
	for _, n := range ran.Notes {
		if strings.HasPrefix(n, "Below the bar") {
			t.Errorf("note %q, but the person was asked", n)
		}
	}
}

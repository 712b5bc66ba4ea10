package article_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var asking = article.Input{Topic: "Tides", MaxRevisions: 0, Approve: true}

// atOnce answers for an article that is approved at once.
func atOnce() pawltest.Script {
	return pawltest.Script{"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {approved}}
}

// revisable is one that is then revised.
func revisable() pawltest.Script {
	s := atOnce()
	s["revise"], s["review#2"] = []any{draftOf(260, "ebb")}, []any{denied}
	return s
}

// revise sends what is proposed back.
func revise(key pawl.Key) pawl.Decision {
	return pawl.Decision{Key: key, What: pawl.DecideReject, Reason: "revise", Comment: "Say more\nof the sun."}
}

// asks checks that a run waits for a person, and what she is asked.
func asks(t *testing.T, ran *pawltest.Ran[article.Output], key pawl.Key, question string) {
	t.Helper()
	b := ran.Waits(key).Blocker(key)
	if reasons := []string{"drop", "revise"}; b.Question != question || !slices.Equal(b.Reasons, reasons) {
		t.Errorf("asks %q with reasons %q, want %q with %q", b.Question, b.Reasons, question, reasons)
	}
}

func TestPublishApproved(t *testing.T) {
	ran := pawltest.Run(t, article.Flow, asking, atOnce())
	asks(t, ran, "publish", "Publish this article?")
	var shown struct{ Title, Text string }
	proposal := ran.Blocker("publish").Proposal
	if err := json.Unmarshal(proposal, &shown); err != nil || shown.Title != "The Tides" || !strings.HasPrefix(shown.Text, "## The moon\n\ntide") {
		t.Errorf("shows %s, %v", proposal, err)
	}
	ran.Approve("publish").Done()
	if ran.Out.RevisedDraft != draftOf(300, "tide") || ran.Out.Revisions != 0 {
		t.Errorf("output %s, want the draft as it was", housetest.JSON(ran.Out))
	}
	if calls := ran.Calls(); len(calls) != 3 {
		t.Errorf("model calls %v", calls)
	}
}

func TestPublishEdited(t *testing.T) {
	ran := pawltest.Run(t, article.Flow, asking, pawltest.Script{
		"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {denied},
	})
	asks(t, ran, "publish", "Publish this article? Its review did not approve it: score 0.4, 1 open issue.")
	want := strings.Replace(draftOf(260, "mine"), "# The Tides", "# Ebb and Flow", 1)
	_, text, _ := strings.Cut(want, "\n\n")
	ran.Decide(pawl.Decision{Key: "publish", What: pawl.DecideApprove, Value: edit("Ebb and Flow", text), Who: "anna"}).Done()
	if ran.Out.RevisedDraft != want || ran.Out.Markdown() != want {
		t.Errorf("output %q, want %q", ran.Out.RevisedDraft, want)
	}
	if !ran.Out.Published || ran.Reason != "" {
		t.Errorf("published %t, reason %q: a person approved it", ran.Out.Published, ran.Reason)
	}
	if ran.Out.Draft != draftOf(300, "tide") {
		t.Error("the edits changed the first draft")
	}
	if last := ran.Notes[len(ran.Notes)-1]; last != "Edited by anna: 261 words" {
		t.Errorf("last note %q", last)
	}
}

func TestPublishRefusesEditsThatSayNothing(t *testing.T) {
	ran := pawltest.Run(t, article.Flow, asking, atOnce())
	asks(t, ran, "publish", "Publish this article?")
	for value, says := range map[string]string{
		`{"title":" ","text":"x"}`:          "title: is blank",
		`{"title":"x","text":"\n"}`:         "text: is blank",
		`{"title":"x"}`:                     "text",
		`{"title":"x","text":"y","more":1}`: "more",
	} {
		ran.Refuses(pawl.Decision{Key: "publish", What: pawl.DecideApprove, Value: json.RawMessage(value)}, says)
	}
	ran.Approve("publish").Done()
}

// edit is what a person makes of a proposal.
func edit(title, text string) json.RawMessage {
	return json.RawMessage(housetest.JSON(map[string]string{"title": title, "text": text}))
}

// What the draft's gates refuse of a model they refuse of a person, but nothing that was
// there before: a title that the draft did not have is not counted.
func TestPublishRefusesEditsAsTheDraft(t *testing.T) {
	ran := pawltest.Run(t, article.Flow, asking, atOnce())
	const conclusion = "\n\n## Conclusion\n\nSo it is."
	words := func(n int) string { return strings.TrimSpace(strings.Repeat("tide ", n)) }
	for text, says := range map[string]string{
		words(20) + conclusion:         "text: has ",
		words(500) + conclusion:        "words, wants 250 to 400",
		"## The moon\n\n" + words(300): "text: has no conclusion",
	} {
		ran.Refuses(pawl.Decision{Key: "publish", What: pawl.DecideApprove, Value: edit("Tides", text)}, says)
	}
	ran.Decide(pawl.Decision{Key: "publish", What: pawl.DecideApprove, Value: edit("Tides", words(300)+conclusion)}).Done()

	_, bare, _ := strings.Cut(draftOf(401, "tide"), "\n\n") // nearly all of 400 words, and no title
	if n := len(strings.Fields(strings.ReplaceAll(bare, "#", ""))); n > 400 {
		t.Fatalf("%d words", n)
	}
	script := atOnce()
	script["draft"] = []any{bare}
	ran = pawltest.Run(t, article.Flow, asking, script)
	ran.Decide(pawl.Decision{Key: "publish", What: pawl.DecideApprove, Value: edit("A title of seven words by hand", bare)}).Done()
}

func TestPublishDropped(t *testing.T) {
	ran := pawltest.Run(t, article.Flow, asking, atOnce())
	asks(t, ran, "publish", "Publish this article?")
	ran.Refuses(pawl.Decision{Key: "publish", What: pawl.DecideReject, Comment: "not our topic"}, "drop or revise")
	ran.Reject("publish", "not our topic", "drop").Canceled()
	if ran.Reason != "rejected by the test (drop): not our topic" {
		t.Errorf("canceled for %s", ran.Reason)
	}
}

func TestPublishRevisedOnce(t *testing.T) {
	const again = "Publish this article as revised? It is not revised again. Its review did not approve it: score 0.4, 1 open issue."
	t.Run("then approved", func(t *testing.T) {
		ran := pawltest.Run(t, article.Flow, asking, revisable())
		asks(t, ran, "publish", "Publish this article?")
		asks(t, ran.Decide(revise("publish")), "publish#2", again)
		if got := ran.Asked("revise"); !strings.Contains(got, "<issues>\n- Say more\nof the sun.\n</issues>") || !strings.Contains(got, "tide tide") {
			t.Errorf("the request to revise lacks the comment or the draft:\n%s", got)
		}
		ran.Approve("publish#2").Done()
		if ran.Out.RevisedDraft != draftOf(260, "ebb") || ran.Out.Revisions != 1 || ran.Out.FinalReview.Score != 0.4 {
			t.Errorf("output %s", housetest.JSON(ran.Out))
		}
		if got, want := ran.Calls(), []pawl.Key{"outline", "draft", "review", "revise", "review#2"}; !slices.Equal(got, want) {
			t.Errorf("model calls %v, want %v", got, want)
		}
		if !slices.Contains(ran.Notes, "Revised as the test asked: 260 words") {
			t.Errorf("notes %q", ran.Notes)
		}
	})
	t.Run("and again", func(t *testing.T) {
		ran := pawltest.Run(t, article.Flow, asking, revisable())
		asks(t, ran, "publish", "Publish this article?")
		asks(t, ran.Decide(revise("publish")), "publish#2", again)
		ran.Decide(revise("publish#2")).Canceled()
		if ran.Reason != "rejected by the test (revise): Say more\nof the sun." {
			t.Errorf("canceled for %s", ran.Reason)
		}
	})
	t.Run("without a word", func(t *testing.T) {
		ran := pawltest.Run(t, article.Flow, asking, revisable())
		asks(t, ran, "publish", "Publish this article?")
		ran.Decide(pawl.Decision{Key: "publish", What: pawl.DecideReject, Reason: "revise"})
		if got := ran.Asked("revise"); !strings.Contains(got, "<issues>\n- It is not good enough yet: improve what is weakest.\n</issues>") {
			t.Errorf("the request to revise:\n%s", got)
		}
	})
}

// Each restart is a program that is started anew on the same journal.
func TestPublishAcrossRestarts(t *testing.T) {
	ran := pawltest.Run(t, article.Flow, asking, offline.Model{})
	ran.Waits("publish").Restart(article.Flow).Decide(revise("publish")).Waits("publish#2")
	ran.Restart(article.Flow).Approve("publish#2").Done()
	if got, want := ran.Calls(), []pawl.Key{"outline", "draft", "review", "revise", "review#2"}; !slices.Equal(got, want) {
		t.Errorf("model calls %v, want %v: each once", got, want)
	}
	if len(ran.Decisions) != 2 || ran.Out.Revisions != 1 {
		t.Errorf("decisions %s", housetest.JSON(ran.Decisions))
	}
}

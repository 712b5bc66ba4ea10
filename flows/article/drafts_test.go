package article_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/pawltest"
)

// drafted answers for as many drafts as there are reviews.
func drafted(reviews ...article.Review) pawltest.Script {
	s := pawltest.Script{"outline": {outline}}
	for i, v := range reviews {
		at := "drafts[" + string(rune('0'+i)) + "]/"
		s[pawl.Key(at+"draft")], s[pawl.Key(at+"review")] = []any{draftOf(300, "word"+string(rune('a'+i)))}, []any{v}
	}
	return s
}

func scored(score float64, ok bool) article.Review {
	return article.Review{Issues: []string{"One."}, Suggestions: []string{}, Score: score, Approved: ok}
}

func TestTheBestDraftGoesOn(t *testing.T) {
	for _, c := range []struct {
		reviews []article.Review
		best    string
		says    string
	}{
		{[]article.Review{scored(0.5, true), scored(0.8, true)}, "wordb", "Draft 2 of 2 goes on"},
		{[]article.Review{scored(0.8, true), scored(0.8, true), scored(0.7, true)}, "worda", "Draft 1 of 3 goes on"},
		{[]article.Review{scored(0.9, false), scored(0.6, true)}, "wordb", "Draft 2 of 2 goes on"}, // an approval counts first
	} {
		in := article.Input{Topic: "Tides", Drafts: len(c.reviews)}
		ran := pawltest.Run(t, article.Flow, in, drafted(c.reviews...)).Done()
		if !strings.Contains(ran.Out.RevisedDraft, c.best) || ran.Out.Draft != ran.Out.RevisedDraft || !ran.Out.FinalReview.Approved {
			t.Errorf("%v: ends with %.80q, approved %v", c.reviews, ran.Out.RevisedDraft, ran.Out.FinalReview.Approved)
		}
		if !slices.Contains(ran.Notes, c.says) {
			t.Errorf("%v: notes %q, want %q", c.reviews, ran.Notes, c.says)
		}
	}
}

// If no draft is approved the best is revised, with its own review.
func TestTheBestDraftIsRevised(t *testing.T) {
	s := drafted(scored(0.2, false), article.Review{Issues: []string{"Name the sun."}, Suggestions: []string{}, Score: 0.4})
	s["revise"], s["review"] = []any{draftOf(260, "ebb")}, []any{approved}
	ran := pawltest.Run(t, article.Flow, article.Input{Topic: "Tides", MaxRevisions: 1, Drafts: 2}, s).Done()
	if asked := ran.Asked("revise"); !strings.Contains(asked, "- Name the sun.") || !strings.Contains(asked, "wordb") {
		t.Errorf("the revision was asked\n%s", asked)
	}
	if ran.Out.Revisions != 1 || ran.Out.RevisedDraft != draftOf(260, "ebb") || !ran.Out.FinalReview.Approved {
		t.Errorf("ends with %s", housetest.JSON(ran.Out))
	}
}

// One draft is what it always was: a run that was begun before there were several goes on.
func TestOneDraftKeepsItsKeys(t *testing.T) {
	for _, drafts := range []int{0, 1} {
		in := input
		in.Drafts = drafts
		ran := pawltest.Run(t, article.Flow, in, pawltest.Script{"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {approved}}).Done()
		if got, want := ran.Calls(), []pawl.Key{"outline", "draft", "review"}; !slices.Equal(got, want) {
			t.Errorf("model calls %v, want %v", got, want)
		}
	}
}

func TestDraftsOffline(t *testing.T) {
	for options, revisions := range map[string]int{"": 0, "?reject=1": 1, "?malformed=1": 0, "?fail=1": 0} {
		ran := pawltest.Run(t, article.Flow, article.Input{Topic: "Tides", MaxRevisions: 1, Drafts: 3}, housetest.Offline(options)).Done()
		if ran.Out.Revisions != revisions {
			t.Errorf("%q: %d revisions, want %d", options, ran.Out.Revisions, revisions)
		}
	}
}

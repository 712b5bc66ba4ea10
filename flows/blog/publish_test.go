package blog_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/pawltest"
)

var asking = blog.Input{Topic: "Tides", TargetLength: 400, Style: "plain", MinCohesion: 0.7, Approve: true}

const revised = "# The Sun\n\nIt pulls too."

// revisable is a post that is approved at once and then revised.
func revisable() pawltest.Script {
	s := script()
	s["revise"] = []any{revised + " " + housetest.Text(97, "sun")}
	return s
}

// revise sends what is proposed back.
func revise(key pawl.Key) pawl.Decision {
	return pawl.Decision{Key: key, What: pawl.DecideReject, Reason: "revise", Comment: "Say more of the sun."}
}

// asks checks that a run waits for a person, and what she is asked and shown.
func asks(t *testing.T, ran *pawltest.Ran[blog.Output], key pawl.Key, question string) {
	t.Helper()
	b := ran.Waits(key).Blocker(key)
	if reasons := []string{"drop", "revise"}; b.Question != question || !slices.Equal(b.Reasons, reasons) {
		t.Errorf("asks %q with reasons %q, want %q with %q", b.Question, b.Reasons, question, reasons)
	}
	if !strings.HasPrefix(string(b.Proposal), `{"title":"The`) && !strings.HasPrefix(string(b.Proposal), `{"title":"Tides","text":"`) {
		t.Errorf("shows %.80s", b.Proposal)
	}
}

func TestPublishApproved(t *testing.T) {
	ran := pawltest.Run(t, blog.Flow, asking, script())
	asks(t, ran, "publish", "Publish this post?")
	ran.Approve("publish").Done()
	if ran.Out.Review.FinalVersion != reviewOf(0.9).FinalVersion || ran.Out.BelowBar || len(ran.Calls()) != 6 {
		t.Errorf("%d model calls, output %s", len(ran.Calls()), housetest.JSON(ran.Out))
	}
}

func TestPublishEdited(t *testing.T) {
	ran := pawltest.Run(t, blog.Flow, asking, script())
	asks(t, ran, "publish", "Publish this post?")
	edit := func(words int) pawl.Decision {
		value := housetest.JSON(map[string]string{"title": "Ebb and Flow", "text": housetest.Text(words, "mine")})
		return pawl.Decision{Key: "publish", What: pawl.DecideApprove, Value: json.RawMessage(value), Who: "anna"}
	}
	ran.Refuses(edit(10), "text: has 13 words, wants at least 203")
	ran.Decide(edit(240)).Done()
	if want := "# Ebb and Flow\n\n" + housetest.Text(240, "mine"); ran.Out.Markdown() != want {
		t.Errorf("output %q, want %q", ran.Out.Markdown(), want)
	}
	if last := ran.Notes[len(ran.Notes)-1]; last != "Edited by anna: 243 words" {
		t.Errorf("last note %q", last)
	}
}

func TestPublishDropped(t *testing.T) {
	ran := pawltest.Run(t, blog.Flow, asking, script())
	asks(t, ran, "publish", "Publish this post?")
	ran.Reject("publish", "no", "drop").Canceled()
	if ran.Reason != "rejected by the test (drop): no" {
		t.Errorf("canceled for %s", ran.Reason)
	}
}

func TestPublishRevisedOnce(t *testing.T) {
	const again = "Publish this post as revised? It is not revised again."
	t.Run("then approved", func(t *testing.T) {
		ran := pawltest.Run(t, blog.Flow, asking, revisable())
		asks(t, ran, "publish", "Publish this post?")
		asks(t, ran.Decide(revise("publish")), "publish#2", again)
		got := ran.Asked("revise")
		for _, want := range []string{"<feedback>\nSay more of the sun.\n</feedback>", "final final", "about 400 words", "at least 100 words"} {
			if !strings.Contains(got, want) {
				t.Errorf("the request to revise lacks %q:\n%s", want, got)
			}
		}
		ran.Approve("publish#2").Done()
		if !strings.HasPrefix(ran.Out.Markdown(), revised) || ran.Out.Rounds != 1 {
			t.Errorf("output %s", housetest.JSON(ran.Out))
		}
		if !slices.Contains(ran.Notes, "Revised as the test asked: 102 words") {
			t.Errorf("notes %q", ran.Notes)
		}
	})
	t.Run("and again", func(t *testing.T) {
		ran := pawltest.Run(t, blog.Flow, asking, revisable())
		asks(t, ran, "publish", "Publish this post?")
		asks(t, ran.Decide(revise("publish")), "publish#2", again)
		ran.Decide(revise("publish#2")).Canceled()
		if ran.Reason != "rejected by the test (revise): Say more of the sun." {
			t.Errorf("canceled for %s", ran.Reason)
		}
	})
	t.Run("without a word", func(t *testing.T) {
		ran := pawltest.Run(t, blog.Flow, asking, revisable())
		asks(t, ran, "publish", "Publish this post?")
		ran.Decide(pawl.Decision{Key: "publish", What: pawl.DecideReject, Reason: "revise", Comment: " \n"})
		if got := ran.Asked("revise"); !strings.Contains(got, "<feedback>\nIt is not good enough yet: improve what is weakest.\n</feedback>") {
			t.Errorf("the request to revise:\n%s", got)
		}
	})
}

// Below the bar the question says so, and the program may be started anew between
// any two decisions.
func TestPublishBelowTheBarAcrossRestarts(t *testing.T) {
	ran := pawltest.Run(t, blog.Flow, asking, housetest.Offline("?reject=1"))
	if q := ran.Blocker("publish").Question; !strings.HasPrefix(q, "Publish this post? It is below the bar: its last review gave it a cohesion of 0.") || !strings.HasSuffix(q, "wants at least 0.7.") {
		t.Errorf("asks %q", q)
	}
	before := len(ran.Calls())
	ran.Waits("publish").Restart(blog.Flow).Decide(revise("publish")).Waits("publish#2")
	ran.Restart(blog.Flow).Approve("publish#2").Done()
	if !ran.Out.Published || ran.Reason != "" {
		t.Errorf("published %t, reason %q: a person approved it", ran.Out.Published, ran.Reason)
	}
	if !ran.Out.BelowBar || ran.Out.Rounds != 2 || len(ran.Calls()) != before+1 {
		t.Errorf("below bar %v, %d rounds, %d calls after %d", ran.Out.BelowBar, ran.Out.Rounds, len(ran.Calls()), before)
	}
	for _, n := range ran.Notes {
		if strings.HasPrefix(n, "Below the bar") {
			t.Errorf("note %q, but the person was asked", n)
		}
	}
}

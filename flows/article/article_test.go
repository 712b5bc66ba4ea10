package article_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/flows/internal/prose"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	outline  = article.Outline{Title: "The Tides", Sections: []string{"The moon", "The sun", "Conclusion"}}
	approved = article.Review{Issues: []string{}, Suggestions: []string{"Add a chart."}, Score: 0.9, Approved: true}
	denied   = article.Review{Issues: []string{"The sun\nis missing."}, Suggestions: []string{}, Score: 0.4}
	input    = article.Input{Topic: "Tides", MaxRevisions: 1}
)

// draftOf returns a draft of n words whose body repeats one.
func draftOf(n int, word string) string {
	return "# The Tides\n\n## The moon\n\n" + housetest.Text(n-6, word) + "\n\n## Conclusion\n\n" + word + "."
}

func TestDraftOfHasThatManyWords(t *testing.T) {
	if n := len(strings.Fields(strings.NewReplacer("#", "").Replace(draftOf(300, "tide")))); n != 300 {
		t.Fatalf("has %d words", n)
	}
}

func TestApprovedAtOnce(t *testing.T) {
	script := pawltest.Script{
		"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {approved},
	}
	ran := pawltest.Run(t, article.Flow, input, script).Done()

	if got, want := ran.Calls(), []pawl.Key{"outline", "draft", "review"}; !slices.Equal(got, want) {
		t.Errorf("model calls %v, want %v", got, want)
	}
	want := article.Output{
		Outline: outline, Draft: draftOf(300, "tide"), Review: approved,
		RevisedDraft: draftOf(300, "tide"), FinalReview: approved, Revisions: 0,
	}
	if diff := cmp.Diff(want, ran.Out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	notes := []string{
		`Outline: "The Tides", 3 sections: The moon; The sun; Conclusion`,
		"Draft: 300 words",
		"Review 1: score 0.9, approved",
		"Suggested edit: Add a chart.",
	}
	if diff := cmp.Diff(notes, ran.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	var purposes []string
	for _, s := range ran.Steps {
		purposes = append(purposes, s.Purpose)
	}
	if diff := cmp.Diff([]string{"Planning outline", "Writing draft", "Reviewing draft"}, purposes); diff != "" {
		t.Errorf("purposes (-want +got):\n%s", diff)
	}
}

func TestARevisionResolvesIssues(t *testing.T) {
	script := pawltest.Script{
		"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {denied},
		"revise": {draftOf(260, "ebb")}, "review#2": {approved},
	}
	ran := pawltest.Run(t, article.Flow, input, script).Done()

	if got, want := ran.Calls(), []pawl.Key{"outline", "draft", "review", "revise", "review#2"}; !slices.Equal(got, want) {
		t.Errorf("model calls %v, want %v", got, want)
	}
	revise := ran.Asked("revise")
	for _, want := range []string{"The sun\nis missing.", "tide tide", "250 to 400 words"} {
		if !strings.Contains(revise, want) {
			t.Errorf("the request to revise lacks %q:\n%s", want, revise)
		}
	}
	if second := ran.Asked("review#2"); !strings.Contains(second, "ebb ebb") || strings.Contains(second, "tide tide") {
		t.Errorf("the second review is not about the revised draft alone:\n%s", second)
	}
	want := article.Output{
		Outline: outline, Draft: draftOf(300, "tide"), Review: denied,
		RevisedDraft: draftOf(260, "ebb"), FinalReview: approved, Revisions: 1,
	}
	if diff := cmp.Diff(want, ran.Out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	notes := []string{
		`Outline: "The Tides", 3 sections: The moon; The sun; Conclusion`,
		"Draft: 300 words",
		"Review 1: score 0.4, not approved",
		"Issue: The sun is missing.",
		"Revision 1 of at most 1: 260 words",
		"Review 2: score 0.9, approved",
		"Suggested edit: Add a chart.",
	}
	if diff := cmp.Diff(notes, ran.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestNotApprovedAfterTheLastRevisionIsSaid(t *testing.T) {
	for _, most := range []int{0, 1, 5} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			script := pawltest.Script{"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {denied}}
			for n := 1; n <= most; n++ {
				key := ""
				if n > 1 {
					key = fmt.Sprintf("#%d", n)
				}
				script[pawl.Key("revise"+key)] = []any{draftOf(300, fmt.Sprintf("ebb%d", n))}
				script[pawl.Key(fmt.Sprintf("review#%d", n+1))] = []any{denied}
			}
			ran := pawltest.Run(t, article.Flow, article.Input{Topic: "Tides", MaxRevisions: most}, script).Done()
			if ran.Out.Revisions != most || ran.Out.FinalReview.Approved {
				t.Errorf("%d revisions, approved %v", ran.Out.Revisions, ran.Out.FinalReview.Approved)
			}
			if got, want := len(ran.Calls()), 3+2*most; got != want {
				t.Errorf("%d model calls, want %d", got, want)
			}
			for n := 2; n <= most; n++ {
				got := ran.Asked(pawl.Key(fmt.Sprintf("revise#%d", n)))
				if last := fmt.Sprintf("ebb%d ", n-1); !strings.Contains(got, last) || strings.Contains(got, "tide tide") {
					t.Errorf("revision %d is not one of revision %d:\n%s", n, n-1, got)
				}
			}
			last := ran.Notes[len(ran.Notes)-1]
			if !strings.HasPrefix(last, "Not approved after ") || !strings.Contains(last, fmt.Sprintf("%d revision", most)) {
				t.Errorf("last note %q does not say that it was not approved", last)
			}
			if want := "not approved: its last review gave it a score of 0.4 and names 1 open issue"; ran.Reason != want {
				t.Errorf("reason %q, want %q", ran.Reason, want)
			}
		})
	}
}

func TestOfflineWithDefaults(t *testing.T) {
	run := func() *pawltest.Ran[article.Output] {
		return pawltest.RunJSON(t, article.Flow, `{"topic":"Why small steps work"}`, offline.Model{}).Done()
	}
	first, second := run(), run()
	if got, want := string(first.Output), string(second.Output); got != want {
		t.Errorf("two runs differ:\n%s\n%s", got, want)
	}
	if !first.Out.Review.Approved || first.Usage.ModelCalls != 3 {
		t.Errorf("approved %v with %d model calls, want 3", first.Out.Review.Approved, first.Usage.ModelCalls)
	}
	for _, s := range first.Steps {
		if len(s.Attempts) != 1 {
			t.Errorf("%s took %d attempts: %s", s.Key, len(s.Attempts), housetest.JSON(s.Attempts))
		}
	}
}

// Prompts may speak any language: what the checks demand reaches the model with
// the names of the gates.
func TestOfflineKeepsToTheGatesWhateverThePromptsSay(t *testing.T) {
	for _, name := range []string{"", "?reject=1"} {
		ran := pawltest.Run(t, housetest.Wordless(t, article.Flow), input, housetest.Offline(name)).Done()
		for _, s := range ran.Steps {
			if len(s.Attempts) != 1 {
				t.Errorf("%s: %s took %d attempts: %s", name, s.Key, len(s.Attempts), housetest.JSON(s.Attempts))
			}
		}
	}
}

func TestOfflineMisbehaving(t *testing.T) {
	for _, c := range []struct {
		name               string
		calls              int64
		approved, revision bool
	}{
		{"?reject=1", 5, false, true},
		{"?malformed=1", 6, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ran := pawltest.Run(t, article.Flow, input, housetest.Offline(c.name)).Done()
			if ran.Out.FinalReview.Approved != c.approved || ran.Out.Revisions == 1 != c.revision || ran.Usage.ModelCalls != c.calls {
				t.Errorf("approved %v, %d revisions, %d calls; want %+v", ran.Out.FinalReview.Approved, ran.Out.Revisions, ran.Usage.ModelCalls, c)
			}
			for _, s := range ran.Steps {
				for _, a := range s.Attempts {
					for _, g := range a.Gates {
						if !g.OK && c.name == "?reject=1" {
							t.Errorf("gate %q of %s complains %q", g.Name, s.Key, g.Detail)
						}
					}
				}
			}
		})
	}
}

func TestRefusalFailsTheStep(t *testing.T) {
	for _, key := range []pawl.Key{"outline", "draft", "review"} {
		t.Run(string(key), func(t *testing.T) {
			script := pawltest.Script{"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {approved}}
			script[key] = []any{&llm.Error{Kind: llm.Refused, Message: "I cannot help with that."}}
			ran := pawltest.Run(t, article.Flow, input, script)
			ran.Failed(key, pawl.ErrorKind(llm.Refused))
			if keys := ran.Calls(); keys[len(keys)-1] != key || len(ran.Step(key).Attempts) != 1 {
				t.Errorf("model calls %v, want one of %q as the last", keys, key)
			}
		})
	}
}

func TestMarkdownBeginsWithATitle(t *testing.T) {
	for _, c := range []struct{ draft, want string }{
		{"# Mine\n\ntext\n", "# Mine\n\ntext"},
		{"## Part\n\ntext", "# The Tides\n\n## Part\n\ntext"},
		{"#hashtag", "# The Tides\n\n#hashtag"},
	} {
		out := article.Output{Outline: outline, Draft: "old", RevisedDraft: c.draft}
		if got := out.Markdown(); got != c.want {
			t.Errorf("Markdown() = %q, want %q", got, c.want)
		}
	}
	raw := []byte(housetest.JSON(article.Output{Outline: outline, Draft: "a", RevisedDraft: "# b", Review: approved, FinalReview: approved}))
	if text, ok := article.Flow.Markdown(raw); !ok || text != "# b" {
		t.Errorf("Flow.Markdown = %q, %v", text, ok)
	}
}

func TestEveryAnswerHasALimit(t *testing.T) {
	ran := pawltest.Run(t, article.Flow, input, housetest.Offline("?reject=1")).Done()
	keys := map[string]bool{}
	for _, req := range ran.Requests() {
		keys[req.Meta.Key] = true
		if least := prose.Tokens(50); req.MaxTokens < least || req.MaxTokens > prose.Tokens(1000) {
			t.Errorf("%s: %d tokens", req.Meta.Key, req.MaxTokens)
		}
	}
	if !keys["outline"] || !keys["draft"] || !keys["review"] || !keys["revise"] {
		t.Errorf("asked %v", keys)
	}
}

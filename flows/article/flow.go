package article

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

//go:embed *.go prompts
var files embed.FS

var (
	outlineP = pawl.MustPrompt[outlineData, Outline](files, "prompts/outline.md")
	draftP   = pawl.MustPrompt[draftData, string](files, "prompts/draft.md")
	reviewP  = pawl.MustPrompt[reviewData, Review](files, "prompts/review.md")
	reviseP  = pawl.MustPrompt[reviseData, string](files, "prompts/revise.md")
)

// Flow plans, writes, reviews and, if needed, revises a short article.
var Flow = pawl.New("article", "Plan, write, review and, if needed, revise a short article.", article,
	pawl.Prompts(outlineP, draftP, reviewP, reviseP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "chain and refine", Visible: "the outline, each draft's length and what its review found, and what a person decided",
		Why: "a reviewer finds what a writer overlooks, and a plan can be judged before the text is paid for"},
	pawl.Example(Input{Topic: "Why small steps work", MaxRevisions: 1}))

// The data of prompts is flat: a prompt that leaves out a field of its data does
// not load, and that check does not look into fields.

type outlineData struct {
	Topic string
}

type draftData struct {
	Topic    string
	Title    string
	Sections []string
}

type reviewData struct {
	Topic    string
	Title    string
	Sections []string
	Draft    string
}

type reviseData struct {
	Topic       string
	Title       string
	Sections    []string
	Draft       string
	Issues      []string
	Suggestions []string
}

func article(r *pawl.Run, in Input) (Output, error) {
	out := Output{}
	out.Outline = pawl.Ask(r, "outline", outlineP.With(outlineData{in.Topic}).
		Items("sections", minSections, maxSections).
		Gate("section names of at most 10 words", shortNames).
		MaxTokens(prose.Tokens(100)))
	noteOutline(r, out.Outline)

	out.Draft, out.Review = firstDraft(r, in, out.Outline)
	out.RevisedDraft, out.FinalReview = out.Draft, out.Review
	// Not pattern.Refine: that keeps the draft with the best score, and this flow gives the last
	// one, which has taken up all issues, whatever its score.
	for !out.FinalReview.Approved && out.Revisions < in.MaxRevisions {
		revise(r, in, &out, out.FinalReview)
		noteRevision(r, out.Revisions, in.MaxRevisions, out.RevisedDraft)
		out.FinalReview = review(r, in, out.Outline, out.RevisedDraft, out.Revisions+1)
	}
	if in.Approve {
		return out, publish(r, in, &out)
	}
	if !out.FinalReview.Approved {
		noteTurnedDown(r, out)
	}
	return out, nil
}

// checked puts the gates of every draft on a question, and its limit.
func checked(q pawl.Question[string]) pawl.Question[string] {
	return q.Gate("250 to 400 words", length).Gate("Markdown headings", headings).Gate("a conclusion", conclusion).
		MaxTokens(prose.Tokens(2 * maxWords))
}

// revise has the last draft written again.
func revise(r *pawl.Run, in Input, out *Output, v Review) {
	out.RevisedDraft = pawl.Ask(r, "revise", checked(reviseP.With(reviseData{
		in.Topic, out.Outline.Title, out.Outline.Sections, out.RevisedDraft, v.Issues, v.Suggestions,
	})))
	out.Revisions++
}

// review has a draft reviewed, for the nth time, and says what came of it.
func review(r *pawl.Run, in Input, o Outline, draft string, round int) Review {
	v := judge(r, in, o, draft)
	noteReview(r, round, v)
	return v
}

// judge asks for the review of a draft.
func judge(r *pawl.Run, in Input, o Outline, draft string) Review {
	return pawl.Ask(r, "review", reviewP.With(reviewData{in.Topic, o.Title, o.Sections, draft}).
		Gate("at least 1 issue unless approved", issuesUnlessApproved).
		MaxTokens(prose.Tokens(2*maxWords))) // as much as is reviewed
}

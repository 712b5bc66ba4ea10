// Package bloghelper is a workflow that helps with a blog post: it brainstorms ideas, outlines
// the best one, drafts it, and revises the draft until the critic lets it pass. README.md beside
// it explains it on a page.
package bloghelper

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

var (
	brainstormP = pawl.MustPrompt[brainstormData, Ideas](files, "prompts/brainstorm.md")
	outlineP    = pawl.MustPrompt[outlineData, Outline](files, "prompts/outline.md")
	draftP      = pawl.MustPrompt[draftData, string](files, "prompts/draft.md")
	critiqueP   = pawl.MustPrompt[critiqueData, Critique](files, "prompts/critique.md")
	reviseP     = pawl.MustPrompt[reviseData, string](files, "prompts/revise.md")
)

// Flow helps with a blog post.
var Flow = pawl.New("blog-helper", "Brainstorm, outline, draft, critique and revise a blog post.", blogHelper,
	pawl.Prompts(brainstormP, outlineP, draftP, critiqueP, reviseP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "chain and refine", Visible: "the ideas with their scores, which one was taken, and each critique",
		Why: "each step can be judged before the next is paid for, and the best draft is kept whatever the last one is"},
	pawl.Example(Input{Topic: "Why small steps work", Audience: "people who learn to program", MaxRevisions: 2}))

func blogHelper(r *pawl.Run, in Input) (Output, error) {
	ideas := pawl.Ask(r, "brainstorm", brainstormP.With(brainstormData{in.Topic, in.Audience}))
	idea := ideas.Best()
	r.Note("Idea: %s (%g of 1, the best of %d)", prose.Line(idea.Angle), idea.Score, len(ideas.Ideas))

	outline := pawl.Ask(r, "outline", outlineP.With(outlineData{in.Topic, in.Audience, idea.Angle}))
	first := pawl.Ask(r, "draft", checked(draftP.With(draftData{in.Topic, in.Audience, idea.Angle, outline.Title, outline.Sections})))
	done := pattern.Refine(r, in.MaxRevisions, first,
		func(draft string) Critique {
			return pawl.Ask(r, "critique", critiqueP.With(critiqueData{in.Topic, in.Audience, idea.Angle, outline.Sections, draft}))
		},
		func(draft string, c Critique) string {
			return pawl.Ask(r, "revise", checked(reviseP.With(reviseData{in.Audience, idea.Angle, draft, c.Issues})))
		})
	return Output{idea, outline, done.Best, done.Review, done.Revisions}, nil
}

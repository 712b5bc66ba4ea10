// Package email is a workflow that writes an email, has it reviewed and revises it until the
// reviewer lets it pass. README.md beside it explains it on a page.
package email

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

var (
	writeP  = pawl.MustPrompt[writeData, Email](files, "prompts/write.md")
	reviewP = pawl.MustPrompt[reviewData, Review](files, "prompts/review.md")
	reviseP = pawl.MustPrompt[reviseData, Email](files, "prompts/revise.md")
)

// Flow writes an email.
var Flow = pawl.New("email", "Write an email, have it reviewed and revise it until it is good.", email,
	pawl.Prompts(writeP, reviewP, reviseP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "refine", Visible: "each draft with its score and what was wrong with it",
		Why: "a reviewer finds what a writer overlooks, and the best draft is kept whatever the last one is"},
	pawl.Example(Input{To: "Ada", About: "The meeting moves from Thursday to Friday at ten.", Tone: "friendly", MaxRevisions: 2}))

func email(r *pawl.Run, in Input) (Output, error) {
	first := pawl.Ask(r, "write", checked(writeP.With(writeData{in.To, in.About, in.Tone})))
	done := pattern.Refine(r, in.MaxRevisions, first,
		func(e Email) Review {
			return pawl.Ask(r, "review", reviewP.With(reviewData{in.To, in.About, in.Tone, e.Subject, e.Body}))
		},
		func(e Email, v Review) Email {
			return pawl.Ask(r, "revise", checked(reviseP.With(reviseData{in.To, in.About, in.Tone, e.Subject, e.Body, v.Issues})))
		})
	return Output{Email: done.Best, Review: done.Review, Revisions: done.Revisions}, nil
}

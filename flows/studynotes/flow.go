// Package studynotes is a workflow that makes study notes of a text: key concepts, notes on each
// of them side by side, a summary and a quiz, reviewed against the text. README.md beside it
// explains it on a page.
package studynotes

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

var (
	planP    = pawl.MustPrompt[planData, Plan](files, "prompts/plan.md")
	noteP    = pawl.MustPrompt[noteData, Points](files, "prompts/note.md")
	summaryP = pawl.MustPrompt[summaryData, string](files, "prompts/summary.md")
	quizP    = pawl.MustPrompt[quizData, Quiz](files, "prompts/quiz.md")
	reviewP  = pawl.MustPrompt[reviewData, Review](files, "prompts/review.md")
)

// Flow makes study notes.
var Flow = pawl.New("study-notes", "Make study notes of a text, with a quiz, and review them against it.", studyNotes,
	pawl.Prompts(planP, noteP, summaryP, quizP, reviewP), pawl.Sources(files),
	pawl.Doc{Level: "intermediate", Pattern: "orchestrate", Visible: "the key concepts, the notes on each, the summary, the quiz and what the reviewer found",
		Why: "what the concepts are is only known once the text is read, and who did not write the notes checks them against it"},
	pawl.Example(Input{Text: "The tides follow the moon. Twice a day the sea rises and falls. The sun pulls as well, but less: when both pull the same way, the tide is a spring tide.", Level: "beginner"}))

func studyNotes(r *pawl.Run, in Input) (Output, error) {
	done := pattern.Orchestrate(r, pattern.Orchestra[Plan, Concept, Note, string]{
		Plan:  planP.With(planData(in)),
		Parts: func(p Plan) []Concept { return p.Concepts },
		Work: func(r *pawl.Run, c Concept) (Note, error) {
			answer := pawl.Ask(r, "note", noteP.With(noteData{in.Text, in.Level, c.Name, c.Focus}))
			return Note{Concept: c.Name, Points: answer.Points}, nil
		},
		Join: func(p Plan, notes []Note) pawl.Question[string] {
			return summaryP.With(summaryData{p.Title, in.Level, notes}).
				Gate("30 to 200 words", func(s string) error { return prose.WordsBetween(s, 30, 200) })
		},
	}, pawl.By(Concept.Key), pawl.Limit(4))

	quiz := pawl.Ask(r, "quiz", quizP.With(quizData{in.Level, done.Joined, done.Parts}))
	review := pawl.Ask(r, "review", reviewP.With(reviewData{in.Text, in.Level, done.Joined, done.Parts, quiz.Questions}))
	r.Note("Difficulty: %s; not in the text: %s", review.Difficulty, prose.Count(len(review.Unsupported), "statement"))
	return Output{done.Plan.Title, done.Joined, done.Parts, quiz.Questions, review}, nil
}

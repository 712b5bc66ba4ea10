package article

import (
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// publish puts the last draft before a person. It returns an error if they turn
// it down, for the second time if they had it revised.
func publish(r *pawl.Run, in Input, out *Output) error {
	for again := false; ; again = true {
		answer := pawl.Approve(r, "publish", prose.PieceOf(out.RevisedDraft, out.Outline.Title), question(*out, again),
			pawl.Reasons(prose.Drop, prose.Revise), pawl.Check("as the draft", asDraft(out.RevisedDraft)))
		if answer.Edited {
			out.RevisedDraft = answer.Value.Markdown()
			noteEdited(r, answer.Who, out.RevisedDraft)
		}
		out.Published = answer.Approved
		if answer.Approved || again || answer.Reason != prose.Revise {
			return answer.Err()
		}
		asked := out.FinalReview
		asked.Issues = nil
		if !prose.Blank(answer.Comment) {
			asked.Issues = []string{answer.Comment}
		}
		asked.Issues = append(asked.Issues, out.FinalReview.Issues...)
		revise(r, in, out, asked)
		noteAsked(r, answer.Who, out.RevisedDraft)
		out.FinalReview = review(r, in, out.Outline, out.RevisedDraft, out.Revisions+1)
	}
}

// asDraft has an edited article keep to what is asked of a draft. A title counts as part
// of it if it stood in the draft.
func asDraft(draft string) func(prose.Piece) error {
	return func(p prose.Piece) error {
		text := p.Text
		if prose.PieceOf(draft, "").Title != "" {
			text = p.Markdown()
		}
		var problems []error
		for _, gate := range []func(string) error{length, headings, conclusion} {
			if err := gate(text); err != nil {
				problems = append(problems, fmt.Errorf("text: %w", err))
			}
		}
		return errors.Join(problems...)
	}
}

func question(out Output, again bool) string {
	q := "Publish this article?"
	if again {
		q = "Publish this article as revised? It is not revised again."
	}
	if v := out.FinalReview; !v.Approved {
		q += fmt.Sprintf(" Its review did not approve it: score %g, %s.", v.Score, prose.Count(len(v.Issues), "open issue"))
	}
	return q
}

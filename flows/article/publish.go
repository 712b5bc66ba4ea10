package article

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// publish puts the last draft before a person. It returns an error if they turn
// it down, for the second time if they had it revised.
func publish(r *pawl.Run, in Input, out *Output) error {
	for again := false; ; again = true {
		answer := pawl.Approve(r, "publish", prose.PieceOf(out.RevisedDraft, out.Outline.Title), question(*out, again), pawl.Reasons(prose.Drop, prose.Revise))
		if answer.Edited {
			out.RevisedDraft = answer.Value.Markdown()
			noteEdited(r, answer.Who, out.RevisedDraft)
		}
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

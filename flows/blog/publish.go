package blog

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// reviseData fills revise.md.
type reviseData struct {
	Topic    string
	Style    string
	Audience string
	Post     string // as it was turned down
	Feedback string // of who turned it down; may be empty
	Words    int    // of the post
	Least    int    // words
}

// publish puts the final version before a person. It returns an error if they
// turn it down, for the second time if they had it revised.
func publish(r *pawl.Run, in Input, out *Output) error {
	least := leastOf(out.Sections)
	for again := false; ; again = true {
		answer := pawl.Approve(r, "publish", prose.PieceOf(out.Review.FinalVersion, in.Topic), question(in, *out, again),
			pawl.Reasons(prose.Drop, prose.Revise), pawl.Check(fmt.Sprintf("at least %d words", least), ofWords(least)))
		if answer.Edited {
			out.Review.FinalVersion = answer.Value.Markdown()
			noteEdited(r, answer.Who, out.Review.FinalVersion)
		}
		out.Published = answer.Approved
		if answer.Approved || again || answer.Reason != prose.Revise {
			return answer.Err()
		}
		least = leastRevised(out.Review.FinalVersion)
		out.Review.FinalVersion = revise(r, in, *out, answer.Comment, least)
		noteAsked(r, answer.Who, out.Review.FinalVersion)
	}
}

// ofWords has an edited post keep to what was asked of the one that was shown.
func ofWords(least int) func(prose.Piece) error {
	return func(p prose.Piece) error {
		if err := prose.WordsAtLeast(p.Markdown(), least); err != nil {
			return fmt.Errorf("text: %w", err)
		}
		return nil
	}
}

// leastRevised is how many words a post has at least when it is revised: who wants it
// shorter may have that, but no stub.
func leastRevised(post string) int { return (prose.Words(post) + 3) / 4 }

// revise has the final version written again. The sections were written apart
// and edited into it: what a person wants of the post concerns the whole.
func revise(r *pawl.Run, in Input, out Output, feedback string, least int) string {
	words := prose.Words(out.Review.FinalVersion)
	return pawl.Ask(r, "revise", reviseP.With(reviseData{
		Topic: in.Topic, Style: in.Style, Audience: out.Structure.TargetAudience,
		Post: out.Review.FinalVersion, Feedback: strings.TrimSpace(feedback), Words: words, Least: least,
	}).Gate(fmt.Sprintf("at least %d words", least), func(post string) error { return prose.WordsAtLeast(post, least) }).
		MaxTokens(prose.Tokens(2*words+500)))
}

func question(in Input, out Output, again bool) string {
	q := "Publish this post?"
	if again {
		q = "Publish this post as revised? It is not revised again."
	}
	if out.BelowBar {
		q += fmt.Sprintf(" It is below the bar: its last review gave it a cohesion of %g, wants at least %g.", out.Review.CohesionScore, in.MinCohesion)
	}
	return q
}

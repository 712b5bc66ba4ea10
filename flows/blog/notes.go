package blog

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// The notes are what a reader of the run sees besides the purposes of its
// steps: a line each, whatever a model wrote.

func notePlan(r *pawl.Run, p Plan) {
	sum := 0
	parts := make([]string, len(p.Sections))
	for i, s := range p.Sections {
		sum += s.TargetLength
		parts[i] = fmt.Sprintf("%s (%d)", prose.Line(s.SectionType), s.TargetLength)
	}
	r.Note("Plan: %s, %s: %s", prose.Count(len(parts), "section"), prose.Count(sum, "word"), strings.Join(parts, ", "))
}

func noteSection(r *pawl.Run, what string, j job, of int, s Section) {
	r.Note("Section %d of %d %s: %s, %s of about %d", j.place+1, of, what,
		prose.Line(s.SectionType), prose.Count(prose.Words(s.Content), "word"), j.plan.TargetLength)
}

func noteReview(r *pawl.Run, in Input, round int, v Review) {
	verdict := "approved"
	if v.CohesionScore < in.MinCohesion {
		verdict = "not approved"
	}
	r.Note("Review %d of at most %d: cohesion %g, bar %g, %s", round, maxRounds, v.CohesionScore, in.MinCohesion, verdict)
	for _, e := range v.SuggestedEdits {
		r.Note("Suggested edit of %s: %s", prose.Line(e.SectionName), prose.Line(e.SuggestedEdit))
	}
}

func noteBelowBar(r *pawl.Run, in Input, out Output) {
	r.Note("Below the bar: cohesion %g after %s, wants at least %g; the post is returned as it is",
		out.Review.CohesionScore, prose.Count(out.Rounds, "review"), in.MinCohesion)
}

func noteAsked(r *pawl.Run, who, post string) {
	r.Note("Revised as %s asked: %s", prose.Line(who), prose.Count(prose.Words(post), "word"))
}

func noteEdited(r *pawl.Run, who, post string) {
	r.Note("Edited by %s: %s", prose.Line(who), prose.Count(prose.Words(post), "word"))
}

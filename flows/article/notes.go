package article

import (
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// The notes are what a reader of the run sees besides the purposes of its
// steps: a line each, whatever a model wrote.

func noteOutline(r *pawl.Run, o Outline) {
	names := make([]string, len(o.Sections))
	for i, name := range o.Sections {
		names[i] = prose.Line(name)
	}
	r.Note("Outline: %q, %s: %s", prose.Line(o.Title), prose.Count(len(names), "section"), strings.Join(names, "; "))
}

func noteDraft(r *pawl.Run, draft string) {
	r.Note("Draft: %s", prose.Count(prose.Words(draft), "word"))
}

func noteRevision(r *pawl.Run, n, most int, draft string) {
	r.Note("Revision %d of at most %d: %s", n, most, prose.Count(prose.Words(draft), "word"))
}

func noteAsked(r *pawl.Run, who, draft string) {
	r.Note("Revised as %s asked: %s", prose.Line(who), prose.Count(prose.Words(draft), "word"))
}

func noteEdited(r *pawl.Run, who, draft string) {
	r.Note("Edited by %s: %s", prose.Line(who), prose.Count(prose.Words(draft), "word"))
}

func noteReview(r *pawl.Run, round int, v Review) {
	r.Note("Review %d: score %g, %s", round, v.Score, verdict(v))
	for _, issue := range v.Issues {
		r.Note("Issue: %s", prose.Line(issue))
	}
	for _, suggestion := range v.Suggestions {
		r.Note("Suggested edit: %s", prose.Line(suggestion))
	}
}

func verdict(v Review) string {
	if v.Approved {
		return "approved"
	}
	return "not approved"
}

func noteTurnedDown(r *pawl.Run, out Output) {
	r.Note("Not approved after %s: the last draft is returned as it is, with %s",
		prose.Count(out.Revisions, "revision"), prose.Count(len(out.FinalReview.Issues), "open issue"))
}

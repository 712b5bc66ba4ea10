package article

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// reviewed is a draft with its review.
type reviewed struct {
	Draft  string `json:"draft"`
	Review Review `json:"review"`
}

// firstDraft writes a draft and has it reviewed. Of several, written and reviewed side by side
// under drafts[i]/, it is the best one.
func firstDraft(r *pawl.Run, in Input, o Outline) (string, Review) {
	if in.Drafts <= 1 { // 0: the run was begun before there were several
		draft := pawl.Ask(r, "draft", checked(draftP.With(draftData{in.Topic, o.Title, o.Sections})))
		noteDraft(r, draft)
		return draft, review(r, in, o, draft, 1)
	}
	all := pawl.Map(r, "drafts", make([]struct{}, in.Drafts), func(r *pawl.Run, _ struct{}) (reviewed, error) {
		draft := pawl.Ask(r, "draft", checked(draftP.With(draftData{in.Topic, o.Title, o.Sections})))
		return reviewed{draft, judge(r, in, o, draft)}, nil
	})
	best := 0
	for i, d := range all {
		r.Note("Draft %d: %s, score %g, %s", i+1, prose.Count(prose.Words(d.Draft), "word"), d.Review.Score, verdict(d.Review))
		if better(d.Review, all[best].Review) {
			best = i
		}
	}
	r.Note("Draft %d of %d goes on", best+1, len(all))
	noteReview(r, 1, all[best].Review)
	return all[best].Draft, all[best].Review
}

// better reports whether a review is the better one: an approval counts before the score. Of
// equals the first draft goes on.
func better(v, than Review) bool {
	if v.Approved != than.Approved {
		return v.Approved
	}
	return v.Score > than.Score
}

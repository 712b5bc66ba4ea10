package article

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Input is what to write about.
type Input struct {
	// Topic is required and not blank.
	Topic string `json:"topic" jsonschema:"What the article is about" pawl:"len=1.."`

	// MaxRevisions is 1 if left out of JSON. A given 0 stays: the first draft is
	// then final, whatever the review says.
	MaxRevisions int `json:"max_revisions" jsonschema:"How often a draft that the review turns down is revised" pawl:"min=0,max=5,default=1"`

	Approve bool `json:"approve" jsonschema:"Ask a person before the article is published; they may edit it, drop it or have it revised once" pawl:"default=false"`

	// Drafts is 1 if it is zero or left out.
	Drafts int `json:"drafts,omitempty" jsonschema:"How many first drafts are written side by side; the one with the best review goes on" pawl:"min=1,max=5,default=1"`
}

// Validate refuses a blank topic.
func (in Input) Validate() error {
	if prose.Blank(in.Topic) {
		return errors.New("topic: is blank, wants at least a word on what the article is about")
	}
	return nil
}

// Outline is the plan of an article.
type Outline struct {
	Title    string   `json:"title" jsonschema:"The title of the article" pawl:"len=1.."`
	Sections []string `json:"sections" jsonschema:"3 to 5 short section names in reading order, the last one for the conclusion"`
}

// Review is an editor's verdict on a draft. What it is based on stands before
// the verdict, so that a model writes it first.
type Review struct {
	Issues      []string `json:"issues" jsonschema:"What must change before the article can be published; not empty if it is not approved"`
	Suggestions []string `json:"suggestions" jsonschema:"What could be better still"`
	Score       float64  `json:"score" jsonschema:"Quality of the article from 0 (unusable) to 1 (excellent)" pawl:"min=0,max=1"`
	Approved    bool     `json:"approved" jsonschema:"Whether the article can be published as it is"`
}

// Output is the finished article and how it came about.
type Output struct {
	Outline      Outline `json:"outline" jsonschema:"The plan"`
	Draft        string  `json:"draft" jsonschema:"The first draft; of several the one that went on"`
	Review       Review  `json:"review" jsonschema:"The review of that draft"`
	RevisedDraft string  `json:"revised_draft" jsonschema:"The last draft, which is the first one if nothing was revised, with the edits of who approved it"`
	FinalReview  Review  `json:"final_review" jsonschema:"The review of the last draft"`
	Revisions    int     `json:"revisions" jsonschema:"How many revisions were made"`
	Published    bool    `json:"published" jsonschema:"Whether a person was asked and approved the article, with edits or as it was" pawl:"default=false"`
}

// NotApproved says why neither the last review nor a person approved the article; empty:
// one of them did.
func (o Output) NotApproved() string {
	if v := o.FinalReview; !o.Published && !v.Approved {
		return fmt.Sprintf("its last review gave it a score of %g and names %s", v.Score, prose.Count(len(v.Issues), "open issue"))
	}
	return ""
}

// Markdown returns the finished article. It begins with a title.
func (o Output) Markdown() string {
	text := strings.TrimSpace(o.RevisedDraft)
	if strings.HasPrefix(text, "# ") {
		return text
	}
	return "# " + prose.Line(o.Outline.Title) + "\n\n" + text
}

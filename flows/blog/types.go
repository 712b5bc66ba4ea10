package blog

import (
	"errors"
	"fmt"

	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Input is what to write about, and how.
type Input struct {
	// Topic is required and not blank.
	Topic string `json:"topic" jsonschema:"What the post is about" pawl:"len=1.."`

	// TargetLength is 1000 if it is zero or left out.
	TargetLength int `json:"target_length,omitempty" jsonschema:"Length of the post in words" pawl:"min=100,max=20000,default=1000"`

	// Style is "informative" if it is empty or left out of JSON.
	Style string `json:"style,omitempty" jsonschema:"Style of writing, in a few words" pawl:"len=1..,default=informative"`

	Parallel bool `json:"parallel" jsonschema:"Write all sections at once instead of one after another; none then sees the text of another" pawl:"default=false"`

	// MinCohesion is 0.7 if left out of JSON. A given 0 stays: every post is
	// then above the bar.
	MinCohesion float64 `json:"min_cohesion" jsonschema:"The bar from 0 to 1: sections of a post whose cohesion scores lower are reworked" pawl:"min=0,max=1,default=0.7"`

	Approve bool `json:"approve" jsonschema:"Ask a person before the post is published; they may edit it, drop it or have it revised once" pawl:"default=false"`
}

// Validate refuses a blank topic or style.
func (in Input) Validate() error {
	var problems []error
	if prose.Blank(in.Topic) {
		problems = append(problems, errors.New("topic: is blank, wants at least a word on what the post is about"))
	}
	if prose.Blank(in.Style) {
		problems = append(problems, errors.New("style: is blank, wants a few words such as \"informative\""))
	}
	return errors.Join(problems...)
}

// Plan is the structure of a post.
type Plan struct {
	TopicAnalysis  string        `json:"topic_analysis" jsonschema:"What the topic comes down to and which angle the post takes"`
	TargetAudience string        `json:"target_audience" jsonschema:"Who the post is for, in one sentence"`
	Sections       []PlanSection `json:"sections" jsonschema:"1 to 20 sections in reading order"`
}

// PlanSection is what a section is to be.
type PlanSection struct {
	SectionType string `json:"section_type" jsonschema:"What kind of section it is, in a word or two, for instance one of: introduction, explanation, example, conclusion" pawl:"len=1.."`
	Description string `json:"description" jsonschema:"What the section covers"`
	StyleGuide  string `json:"style_guide" jsonschema:"How the section is written: tone, devices, things to avoid"`

	// The bound is 120 percent of the longest post.
	TargetLength int `json:"target_length" jsonschema:"Length of the section in words" pawl:"min=1,max=24000"`
}

// Draft is a section as a model writes it.
type Draft struct {
	Content   string   `json:"content" jsonschema:"The text of the section, without its heading"`
	KeyPoints []string `json:"key_points" jsonschema:"The points that the section makes"`
}

// Section is a written section of the plan.
type Section struct {
	SectionType string   `json:"section_type" jsonschema:"The section's type in the plan"`
	Content     string   `json:"content" jsonschema:"The text of the section"`
	KeyPoints   []string `json:"key_points" jsonschema:"The points that the section makes"`
}

// Review is an editor's view of all sections as one post. The edits stand
// before the score that they explain, so that a model writes them first.
type Review struct {
	SuggestedEdits []Edit  `json:"suggested_edits" jsonschema:"Changes that would make the sections hang together better"`
	CohesionScore  float64 `json:"cohesion_score" jsonschema:"How well the sections hang together, from 0 (not at all) to 1 (as one text)" pawl:"min=0,max=1"`
	FinalVersion   string  `json:"final_version" jsonschema:"The whole post, edited and ready to publish, in Markdown with a title and a heading for each section"`
}

// Edit is a change to a section, or to all sections of one type.
type Edit struct {
	SectionName   string `json:"section_name" jsonschema:"The section_type of the section to change, exactly as in the plan"`
	SuggestedEdit string `json:"suggested_edit" jsonschema:"What to change and why"`
}

// Output is the finished post and how it came about.
type Output struct {
	Structure Plan      `json:"structure" jsonschema:"The plan"`
	Sections  []Section `json:"sections" jsonschema:"The sections in the order of the plan, as last written"`
	Review    Review    `json:"review" jsonschema:"The last review, with the final version of the post: as its review left it, revised and edited if whoever approved it wanted that"`
	Rounds    int       `json:"rounds" jsonschema:"How many times the post was reviewed"`
	BelowBar  bool      `json:"below_bar" jsonschema:"Whether the cohesion score of the last review is below min_cohesion"`
	Published bool      `json:"published" jsonschema:"Whether a person was asked and approved the post, with edits or as it was" pawl:"default=false"`
}

// NotApproved says why neither the last review nor a person approved the post; empty: one
// of them did.
func (o Output) NotApproved() string {
	if o.BelowBar && !o.Published {
		return fmt.Sprintf("it is below the bar, its last review gave it a cohesion of %g", o.Review.CohesionScore)
	}
	return ""
}

// Markdown returns the finished post: the final version of the last review.
func (o Output) Markdown() string { return o.Review.FinalVersion }

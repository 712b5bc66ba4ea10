package blog

import (
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// reviewData fills review.md.
type reviewData struct {
	Topic       string
	Style       string
	Audience    string
	Sections    []Section
	Types       []string // each once
	MinCohesion float64
	Words       int // of the sections together, which the final version keeps
	Least       int // words of the final version
}

// review asks for a review of the post as it stands.
func review(r *pawl.Run, in Input, post Output) Review {
	words, least := wordsOf(post.Sections), leastOf(post.Sections)
	types := typesOf(post.Structure)
	v := pawl.Ask(r, "review", reviewP.With(reviewData{
		Topic: in.Topic, Style: in.Style, Audience: post.Structure.TargetAudience,
		Sections: post.Sections, Types: types, MinCohesion: in.MinCohesion, Words: words, Least: least,
	}).
		Gate("edits name sections of the plan", editsNameSections(types)).
		Gate("at least 1 edit under the bar", editsUnderTheBar(in.MinCohesion)).
		Gate(fmt.Sprintf("final version of at least %d words", least), wholePost(least)).
		MaxTokens(prose.Tokens(2*words+100*len(post.Sections)))) // the post again, and edits
	noteReview(r, in, post.Rounds, v)
	return v
}

// wordsOf is how many words sections have together.
func wordsOf(sections []Section) (words int) {
	for _, s := range sections {
		words += prose.Words(s.Content)
	}
	return words
}

// leastOf is how many words of them the final version keeps.
func leastOf(sections []Section) int { return (wordsOf(sections) + 1) / 2 }

// typesOf returns the section types of a plan, each once, in order.
func typesOf(p Plan) []string {
	var types []string
	for _, s := range p.Sections {
		if !slices.Contains(types, s.SectionType) {
			types = append(types, s.SectionType)
		}
	}
	return types
}

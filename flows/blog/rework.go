package blog

import (
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// reworkData fills rework.md.
type reworkData struct {
	Topic  string
	Style  string
	Post   []Section // all sections as they stand
	Number int       // of the section to rework, from 1

	Type         string
	Description  string
	StyleGuide   string
	TargetLength int // words
	Least, Most  int // words

	Content string // of the section as it stands
	Edits   []string
}

// rework writes every section again whose type the review wants edited, and
// returns all sections.
func rework(r *pawl.Run, in Input, post Output) []Section {
	var jobs []job
	for i, s := range post.Structure.Sections {
		if len(editsOf(post.Review, s.SectionType)) > 0 {
			jobs = append(jobs, job{i, s})
		}
	}
	// One after another, a section sees those that were reworked before it; at
	// once, all see the post as it was reviewed.
	seen := slices.Clone(post.Sections)
	reworked := pawl.Map(r, "rework", jobs, func(r *pawl.Run, j job) (Section, error) {
		lo, hi := lengthOf(j.plan)
		d := pawl.Ask(r, "write", reworkP.With(reworkData{
			Topic: in.Topic, Style: in.Style, Post: seen, Number: j.place + 1,
			Type: j.plan.SectionType, Description: j.plan.Description, StyleGuide: j.plan.StyleGuide,
			TargetLength: j.plan.TargetLength, Least: lo, Most: hi,
			Content: post.Sections[j.place].Content, Edits: editsOf(post.Review, j.plan.SectionType),
		}).Gate(fmt.Sprintf("%d to %d words", lo, hi), length(lo, hi)).
			MaxTokens(prose.Tokens(hi+200))) // for the key points too
		s := Section{j.plan.SectionType, d.Content, d.KeyPoints}
		if !in.Parallel {
			seen[j.place] = s
		}
		noteSection(r, "reworked", j, len(post.Sections), s)
		return s, nil
	}, pace(in), pawl.Purpose("Reworking "+prose.Count(len(jobs), "section")+manner(in)))

	all := slices.Clone(post.Sections)
	for i, j := range jobs {
		all[j.place] = reworked[i]
	}
	return all
}

// editsOf returns what a review wants changed in sections of a type.
func editsOf(v Review, sectionType string) []string {
	var edits []string
	for _, e := range v.SuggestedEdits {
		if e.SectionName == sectionType {
			edits = append(edits, e.SuggestedEdit)
		}
	}
	return edits
}

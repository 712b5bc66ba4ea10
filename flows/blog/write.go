package blog

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// The data of prompts is flat: a prompt that leaves out a field of its data does
// not load, and that check does not look into fields.

// planData fills plan.md. From and To are how many sections suit the length.
type planData struct {
	Topic        string
	Style        string
	TargetLength int
	From, To     int
}

func newPlanData(in Input) planData {
	n := in.TargetLength / 250
	return planData{
		Topic: in.Topic, Style: in.Style, TargetLength: in.TargetLength,
		From: min(max(n-1, minSections), maxSections-2), To: min(max(n+1, 2), maxSections),
	}
}

// writeData fills write.md.
type writeData struct {
	Topic    string
	Style    string
	Angle    string
	Audience string
	Plan     []PlanSection // all sections
	Number   int           // of the section to write, from 1

	Type         string
	Description  string
	StyleGuide   string
	TargetLength int // words
	Least, Most  int // words

	Parallel bool      // they are written all at once: each sees what the others are to cover
	Previous []Section // otherwise: those before it
}

// job is a section to write and its place in the plan, from 0.
type job struct {
	place int
	plan  PlanSection
}

// write writes all sections of the plan.
func write(r *pawl.Run, in Input, plan Plan) []Section {
	jobs := make([]job, len(plan.Sections))
	for i, s := range plan.Sections {
		jobs[i] = job{i, s}
	}
	var written []Section // those that a later section sees
	return pawl.Map(r, "sections", jobs, func(r *pawl.Run, j job) (Section, error) {
		lo, hi := lengthOf(j.plan)
		d := pawl.Ask(r, "write", writeP.With(writeData{
			Topic: in.Topic, Style: in.Style, Angle: plan.TopicAnalysis, Audience: plan.TargetAudience,
			Plan: plan.Sections, Number: j.place + 1,
			Type: j.plan.SectionType, Description: j.plan.Description, StyleGuide: j.plan.StyleGuide,
			TargetLength: j.plan.TargetLength, Least: lo, Most: hi,
			Parallel: in.Parallel, Previous: written,
		}).Gate(fmt.Sprintf("%d to %d words", lo, hi), length(lo, hi)).
			MaxTokens(prose.Tokens(hi+200))) // for the key points too
		s := Section{j.plan.SectionType, d.Content, d.KeyPoints}
		if !in.Parallel {
			written = append(written, s)
		}
		noteSection(r, "written", j, len(jobs), s)
		return s, nil
	}, pace(in), pawl.Purpose("Writing "+prose.Count(len(jobs), "section")+manner(in)))
}

// pace says how many sections are in the making.
func pace(in Input) pawl.MapOption {
	if in.Parallel {
		return pawl.Limit(maxSections)
	}
	return pawl.InOrder // each sees those before it
}

func manner(in Input) string {
	if in.Parallel {
		return " at once"
	}
	return " one after another"
}

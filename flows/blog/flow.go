package blog

import (
	"embed"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

//go:embed *.go prompts
var files embed.FS

var (
	planP   = pawl.MustPrompt[planData, Plan](files, "prompts/plan.md")
	writeP  = pawl.MustPrompt[writeData, Draft](files, "prompts/write.md")
	reviewP = pawl.MustPrompt[reviewData, Review](files, "prompts/review.md")
	reworkP = pawl.MustPrompt[reworkData, Draft](files, "prompts/rework.md")
	reviseP = pawl.MustPrompt[reviseData, string](files, "prompts/revise.md")
)

// Flow plans, writes, reviews and, if needed, reworks a blog post.
var Flow = pawl.New("blog", "Plan a blog post, write its sections, review the whole and rework what does not fit.", blog,
	pawl.Prompts(planP, writeP, reviewP, reworkP, reviseP), pawl.Sources(files),
	pawl.Doc{Level: "intermediate", Pattern: "fan-out and fan-in", Visible: "the plan, each section's length, and how well the sections hang together",
		Why: "a section is written again alone, and only a review of the whole finds what does not fit"},
	pawl.Example(Input{Topic: "Why small steps work", TargetLength: 1000, Style: "informative", MinCohesion: 0.7}))

// maxRounds is how often a post is reviewed at most.
const maxRounds = 2

func blog(r *pawl.Run, in Input) (Output, error) {
	plan := pawl.Ask(r, "plan", planP.With(newPlanData(in)).
		Items("sections", minSections, maxSections).
		Gate(fmt.Sprintf("lengths add up to %d", in.TargetLength), lengthsAddUp(in.TargetLength)).
		MaxTokens(prose.Tokens(100*(maxSections+1)))) // for each section, and for the rest
	notePlan(r, plan)

	out := Output{Structure: plan, Sections: write(r, in, plan), Rounds: 1}
	out.Review = review(r, in, out)
	for out.Review.CohesionScore < in.MinCohesion && out.Rounds < maxRounds {
		out.Sections = rework(r, in, out)
		out.Rounds++
		out.Review = review(r, in, out)
	}
	out.BelowBar = out.Review.CohesionScore < in.MinCohesion
	switch {
	case in.Approve:
		return out, publish(r, in, &out)
	case out.BelowBar:
		noteBelowBar(r, in, out)
	}
	return out, nil
}

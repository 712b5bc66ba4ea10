package crashtest

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/internal/responsestest"
)

// scene is a run and a provider whose answers follow from the request alone.
type scene struct {
	name   string
	flow   pawl.Flow
	input  string // JSON
	calls  int    // of a run that nobody disturbs
	answer func(c responsestest.Call) responsestest.Reply
}

func (s scene) args() []string { return []string{"run", s.flow.Name(), "--json", "--input", "-"} }

const (
	articleInput  = `{"topic": "tides"}`
	blogInput     = `{"topic": "tides", "target_length": 300}`
	parallelInput = `{"topic": "tides", "target_length": 300, "parallel": true}`

	sections = 4 // of every blog post here
)

var (
	articleApproved = scene{"article", article.Flow, articleInput, 3, good}
	articleRevised  = scene{"article revised", article.Flow, articleInput, 5, turnedDown}
	articleRepaired = scene{"article repaired", article.Flow, articleInput, 6, firstUnusable(good)}
	blogSequential  = scene{"blog", blog.Flow, blogInput, 2 + sections, good}
	blogReworked    = scene{"blog reworked", blog.Flow, blogInput, 2 + sections + 2 + 1, turnedDown}
	blogParallel    = scene{"blog parallel", blog.Flow, parallelInput, 2 + sections, good}

	blogParallelReworked = scene{"blog parallel reworked", blog.Flow, parallelInput, 2 + sections + 2 + 1, turnedDown}
	blogParallelRepaired = scene{"blog parallel repaired", blog.Flow, parallelInput, 2 * (2 + sections), firstUnusable(good)}
)

// good answers so that every gate passes and every review approves.
func good(c responsestest.Call) responsestest.Reply {
	if c.SchemaName != "plan" {
		return responsestest.Reply{}
	}
	plan := blog.Plan{TopicAnalysis: "what moves the sea", TargetAudience: "walkers"}
	for i := range sections {
		plan.Sections = append(plan.Sections, blog.PlanSection{
			SectionType: fmt.Sprintf("part %d", i+1), Description: fmt.Sprintf("covers aspect %d", i+1),
			StyleGuide: "plain", TargetLength: 300 / sections,
		})
	}
	return responsestest.JSON(plan)
}

// turnedDown is good but for the reviews: they approve only what was written
// again.
func turnedDown(c responsestest.Call) responsestest.Reply {
	const again = "once more"
	prompt := c.Prompt()
	switch {
	case strings.HasPrefix(prompt, "You revise short articles"):
		return responsestest.Text("# Tides\n\n" + strings.Repeat(again+" ", 140) + "\n\n## Conclusion\n\nThe sea comes and goes.\n")
	case strings.HasPrefix(prompt, "You rework sections"):
		return responsestest.JSON(blog.Draft{Content: strings.TrimSpace(strings.Repeat(again+" ", 35)), KeyPoints: []string{again}})
	case strings.Contains(prompt, again):
		return good(c)
	case strings.HasPrefix(prompt, "You are a strict but fair editor"):
		return responsestest.JSON(article.Review{Issues: []string{"no facts"}, Suggestions: []string{"name a tide"}, Score: 0.4})
	case strings.HasPrefix(prompt, "You are the editor of a blog"):
		return responsestest.JSON(blog.Review{
			SuggestedEdits: []blog.Edit{{SectionName: "part 1", SuggestedEdit: "begin at the sea"}, {SectionName: "part 3", SuggestedEdit: "name a tide"}},
			CohesionScore:  0.3, FinalVersion: strings.Repeat("text ", 400),
		})
	}
	return good(c)
}

// firstUnusable turns the first answer to every question into one that cannot
// be accepted; the repair is answered well.
func firstUnusable(answer func(responsestest.Call) responsestest.Reply) func(responsestest.Call) responsestest.Reply {
	return func(c responsestest.Call) responsestest.Reply {
		original := c
		for i, m := range c.Messages {
			if m.Role == "assistant" {
				original.Messages = c.Messages[:i]
				return answer(original)
			}
		}
		return responsestest.Text(`{"title": "Tides", "sections": ["Mo`)
	}
}

// section returns which section of a post a call is to write, from 1; 0: none.
func section(c responsestest.Call) int {
	for i := range sections {
		if strings.Contains(c.Prompt(), fmt.Sprintf("Write section %d of", i+1)) {
			return i + 1
		}
	}
	return 0
}

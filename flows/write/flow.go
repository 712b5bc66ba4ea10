// Package write is a workflow that looks at a topic and has it written about in the form that
// fits it: as a short article or as a blog post. README.md beside it explains it on a page.
package write

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

var routeP = pawl.MustPrompt[routeData, pattern.Choice[Form]](files, "prompts/route.md")

// Flow writes about a topic.
var Flow = pawl.New("write", "Write an article or a blog post, whichever fits the topic.", write,
	pawl.Prompts(routeP), pawl.Sources(files),
	pawl.Doc{Level: "intermediate", Pattern: "route", Visible: "which form was chosen, how sure the router was, and the whole run of that flow",
		Why: "a flow that is good at one thing can be called by another: each form stays as it is, and can be run alone"},
	pawl.Example(Input{Topic: "How I learned to love small steps"}))

// bar is how sure the router must be: below it, an article is written.
const bar = 0.6

func write(r *pawl.Run, in Input) (Output, error) {
	choice := pattern.Route(r, "route", routeP.With(routeData(in)), bar, Article)
	switch choice.Route {
	case Blog:
		out := pawl.Call(r, "blog", blog.Flow, blog.Input{Topic: in.Topic, MinCohesion: 0.7})
		return Output{string(Blog), choice.Reason, out.Markdown(), out.NotApproved()}, nil
	default:
		out := pawl.Call(r, "article", article.Flow, article.Input{Topic: in.Topic, MaxRevisions: 1})
		return Output{string(Article), choice.Reason, out.Markdown(), out.NotApproved()}, nil
	}
}

// Package complaint is a workflow that answers a letter of complaint in a chain of steps, and
// has a person look at the answer where that is called for. README.md beside it explains it on
// a page.
package complaint

import (
	"embed"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

//go:embed *.go prompts
var files embed.FS

var (
	summarizeP = pawl.MustPrompt[Input, Summary](files, "prompts/summarize.md")
	classifyP  = pawl.MustPrompt[classifyData, Class](files, "prompts/classify.md")
	draftP     = pawl.MustPrompt[draftData, string](files, "prompts/draft.md")
	riskP      = pawl.MustPrompt[riskData, Risk](files, "prompts/risk.md")
	checkP     = pawl.MustPrompt[checkData, Check](files, "prompts/check.md")
)

// Flow answers a complaint.
var Flow = pawl.New("complaint", "Answer a letter of complaint; a person looks where it may escalate.", complaint,
	pawl.Prompts(summarizeP, classifyP, draftP, riskP, checkP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "chain", Visible: "what is understood, what is offered, and why a person must look, if one must",
		Why: "models read and write, code decides: what is offered and who must look is policy, the same every time"},
	pawl.Example(Input{Letter: "The kettle that I bought from you for 40 euros leaks. I want one that works. Ada Lovelace"}))

func complaint(r *pawl.Run, in Input) (Output, error) {
	s := pawl.Ask(r, "summarize", summarizeP.With(in))
	class := pawl.Ask(r, "classify", classifyP.With(classifyData{s.Problem, s.Wish}))
	offer := offerFor(class.Category, s)
	r.Note("%s, so we offer %s: %s", class.Category, offer, prose.Line(class.Reason))

	body := pawl.Ask(r, "draft", written(draftP.With(draftData{s.Problem, s.Wish, class.Category, offer})))
	out := Output{Reply: Reply{To: s.Customer, Body: body}, Category: class.Category, Offer: offer}
	pawl.Parallel(r, "checks", // neither needs what the other comes to
		pawl.Go("risk", func(r *pawl.Run) error {
			out.Risk = pawl.Ask(r, "assess", riskP.With(riskData{in.Letter, body}))
			return nil
		}),
		pawl.Go("tone", func(r *pawl.Run) error {
			out.Check = pawl.Ask(r, "check", checkP.With(checkData{offer, body}))
			return nil
		}))

	if out.Why = whyToLook(s, out.Risk, out.Check); len(out.Why) > 0 {
		a := pawl.Approve(r, "send", out.Reply, prose.Line("Send this answer? "+strings.Join(out.Why, " ")), pawl.Who("the complaints desk"))
		if err := a.Err(); err != nil {
			return Output{}, err // nothing is sent, and the run says who said no
		}
		out.Reply, out.By = a.Value, a.Who
	}
	return out, nil
}

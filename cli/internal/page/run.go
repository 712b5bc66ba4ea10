package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/llm"
)

// Run prints what a run is and how it stands. known says that the program has the
// flow, and with it knows what is sensitive.
func (p *Page) Run(rec pawl.RunRecord, t view.Times, known bool) {
	p.line("run %s %s", rec.ID, p.Ink.Paint(StatusStyle(rec.Status), view.Standing(rec.Status)))
	if asked := questions(rec.Blockers); rec.Status == pawl.StatusWaiting && len(asked) > 0 {
		p.asked(asked)
	} else {
		p.Fact("reason", p.once(`as in "reason" above`, rec.Reason))
	}
	p.Fact("flow", rec.Flow)
	p.Fact("model", rec.Model)
	p.Fact("fallback", strings.Join(rec.Fallback, ", "))
	for _, others := range answeredAs(rec.Steps) {
		p.Fact("answered", others)
	}
	var own []string
	for _, r := range rec.Prompts {
		if p.Own[r.Name] {
			own = append(own, r.Name)
			continue
		}
		p.Fact("prompt", prompt(r))
	}
	if len(own) > 0 {
		p.Fact("prompts", "kept as the flow has them: "+strings.Join(own, ", "))
	}
	if rec.Base != nil {
		p.Fact("base", string(*rec.Base))
	}
	if rec.Imported {
		p.Fact("imported", "from a file: it never goes on here")
	}
	started := rec.CreatedAt.In(p.Zone).Format(time.DateTime)
	if rec.Who != "" {
		started += " by " + rec.Who
	}
	p.Fact("started", started)
	p.Fact("schedule", rec.Schedule)
	p.Fact(took(t))
	p.Fact("program", otherVersion(rec.Begun, p.Version))
	p.Fact("changed", changedSince(rec.Begun))
	p.Fact("usage", Usage(rec.Usage, BillOf(rec.Steps, p.StandIn)))
	p.Fact("cache", Cache(rec.Usage))
	p.Fact("budget", Budget(rec.Budget))
	if !known {
		p.Fact("values", "hidden: this program does not have the flow and cannot tell which are sensitive")
	}
	p.fact("input", form.Compact(rec.Input), few)
	for _, g := range rec.Guidance {
		p.Fact("guided", "by "+g.Who+": "+g.Text+carriedBy(g))
	}
}

// otherVersion says that another version of the program began a run than shows it; empty:
// it is the same, or that is not known.
func otherVersion(b pawl.Build, here string) string {
	if b.Version == "" || here == "" || b.Version == here {
		return ""
	}
	return fmt.Sprintf("was version %s, is %s here", b.Version, here)
}

// changedSince says what of a run's flow is another one by now; empty: nothing is.
func changedSince(b pawl.Build) string {
	switch {
	case len(b.Changed) == 0:
		return ""
	case slices.Equal(b.Changed, []string{view.WholeFlow}):
		return "the flow's prompts or types are others now"
	}
	return "in the flow since it began: " + strings.Join(b.Changed, ", ")
}

// mostBased is how many runs that go on from another one are named.
const mostBased = 3

// Based names the runs that have one that stands at a status as their base, the newest
// first; all is the command that lists them.
func (p *Page) Based(status pawl.Status, based []pawl.RunSummary, all string) {
	current := func(r pawl.RunSummary) bool { return r.Status != pawl.StatusCanceled }
	if i := slices.IndexFunc(based, current); i >= 0 && status == pawl.StatusFailed {
		p.Fact("goes on", "in run "+string(based[i].ID))
	}
	var names []string
	for _, r := range based[:min(len(based), mostBased)] {
		names = append(names, fmt.Sprintf("%s (%s)", r.ID, r.Status))
	}
	if more := len(based) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more: %s", more, all))
	}
	p.Fact("base of", strings.Join(names, ", "))
}

// answeredAs says which models were answered by another one, or by one that its server
// calls otherwise.
func answeredAs(steps []pawl.StepRecord) (all []string) {
	for _, s := range steps {
		for _, at := range s.Attempts {
			if says := at.Model + answers(at); says != at.Model && !slices.Contains(all, says) {
				all = append(all, says)
			}
		}
	}
	return all
}

// answers says which model answered an attempt if it is not the one that was asked, or
// not by that name.
func answers(at pawl.Attempt) string {
	if at.Model == "" || llm.IsModel(at.Model, at.ResponseModel) {
		return ""
	}
	return " answered as " + at.ResponseModel
}

// prompt says what a run asks with in the place of one of its flow's own prompts.
func prompt(r pawl.Replaced) string {
	digest := r.Digest[:min(len(r.Digest), len("sha256:")+12)]
	return strings.TrimSuffix(fmt.Sprintf("%s is not the flow's own: %s, from %s", r.Name, digest, r.From), ", from ")
}

// carriedBy says what became of a guidance.
func carriedBy(g pawl.Guidance) string {
	switch {
	case g.Unused:
		return " (never used)"
	case len(g.UsedBy) == 0:
		return " (not used yet)"
	}
	keys := make([]string, len(g.UsedBy))
	for i, k := range g.UsedBy {
		keys[i] = string(k)
	}
	return " (carried by " + strings.Join(keys, ", ") + ")"
}

// Problem prints what is wrong with a run, unless that was said, and what to do
// about it. Nil: nothing is.
func (p *Page) Problem(e *pawl.ErrorRecord) {
	if e == nil {
		return
	}
	if !p.hasSaid(e.Message) {
		p.Fact("error", strings.TrimPrefix(string(e.Step)+": "+e.Message, ": "))
	}
	p.Fact("hint", e.Hint)
}

package cli

import (
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
)

// showBlocker prints what stands in a run's way: what is asked, on what, and all
// commands that lift it.
func (a *app) showBlocker(p *page, flow string, b pawl.Blocker) {
	what := fmt.Sprintf("%s: %s since %s", asker(b), b.Kind, p.stamp(b.Since.Time))
	if b.Who != "" {
		what += ", asks " + b.Who
	}
	if b.Deadline != nil {
		what += ", until " + b.Deadline.In(a.zone).Format(time.DateTime)
	}
	p.fact("blocker", what)
	if !p.hasSaid(b.Question) {
		name := "asked"
		if !asksPerson(b) {
			name = "why"
		}
		p.fact(name, b.Question)
		p.said = append(p.said, said{"as said above", b.Question})
	}
	if hint := a.priceHint(b); hint != "" {
		p.fact("hint", hint)
	}
	if proposed(b) {
		fmt.Fprintln(p.w, "proposal")
		printLines(p.w, a.proposalLines(flow, b, p.width))
	}
	name := "go on"
	for _, act := range b.Actions {
		if p.command(name, act.Command) {
			name = "or"
		}
	}
}

// command prints a name and a command, once. It is to be copied and stays whole.
func (p *page) command(name, command string) bool {
	for _, s := range p.said {
		if s.text == command {
			return false
		}
	}
	p.said = append(p.said, said{"as said above", command})
	fmt.Fprintf(p.w, "%-8s %s\n", name, command)
	return true
}

// showDecisions prints what was decided, by whom and when.
func (a *app) showDecisions(p *page, all []pawl.Decision) {
	for _, d := range all {
		p.fact("decided", a.decisionLine(d))
	}
}

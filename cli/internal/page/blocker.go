package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// foldedLines is how much of a proposal is shown where it stands beside other
// things; `show` shows all of it.
const foldedLines = 24

// HasMore reports whether a blocker shows more than its question. f is the run's flow;
// nil: not known.
func HasMore(f pawl.Flow, b pawl.Blocker) bool { return len(proposalLines(f, b, 0)) > 0 }

// Whole prints what a person is asked, and all of what is proposed or shown. f is the run's
// flow; nil: not known.
func (p *Page) Whole(f pawl.Flow, b pawl.Blocker) {
	fmt.Fprintln(p.Out, p.Ink.Paint(term.Bold, term.Hang(term.Plain(fmt.Sprintf("%s asks%s: %s", asker(b), askedWho(b), b.Question)), 0, p.Width)))
	p.indented(proposalLines(f, b, p.Width))
}

// Ask prints what a person is asked, unless that was said, and on what. rest
// is the command that shows what is left out. f is the run's flow; nil: not known.
func (p *Page) Ask(f pawl.Flow, b pawl.Blocker, said bool, rest string) {
	lines := proposalLines(f, b, p.Width)
	head := fmt.Sprintf("%s asks%s: %s", asker(b), askedWho(b), b.Question)
	switch {
	case said && len(lines) == 0:
		return
	case said:
		head = asker(b) + " proposes"
		switch b.Kind {
		case pawl.BlockerInput:
			head = asker(b) + " shows"
		case pawl.BlockerBreakpoint:
			head = asker(b) + " is about to ask"
		}
	}
	if b.Deadline != nil {
		head += fmt.Sprintf(" (until %s)", b.Deadline.In(p.Zone).Format(time.DateTime))
	}
	fmt.Fprintln(p.Out, p.Ink.Paint(term.Bold, term.Hang(term.Plain(head), 0, p.Width)))
	more := len(lines) - foldedLines
	if more > 1 {
		lines = lines[:foldedLines]
	}
	p.indented(lines)
	if more > 1 {
		fmt.Fprintf(p.Out, "  ... %d more lines: %s\n", more, rest)
	}
}

// indented prints lines that are no wider than the page.
func (p *Page) indented(lines []string) {
	for _, l := range lines {
		fmt.Fprintln(p.Out, strings.TrimRight("  "+l, " "))
	}
}

// Blocker prints what stands in a run's way: what is asked, on what, what else is to
// be known, and all commands that lift it. f is the run's flow; nil: not known.
func (p *Page) Blocker(f pawl.Flow, b pawl.Blocker, hint string) {
	what := fmt.Sprintf("%s: %s since %s", asker(b), b.Kind, p.stamp(b.Since.Time))
	if b.Who != "" {
		what += ", asks " + b.Who
	}
	if len(b.NotBy) > 0 {
		what += ", not to be decided by " + strings.Join(b.NotBy, " or ")
	}
	if b.Deadline != nil {
		what += ", until " + b.Deadline.In(p.Zone).Format(time.DateTime)
	}
	p.Fact("blocker", what)
	if !p.hasSaid(b.Question) {
		name := "asked"
		if !AsksPerson(b) {
			name = "why"
		}
		p.Fact(name, b.Question)
		p.said = append(p.said, passage{fmt.Sprintf("as %q of %s above", name, asker(b)), b.Question})
	}
	p.Fact("hint", hint)
	if lines := proposalLines(f, b, p.Width); len(lines) > 0 {
		title := "proposal"
		switch b.Kind {
		case pawl.BlockerInput:
			title = "shown"
		case pawl.BlockerBreakpoint:
			title = "about to be asked"
		}
		fmt.Fprintln(p.Out, title)
		p.indented(lines)
	}
	name := "go on"
	for _, act := range b.Actions {
		if p.Command(name, act.Command) {
			name = "or"
		}
	}
}

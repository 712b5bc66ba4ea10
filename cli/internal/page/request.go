package page

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schema"
)

// requestText is what a step is about to ask, for people: its messages whole, and of what
// fills them the beginning.
func requestText(r pawl.Request) string {
	var b strings.Builder
	if r.Model == "" {
		b.WriteString("input:\n")
		indent(&b, proposalText(nil, r.Data))
		return b.String()
	}
	fmt.Fprintf(&b, "model: %s\n", r.Model)
	for _, m := range r.Messages {
		fmt.Fprintf(&b, "%s:\n", m.Role)
		indent(&b, m.Text)
	}
	if r.Schema != "" {
		fmt.Fprintf(&b, "schema: %s\n", r.Schema)
	}
	if r.MaxTokens > 0 {
		fmt.Fprintf(&b, "limit: %s\n", term.Count(int64(r.MaxTokens), "token"))
	}
	if !form.IsNone(r.Data) {
		b.WriteString("data:\n")
		indent(&b, dataText(r))
	}
	if r.Cut {
		b.WriteString("This is not all of it: it was cut to be shown, and leaves whole.\n")
	}
	return b.String()
}

// dataCells is how much of each value is shown that fills a prompt: it stands there.
const dataCells = 200

func dataText(r pawl.Request) string {
	fields, err := schema.Members(r.Data)
	if err != nil {
		return string(r.Data)
	}
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, term.Cut(form.Compact(f.Value), dataCells))
	}
	return b.String()
}

// indent writes the lines of a text with four spaces before each.
func indent(to *strings.Builder, text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		to.WriteString("    " + strings.TrimRight(line, "\r\n") + "\n")
	}
}

// Planned prints steps that are to be executed, each with what it would ask.
func (p *Page) Planned(steps []pawl.PlannedStep) {
	for i, s := range steps {
		if i > 0 {
			fmt.Fprintln(p.Out)
		}
		head := fmt.Sprintf("%s (%s): %s", s.Key, s.Kind, s.Purpose)
		fmt.Fprintln(p.Out, p.Ink.Paint(term.Bold, term.Hang(term.Plain(head), 0, p.Width)))
		if s.Request != nil {
			p.indented(shownLines(requestText(*s.Request), p.Width))
		}
	}
}

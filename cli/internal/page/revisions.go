package page

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// Revisions prints what each revision changed. with is the command that shows these steps
// and others, which have results of the same form; empty: there are none.
func (p *Page) Revisions(r view.Revisions, with string) {
	d := &differences{Page: p, said: map[string]string{}}
	if len(r.Revisions) == 0 {
		fmt.Fprintln(p.Out, "no result has come yet")
	}
	for i, one := range r.Revisions {
		if i > 0 {
			fmt.Fprintln(p.Out)
		}
		line := p.Ink.Paint(term.Bold, term.Plain(string(one.Key)))
		if one.Attempt > 1 || !one.Accepted {
			line += fmt.Sprintf(", attempt %d", one.Attempt)
		}
		if !one.Accepted {
			line += ", turned down: " + term.Plain(strings.Join(one.Why, "; "))
		}
		fmt.Fprintln(p.Out, term.Hang(line, 2, p.Width))
		switch {
		case i == 0:
			d.entry("the first: " + d.size(one))
		case one.Since.Same:
			d.entry("the same again")
		default:
			d.at = term.Plain(string(one.Key))
			d.fields(one.Since, "")
		}
	}
	if with != "" {
		var names []string
		for _, key := range r.Alike {
			names = append(names, term.Plain(string(key)))
		}
		fmt.Fprintln(p.Out)
		p.Fact("see also", strings.Join(names, ", ")+" came to something of the same form")
		p.Command("with", with)
	}
}

// size says how long a result is.
func (d *differences) size(r view.Revision) string {
	n := len(strings.Fields(d.valueOf(r.Result)))
	return term.Count(int64(n), "word")
}

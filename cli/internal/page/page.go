package page

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// Page is a report being printed. It says a reason once and refers to it after. Its
// fields are set before anything is printed.
type Page struct {
	Out   io.Writer
	Width int // 0: as wide as it takes
	Ink   term.Ink
	Zone  *time.Location // of its times
	Begun time.Time      // times of another day than this have their date

	// StandIn reports whether no language model answers by a model's full name: what
	// it costs is not said. Nil: one always does.
	StandIn func(model string) bool

	// Version is that of this program; empty: it does not know.
	Version string

	Own map[string]bool // prompts that a run keeps whose text is the flow's own

	People map[pawl.Key]string // who decided on a step, or is to; see [People]

	// Rest is the command that shows what is left out of long texts. Empty: nothing is.
	Rest string

	said []passage
}

// passage is a text that was printed, and how to refer to it.
type passage struct{ where, text string }

// line prints a line, cut to the width.
func (p *Page) line(format string, args ...any) {
	s := strings.TrimRight(strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "), " ")
	if p.Width > 0 {
		s = term.Cut(s, p.Width)
	}
	fmt.Fprintln(p.Out, s)
}

// most is how many characters of a text are printed, few how many of an input.
const most, few = 4000, 400

// short is the beginning of a text that has more characters than that, with the command
// that shows all of it.
func (p *Page) short(text string, most int) string {
	if p.Rest == "" || len(text) <= most {
		return text
	}
	n := 0
	for i := range text {
		if n++; n > most {
			return fmt.Sprintf("%s… (%s in all: %s)", text[:i], term.Count(int64(utf8.RuneCountInString(text)), "character"), p.Rest)
		}
	}
	return text
}

// Fact prints a name and what goes with it, in as many lines as that takes: it may be
// what one came for.
func (p *Page) Fact(name, value string) { p.fact(name, value, most) }

func (p *Page) fact(name, value string, most int) {
	if value == "" {
		return
	}
	before := fmt.Sprintf("%-8s ", name)
	fmt.Fprintln(p.Out, before+term.Hang(p.short(term.Plain(value), most), len(before), p.Width))
}

// beneath prints what belongs to the line before, in as many lines as that takes.
func (p *Page) beneath(text string) {
	fmt.Fprintln(p.Out, "  "+term.Hang(p.short(term.Plain(text), most), 4, p.Width))
}

// once returns a text, or where it stands already. What is short is worth its
// place each time.
func (p *Page) once(where, text string) string {
	if len(text) > 20 {
		for _, s := range p.said {
			if strings.Contains(s.text, text) {
				return s.where
			}
		}
	}
	p.said = append(p.said, passage{where, text})
	return text
}

// hasSaid reports whether a text stands on the page, be it within another.
func (p *Page) hasSaid(text string) bool {
	for _, s := range p.said {
		if strings.Contains(s.text, text) {
			return true
		}
	}
	return false
}

// asked prints the questions that have not been printed.
func (p *Page) asked(questions []question) {
	for _, q := range questions {
		if !p.hasSaid(q.text) {
			p.Fact("asked", q.String())
			p.said = append(p.said, passage{`as in "asked" above`, q.text})
		}
	}
}

// stamp says when something was.
func (p *Page) stamp(t time.Time) string {
	t, begun := t.In(p.Zone), p.Begun.In(p.Zone)
	if t.YearDay() != begun.YearDay() || t.Year() != begun.Year() {
		return t.Format(time.DateTime)
	}
	return t.Format(time.TimeOnly)
}

// Command prints a name and a command, once, and reports whether it did. It is to
// be copied and stays whole.
func (p *Page) Command(name, command string) bool {
	for _, s := range p.said {
		if s.text == command {
			return false
		}
	}
	p.said = append(p.said, passage{"as said above", command})
	fmt.Fprintf(p.Out, "%-8s %s\n", name, command)
	return true
}

package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// page is a report being printed. It says a reason once and refers to it after.
type page struct {
	w     io.Writer
	width int // 0: as wide as it takes
	ink   term.Ink
	zone  *time.Location
	begun time.Time // times of another day than this have their date

	people map[pawl.Key]string // who decided on a step, or is to

	said []said
}

// said is a text that was printed, and how to refer to it.
type said struct{ where, text string }

// line prints a line, cut to the width.
func (p *page) line(format string, args ...any) {
	s := strings.TrimRight(strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "), " ")
	if p.width > 0 {
		s = term.Cut(s, p.width)
	}
	fmt.Fprintln(p.w, s)
}

// fact prints a name and what goes with it, whole: it may be what one came for.
func (p *page) fact(name, value string) {
	if value != "" {
		fmt.Fprintf(p.w, "%-8s %s\n", name, term.Plain(value))
	}
}

// once returns a text, or where it stands already. What is short is worth its
// place each time.
func (p *page) once(where, text string) string {
	if len(text) > 20 {
		for _, s := range p.said {
			if strings.Contains(s.text, text) {
				return s.where
			}
		}
	}
	p.said = append(p.said, said{where, text})
	return text
}

func (p *page) hasSaid(text string) bool {
	for _, s := range p.said {
		if strings.Contains(s.text, text) {
			return true
		}
	}
	return false
}

// asked prints the questions that have not been printed.
func (p *page) asked(questions []question) {
	for _, q := range questions {
		if !p.hasSaid(q.text) {
			p.fact("asked", q.String())
			p.said = append(p.said, said{"as asked above", q.text})
		}
	}
}

// stamp says when something was.
func (p *page) stamp(t time.Time) string {
	t, begun := t.In(p.zone), p.begun.In(p.zone)
	if t.YearDay() != begun.YearDay() || t.Year() != begun.Year() {
		return t.Format(time.DateTime)
	}
	return t.Format(time.TimeOnly)
}

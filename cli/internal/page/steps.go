package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// Steps prints a line for each step, each attempt that was not simply good, and
// the notes between them.
func (p *Page) Steps(steps []pawl.StepRecord, notes []view.Note) {
	if len(steps) == 0 && len(notes) == 0 {
		return
	}
	fmt.Fprintln(p.Out)
	var rows [][]string
	columns := make([]int, 6)
	for _, s := range steps {
		row := []string{string(s.Key), string(s.Kind), string(s.Boundary), string(s.Status), stepTook(s), s.Purpose + remarks(s)}
		for i, cell := range row {
			row[i] = term.Plain(cell)
			columns[i] = max(columns[i], term.Cells(row[i]))
		}
		rows = append(rows, row)
	}
	for i, row := range rows {
		notes = p.notes(notes, i)
		line := ""
		row[3] = p.Ink.Paint(StepStyle(steps[i].Status), row[3])
		for j, cell := range row {
			line += term.Pad(cell, columns[j]) + "  "
		}
		p.line("%s", line)
		p.attempts(steps[i])
		if who := p.People[steps[i].Key]; who != "" {
			p.beneath(who)
		}
	}
	p.notes(notes, -1)
}

// notes prints the notes that came when so many steps had begun (-1: all) and
// returns the rest.
func (p *Page) notes(notes []view.Note, steps int) []view.Note {
	for len(notes) > 0 && (steps < 0 || notes[0].Steps <= steps) {
		p.beneath("[" + p.stamp(notes[0].At.Time) + "] " + notes[0].Text)
		notes = notes[1:]
	}
	return notes
}

// stepTook says how long the attempts of a step took, their tokens and their cost.
func stepTook(s pawl.StepRecord) string {
	var took time.Duration
	ended := false
	var in, out int64
	usd := 0.0
	known := false
	for _, at := range s.Attempts {
		if at.EndedAt != nil {
			took, ended = took+at.EndedAt.Sub(at.StartedAt.Time), true
		}
		if at.Usage != nil && at.Usage.InputTokens != nil && at.Usage.OutputTokens != nil {
			in, out, known = in+*at.Usage.InputTokens, out+*at.Usage.OutputTokens, true
		}
		if at.Usage != nil && at.Usage.CostUSD != nil {
			usd += *at.Usage.CostUSD
		}
	}
	text := ""
	if ended {
		text = term.Brief(took)
	}
	if known {
		text += fmt.Sprintf(" %s+%s tokens", term.Grouped(in), term.Grouped(out))
	}
	if usd > 0 {
		text += " " + Dollars(usd)
	}
	if slices.ContainsFunc(s.Attempts, func(at pawl.Attempt) bool { return at.Batch }) {
		text += " by batch"
	}
	return text
}

func remarks(s pawl.StepRecord) string {
	r := ""
	if s.ReusedFrom != nil {
		r += " [from " + *s.ReusedFrom + "]"
	}
	if s.Stale {
		r += " [stale]"
	}
	if s.Unused {
		r += " [unused]"
	}
	return r
}

// attempts prints a step's attempts, unless the first was accepted. Those that
// ended alike share a line.
func (p *Page) attempts(s pawl.StepRecord) {
	all := s.Attempts
	if len(all) == 1 && all[0].Outcome == pawl.OutcomeAccepted {
		return
	}
	for i, n := 0, 0; i < len(all); i = n {
		at := all[i]
		for n = i + 1; n < len(all) && isAlike(s, at, all[n]); n++ {
		}
		of := ""
		if slices.ContainsFunc(all, func(other pawl.Attempt) bool { return other.Model != at.Model }) {
			of = " of " + at.Model
		}
		what := fmt.Sprintf("attempt %d%s %s", at.Number, of, at.Outcome)
		switch {
		case n > i+1:
			what = fmt.Sprintf("attempts %d to %d%s %s", at.Number, all[n-1].Number, of, at.Outcome)
		case at.EndedAt != nil:
			what += ", " + term.Brief(at.EndedAt.Sub(at.StartedAt.Time))
		}
		if at.Uncounted {
			what += ", not counted"
		}
		var why []string
		for _, r := range whyNot(s, at) {
			why = append(why, r.gate+p.once(fmt.Sprintf("as attempt %d of %s", at.Number, s.Key), r.text))
		}
		p.beneath(strings.TrimSuffix(what+": "+strings.Join(why, "; "), ": "))
	}
}

// isAlike reports whether two attempts of a model ended alike. Those that do not count are, with
// whatever delay the provider named.
func isAlike(s pawl.StepRecord, a, b pawl.Attempt) bool {
	if a.Model != b.Model {
		return false
	}
	if a.Uncounted || b.Uncounted {
		return a.Uncounted && b.Uncounted
	}
	return a.Outcome == b.Outcome && slices.Equal(whyNot(s, a), whyNot(s, b))
}

// reason is something that was wrong with an attempt.
type reason struct{ gate, text string } // gate is empty if no gate says so

// whyNot returns what was wrong with an attempt.
func whyNot(s pawl.StepRecord, at pawl.Attempt) []reason {
	var why []reason
	for _, g := range at.Gates {
		if !g.OK {
			why = append(why, reason{g.Name + ": ", g.Detail})
		}
	}
	if at.Error != nil {
		why = append(why, reason{"", at.Error.Message})
	}
	switch {
	case at.Outcome != pawl.OutcomeUnknown:
	case s.Kind == pawl.KindDo:
		why = append(why, reason{"", "how it ended was not seen; its effect may have happened"})
	default:
		why = append(why, reason{"", "how it ended was not seen; it may have been billed"})
	}
	return why
}

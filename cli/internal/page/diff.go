package page

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// Diff prints how two runs differ. step is the command that shows one step whole; nil: this
// does.
func (p *Page) Diff(c view.Comparison, step func(pawl.Key) string) {
	d := &differences{Page: p, step: step, said: map[string]string{}}
	d.side("a", c.A, "")
	basis := ""
	switch {
	case c.B.Base != nil && *c.B.Base == c.A.Run:
		basis = ", based on a"
	case c.A.Base != nil && *c.A.Base == c.B.Run:
		basis = ", which a is based on"
	}
	d.side("b", c.B, basis)
	if step == nil && len(c.Steps) == 1 {
		fmt.Fprintln(p.Out)
		d.whole(c.Steps[0])
		return
	}
	d.part("begun with", c.Setup)
	d.part("input", c.Input)
	if len(c.Steps) > 0 {
		fmt.Fprintln(p.Out)
		d.steps(c.Steps)
	}
	d.part("output", c.Output)
	fmt.Fprintln(p.Out)
	d.totals(c)
}

// differences is a page of what differs.
type differences struct {
	*Page
	step func(pawl.Key) string
	said map[string]string // where a change of long texts stands, by both
	at   string            // what is being printed
}

// side prints which run it is.
func (d *differences) side(name string, s view.RunSide, basis string) {
	text := fmt.Sprintf("%s %s, started %s", s.Flow, view.Standing(s.Status), s.CreatedAt.In(d.Zone).Format(time.DateTime))
	if s.Who != "" {
		text += " by " + s.Who
	}
	text += basis
	if s.Status == pawl.StatusFailed && s.Reason != "" {
		text += ": " + s.Reason
	}
	d.Fact(name, string(s.Run)+" "+text)
}

// part prints what differs in something that is not a step, if anything does.
func (d *differences) part(name string, is view.Difference) {
	if is.Same {
		return
	}
	fmt.Fprintln(d.Out)
	fmt.Fprintln(d.Out, d.Ink.Paint(term.Bold, name))
	d.at = name
	d.fields(is, "")
}

// steps prints a line for each step, and beneath what differs in it.
func (d *differences) steps(steps []view.StepDiff) {
	wide := 0
	for _, s := range steps {
		wide = max(wide, term.Cells(term.Plain(string(s.Key))))
	}
	wide = min(wide, 30)
	for _, s := range steps {
		line := term.Pad(term.Plain(string(s.Key)), wide) + "  " + d.Ink.Paint(changeStyle(s.Change), change(s))
		switch took := tookBoth(s); {
		case took == "":
			fmt.Fprintln(d.Out, line)
		case d.Width > 0 && term.Cells(line+"  "+took) > d.Width:
			fmt.Fprintln(d.Out, line)
			d.entry(took)
		default:
			fmt.Fprintln(d.Out, line+"  "+took)
		}
		if s.Change == view.StepChanged || s.Change == view.StepOnlyA || s.Change == view.StepOnlyB {
			d.at = "step " + term.Plain(string(s.Key))
			d.outcome(s)
			d.fields(s.Result, s.Key)
		}
	}
}

// whole prints one step, all that differs in it and in what was asked.
func (d *differences) whole(s view.StepDiff) {
	fmt.Fprintln(d.Out, "step "+term.Plain(string(s.Key))+" "+d.Ink.Paint(changeStyle(s.Change), change(s)))
	d.Fact("purpose", s.Purpose)
	d.Fact("kind", string(s.Kind))
	d.Fact("took", tookBoth(s))
	d.outcome(s)
	for _, m := range s.Sent {
		if len(m.Words) > 1 {
			fmt.Fprintln(d.Out, "sent, "+string(m.Role))
			d.lines(d.wordLines(m.Words, 0))
		}
	}
	if !s.Result.Same {
		fmt.Fprintln(d.Out, "result")
		d.fields(s.Result, "")
	}
}

func (d *differences) lines(lines []string) {
	for _, line := range lines {
		fmt.Fprintln(d.Out, line)
	}
}

func changeStyle(c view.StepChange) string {
	switch c {
	case view.StepSame, view.StepReused:
		return term.Faint
	case view.StepOnlyA:
		return term.Red
	case view.StepOnlyB:
		return term.Green
	}
	return term.Magenta
}

// change says what became of a step, and whether it was asked the same.
func change(s view.StepDiff) string {
	switch s.Change {
	case view.StepReused:
		if s.A.Key != s.B.Key {
			return "reused, in a it is " + term.Plain(string(s.A.Key))
		}
		return "reused"
	case view.StepSame:
		if s.Asked == "changed" {
			return "same result, asked otherwise"
		}
		return "same result"
	case view.StepOnlyA:
		return "only in a"
	case view.StepOnlyB:
		return "only in b"
	}
	switch s.Asked {
	case "same":
		return "changed, asked the same"
	case "changed":
		return "changed, asked otherwise"
	}
	return "changed"
}

// outcome prints where a step stands and what people decided on it, where that differs.
func (d *differences) outcome(s view.StepDiff) {
	if one := cmp.Or(s.A, s.B); s.A == nil || s.B == nil {
		if one.Status != pawl.StepDone && one.Status != pawl.StepReused {
			d.beneath("status: " + string(one.Status))
		}
		d.both("problem", one.Problem, one.Problem)
		d.both("decided", decided(one.Decision), decided(one.Decision))
		return
	}
	for _, is := range []struct{ name, a, b string }{
		{"status", standing(s.A.Status), standing(s.B.Status)}, {"model", s.A.Model, s.B.Model},
		{"problem", s.A.Problem, s.B.Problem}, {"decided", decided(s.A.Decision), decided(s.B.Decision)},
	} {
		isModel := is.name == "model" && (is.a == "" || is.b == "") // it was not asked there, for a reason that is said
		if is.a != is.b && !isModel {
			d.both(is.name, is.a, is.b)
		}
	}
}

// standing is the status of a step that has no result.
func standing(s pawl.StepStatus) string {
	if s == pawl.StepReused {
		return string(pawl.StepDone)
	}
	return string(s)
}

func decided(d *pawl.Decision) string {
	if d == nil {
		return ""
	}
	s := cmp.Or(Verdict(*d, d.At.Time), string(d.What)+" by "+d.Who)
	if d.Comment != "" {
		s += ": " + d.Comment
	}
	return s
}

// both prints what was in a and in b; empty: there was nothing.
func (d *differences) both(name, a, b string) {
	switch {
	case a == b && a == "":
	case a == b:
		d.beneath(name + ": " + a)
	case a == "":
		d.beneath(name + " in b: " + b)
	case b == "":
		d.beneath(name + " in a: " + a)
	default:
		d.beneath(name + ": " + a + " → " + b)
	}
}

// tookBoth says what a step took on both sides.
func tookBoth(s view.StepDiff) string {
	var parts []string
	add := func(of func(*view.StepSide) string, unit string) {
		a, b := "", ""
		if s.A != nil {
			a = of(s.A)
		}
		if s.B != nil {
			b = of(s.B)
		}
		switch {
		case a == "" && b == "":
		case s.B == nil:
			parts = append(parts, a+unit)
		case s.A == nil || a == b:
			parts = append(parts, b+unit)
		default:
			parts = append(parts, cmp.Or(a, "–")+" → "+cmp.Or(b, "–")+unit)
		}
	}
	if s.Change == view.StepReused {
		return ""
	}
	add(func(s *view.StepSide) string {
		if s.Attempts == 0 {
			return ""
		}
		return term.Brief(time.Duration(s.Seconds * float64(time.Second)))
	}, "")
	add(func(s *view.StepSide) string {
		if s.Usage == nil || s.Usage.InputTokens == nil || s.Usage.OutputTokens == nil {
			return ""
		}
		return term.Grouped(*s.Usage.InputTokens) + "+" + term.Grouped(*s.Usage.OutputTokens)
	}, " tokens")
	add(func(s *view.StepSide) string {
		if s.Usage == nil || s.Usage.CostUSD == nil || *s.Usage.CostUSD == 0 {
			return ""
		}
		return Dollars(*s.Usage.CostUSD)
	}, "")
	return strings.Join(parts, ", ")
}

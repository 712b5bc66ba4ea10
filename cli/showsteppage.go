package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// step prints one step whole: nothing is cut.
func (p *page) step(run pawl.RunID, shown view.Step) {
	s := shown.Step
	fmt.Fprintf(p.w, "step %s of run %s %s\n", s.Key, run, p.ink.Paint(stepStyle(s.Status), stepStanding(s.Status)))
	p.fact("purpose", s.Purpose+remarks(s))
	p.fact("kind", fmt.Sprintf("%s, by %s", s.Kind, s.Boundary))
	p.fact("took", stepTook(s))
	p.fact("digest", s.Digest)
	var before []view.Message
	number, schema := 0, ""
	for _, r := range shown.Requests {
		if text := form.Compact(r.Schema); r.Schema != nil && text != schema {
			schema = text
			p.fact("schema", text)
		}
	}
	known := map[int]bool{}
	for _, at := range s.Attempts {
		known[at.Number] = true
		p.wholeAttempt(at)
		for _, r := range shown.Requests {
			if r.Number == at.Number {
				p.sent(r, before, number)
				before, number = r.Messages, r.Number
			}
		}
		p.came(at)
	}
	for _, r := range shown.Requests {
		if !known[r.Number] { // the record shows it only when it has ended
			fmt.Fprintf(p.w, "\nattempt %d has no outcome yet\n", r.Number)
			p.sent(r, before, number)
			before, number = r.Messages, r.Number
		}
	}
	answered := slices.ContainsFunc(s.Attempts, func(at pawl.Attempt) bool { return at.Raw != nil && at.Outcome == pawl.OutcomeAccepted })
	if len(s.Output) > 0 && string(s.Output) != "null" && !answered {
		p.text("result", form.Compact(s.Output))
	}
}

// stepStanding says where a step stands, as the end of a sentence.
func stepStanding(s pawl.StepStatus) string {
	switch s {
	case pawl.StepFailed:
		return "failed"
	case pawl.StepReused:
		return "was reused"
	}
	return "is " + string(s)
}

// wholeAttempt prints how an attempt ended, when and with what.
func (p *page) wholeAttempt(at pawl.Attempt) {
	fmt.Fprintf(p.w, "\nattempt %d %s\n", at.Number, at.Outcome)
	p.fact("  began", p.stamp(at.StartedAt.Time))
	if at.EndedAt != nil {
		p.fact("  took", term.Brief(at.EndedAt.Sub(at.StartedAt.Time)))
	}
	p.fact("  model", at.Model)
	if at.Usage != nil {
		var b bill
		b.add(at)
		p.fact("  usage", usage(*at.Usage, b))
	}
	for _, text := range at.Guidance {
		p.fact("  guided", text)
	}
	if at.RetryAt != nil {
		p.fact("  retry", "not before "+p.stamp(at.RetryAt.Time))
	}
}

// sent prints the messages of a request, but for those that stood at its
// beginning in the one before it.
func (p *page) sent(r view.Request, before []view.Message, number int) {
	same := 0
	for same < len(before) && same < len(r.Messages) && before[same] == r.Messages[same] {
		same++
	}
	if same > 0 {
		fmt.Fprintf(p.w, "  sent what attempt %d sent", number)
		if same == len(r.Messages) {
			fmt.Fprintln(p.w)
		} else {
			fmt.Fprintln(p.w, ", and")
		}
	}
	for _, m := range r.Messages[same:] {
		p.text("sent, "+string(m.Role), m.Text)
	}
	if r.MaxTokens > 0 {
		p.fact("  limit", term.Count(int64(r.MaxTokens), "token"))
	}
}

// came prints what an attempt brought.
func (p *page) came(at pawl.Attempt) {
	if at.Raw != nil {
		p.text("answer", *at.Raw)
	}
	for _, g := range at.Gates {
		verdict := "passed"
		if !g.OK {
			verdict = "turned it down: " + g.Detail
		}
		p.fact("  gate", g.Name+" "+verdict)
	}
	if at.Error != nil {
		p.fact("  error", fmt.Sprintf("%s: %s", at.Error.Kind, at.Error.Message))
		p.fact("  hint", at.Error.Hint)
	}
}

// text prints a text of many lines beneath its name.
func (p *page) text(name, text string) {
	fmt.Fprintf(p.w, "  %s:\n", name)
	for line := range strings.Lines(text) {
		depth := len(line) - len(strings.TrimLeft(line, " \t"))
		fmt.Fprintln(p.w, strings.TrimRight("    "+strings.ReplaceAll(line[:depth], "\t", "    ")+term.Plain(line), " "))
	}
}

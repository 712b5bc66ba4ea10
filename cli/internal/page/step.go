package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/llm"
)

// Step prints one step whole: nothing is cut.
func (p *Page) Step(run pawl.RunID, shown view.Step) {
	s := shown.Step
	fmt.Fprintf(p.Out, "step %s of run %s %s\n", s.Key, run, p.Ink.Paint(StepStyle(s.Status), stepStanding(s.Status)))
	p.Fact("purpose", s.Purpose+remarks(s))
	p.Fact("kind", fmt.Sprintf("%s, by %s", s.Kind, s.Boundary))
	p.Fact("took", stepTook(s))
	p.Fact("digest", s.Digest)
	var before []pawl.Message
	number, schema := 0, ""
	for _, r := range shown.Requests {
		if text := form.Compact(r.Schema); r.Schema != nil && text != schema {
			schema = text
			p.Fact("schema", text)
		}
	}
	known, skipped := map[int]bool{}, 0
	for i, at := range s.Attempts {
		known[at.Number] = true
		if at.Uncounted && i+1 < len(s.Attempts) && s.Attempts[i+1].Uncounted {
			skipped++ // of many such the last one says it all
			continue
		}
		p.wholeAttempt(at, skipped)
		skipped = 0
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
			fmt.Fprintf(p.Out, "\nattempt %d has no outcome yet\n", r.Number)
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

// wholeAttempt prints how an attempt ended, when and with what. So many before it
// ended alike.
func (p *Page) wholeAttempt(at pawl.Attempt, before int) {
	what := fmt.Sprintf("attempt %d %s", at.Number, at.Outcome)
	if before > 0 {
		what = fmt.Sprintf("attempts %d to %d %s; of the last:", at.Number-before, at.Number, at.Outcome)
	}
	fmt.Fprintf(p.Out, "\n%s\n", what)
	if at.Uncounted {
		p.Fact("  tries", "none used: others of its model got through")
	}
	p.Fact("  began", p.stamp(at.StartedAt.Time))
	if at.EndedAt != nil {
		p.Fact("  took", term.Brief(at.EndedAt.Sub(at.StartedAt.Time)))
	}
	p.Fact("  model", at.Model+answers(at)+byBatch(at))
	p.Fact("  tier", p.tier(at))
	if at.Requests > 1 {
		p.Fact("  asked", fmt.Sprintf("%d times, since the server refused how it was asked", at.Requests))
	}
	if at.Usage != nil {
		var b Bill
		b.add(at, p.StandIn)
		p.Fact("  usage", Usage(*at.Usage, b))
		p.Fact("  cache", cacheLine(*at.Usage))
	}
	for _, text := range at.Guidance {
		p.Fact("  guided", text)
	}
	if at.RetryAt != nil {
		p.Fact("  retry", "not before "+p.stamp(at.RetryAt.Time))
	}
}

// sent prints the messages of a request, but for those that stood at its
// beginning in the one before it.
func (p *Page) sent(r view.Request, before []pawl.Message, number int) {
	same := 0
	for same < len(before) && same < len(r.Messages) && before[same] == r.Messages[same] {
		same++
	}
	if same > 0 {
		fmt.Fprintf(p.Out, "  sent what attempt %d sent", number)
		if same == len(r.Messages) {
			fmt.Fprintln(p.Out)
		} else {
			fmt.Fprintln(p.Out, ", and")
		}
	}
	for _, m := range r.Messages[same:] {
		p.text("sent, "+string(m.Role), m.Text)
	}
	if r.MaxTokens > 0 {
		p.Fact("  limit", term.Count(int64(r.MaxTokens), "token"))
	}
	if r.Temperature != nil {
		p.Fact("  temperature", fmt.Sprint(*r.Temperature))
	}
	if r.Effort != "" {
		p.Fact("  effort", r.Effort)
	}
}

// came prints what an attempt brought.
func (p *Page) came(at pawl.Attempt) {
	if at.Raw != nil {
		p.text("answer", *at.Raw)
	}
	for _, g := range at.Gates {
		verdict := "passed"
		if !g.OK {
			verdict = "turned it down: " + g.Detail
		}
		p.Fact("  gate", g.Name+" "+verdict)
	}
	if at.Error != nil {
		p.Fact("  error", at.Error.String())
		p.Fact("  hint", at.Error.Hint)
	}
}

// text prints a text of many lines beneath its name.
func (p *Page) text(name, text string) {
	fmt.Fprintf(p.Out, "  %s:\n", name)
	for line := range strings.Lines(text) {
		depth := len(line) - len(strings.TrimLeft(line, " \t"))
		fmt.Fprintln(p.Out, strings.TrimRight("    "+strings.ReplaceAll(line[:depth], "\t", "    ")+term.Plain(line), " "))
	}
}

// byBatch says of an attempt that a vendor's batch answered it.
func byBatch(at pawl.Attempt) string {
	if at.Batch {
		return ", by a batch"
	}
	return ""
}

// tier says of which class of service an answer was, if its provider named it, and whether
// that is why nobody knows what it cost.
func (p *Page) tier(at pawl.Attempt) string {
	var b Bill
	b.add(at, p.StandIn)
	if b.Paid && at.Usage != nil && at.Usage.CostUSD == nil && !llm.OrdinaryTier(at.ServiceTier) {
		return at.ServiceTier + ", of which no price is known"
	}
	return at.ServiceTier
}

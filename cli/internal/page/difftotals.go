package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// totals prints what both runs took, and how many steps are what.
func (d *differences) totals(c view.Comparison) {
	rows := [][]string{{"", "a", "b"}}
	add := func(name string, of func(view.RunSide) string) {
		if a, b := of(c.A), of(c.B); a != "" || b != "" {
			rows = append(rows, []string{name, a, b})
		}
	}
	counted := func(of func(pawl.UsageRecord) *int64) func(view.RunSide) string {
		return func(s view.RunSide) string {
			if n := of(s.Usage); n != nil {
				return term.Grouped(*n)
			}
			return "unknown"
		}
	}
	add("calls", counted(func(u pawl.UsageRecord) *int64 { return &u.ModelCalls }))
	add("tokens in", counted(func(u pawl.UsageRecord) *int64 { return u.InputTokens }))
	add("out", counted(func(u pawl.UsageRecord) *int64 { return u.OutputTokens }))
	costs := isPaid(c.A.Usage) || isPaid(c.B.Usage)
	add("cost", func(s view.RunSide) string {
		switch {
		case !costs:
			return ""
		case s.Usage.CostUSD == nil:
			return "unknown"
		}
		return Dollars(*s.Usage.CostUSD)
	})
	add("took", func(s view.RunSide) string { return term.Brief(time.Duration(s.Seconds * float64(time.Second))) })
	d.lines(term.Table(rows, d.Width))
	fmt.Fprintln(d.Out, term.Hang(counts(c), 0, d.Width))
}

// isPaid reports whether calls cost something, or what they cost is not known.
func isPaid(u pawl.UsageRecord) bool { return u.CostUSD == nil || *u.CostUSD > 0 }

// counts says in a line how many steps are what.
func counts(c view.Comparison) string {
	n := map[view.StepChange]int{}
	for _, s := range c.Steps {
		n[s.Change]++
	}
	var parts []string
	for _, one := range []struct {
		change view.StepChange
		text   string
	}{{view.StepReused, "reused"}, {view.StepSame, "with the same result"}, {view.StepChanged, "changed"}, {view.StepOnlyA, "only in a"}, {view.StepOnlyB, "only in b"}} {
		if n[one.change] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", term.Grouped(int64(n[one.change])), one.text))
		}
	}
	if len(parts) == 0 {
		return "no steps"
	}
	return "of " + term.Count(int64(len(c.Steps)), "step") + ": " + strings.Join(parts, ", ")
}

package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// previewed is how many of many are listed before one says yes to all of them.
const previewed = 5

// preview says on stderr what is to be done to how many, which are the first, what
// follows, and what is left out and why.
func (m *many) preview(open, refused []*target) {
	a := m.app
	a.say("%s: %s", m.what, m.counted(open))
	rows := make([][]string, 0, previewed)
	for _, t := range open[:min(previewed, len(open))] {
		rows = append(rows, m.previewRow(t))
	}
	if len(rows) > 0 {
		for _, line := range term.Table(rows, max(0, a.stderr.Columns()-3)) {
			fmt.Fprintln(a.err, "  "+strings.TrimRight(line, " "))
		}
	}
	if more := len(open) - len(rows); more > 0 {
		a.sayBehindMark("  ", "and %d more", more)
	}
	m.sayRefused(refused, "cannot be")
	if len(open) > 0 && m.then != "" {
		a.say("%s", m.then)
	}
}

func (m *many) previewRow(t *target) []string {
	since, key, says := t.blocker.Since.Time, cmp.Or(string(t.decision.Key), "the flow"), t.blocker.Question
	if m.what == pawl.DecideCancel {
		since, key, says = t.run.CreatedAt.Time, string(t.run.Status), t.run.Reason
	}
	return []string{string(t.run.ID), t.run.Flow, key, term.Ago(m.app.now().Sub(since)), term.Plain(says)}
}

// counted says how many there are, and what they are.
func (m *many) counted(all []*target) string {
	runs, kinds := map[pawl.RunID]bool{}, map[string]int{}
	for _, t := range all {
		runs[t.run.ID] = true
		if m.what == pawl.DecideCancel {
			kinds[string(t.run.Status)]++
		} else {
			kinds[t.run.Flow]++
		}
	}
	s := term.Count(int64(len(runs)), "run")
	if m.what != pawl.DecideCancel {
		s = term.Count(int64(len(all)), "step") + " in " + s
	}
	return s + inBrackets(kinds)
}

// inBrackets lists how many there are of each sort: " (3 failed, 8 waiting)".
func inBrackets(of map[string]int) string {
	var parts []string
	for what, n := range of {
		parts = append(parts, fmt.Sprintf("%d %s", n, what))
	}
	if len(parts) == 0 {
		return ""
	}
	slices.Sort(parts)
	return " (" + strings.Join(parts, ", ") + ")"
}

// sayRefused names those that are not done, each with its reason.
func (m *many) sayRefused(refused []*target, how string) {
	a := m.app
	if len(refused) == 0 {
		return
	}
	a.say("%d %s %s:", len(refused), how, m.done())
	for _, t := range refused {
		e := pawl.AsError(t.err, pawl.ErrConflict)
		fmt.Fprintln(a.err, "  "+term.Hang(term.Plain(t.name()+": "+e.Message), 2, max(0, a.stderr.Columns()-3)))
	}
}

// done is what is said of one to which it was done.
func (m *many) done() string {
	switch m.what {
	case pawl.DecideApprove:
		return "approved"
	case pawl.DecideReject:
		return "rejected"
	case pawl.DecideAnswer:
		return "answered"
	case pawl.DecideRetry:
		return "retried"
	case pawl.DecideSkip:
		return "skipped"
	case pawl.DecideContinue:
		return "continued"
	case pawl.DecideCancel:
		return "canceled"
	}
	return "supplied"
}

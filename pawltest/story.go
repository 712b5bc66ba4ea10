package pawltest

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
)

// fail ends the test with a sentence and the story of the run.
func (r *Ran[Out]) fail(format string, args ...any) {
	r.t.Helper()
	r.t.Fatalf("%s\n%s", fmt.Sprintf(format, args...), indent(story(r.RunRecord)))
}

// story tells how a run stands and how it came there: its steps, their attempts,
// and what was said of their answers.
func story(run pawl.RunRecord) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("run of %s is %s%s", run.Flow, run.Status, after(": ", run.Reason))
	for _, s := range run.Steps {
		line("%s (%s): %s", s.Key, s.Kind, s.Status)
		for _, a := range s.Attempts {
			if a.Outcome == pawl.OutcomeAccepted && len(s.Attempts) == 1 {
				continue
			}
			line("  attempt %d %s%s", a.Number, a.Outcome, after(": ", attemptError(a)))
			for _, g := range a.Gates {
				if !g.OK {
					line("    gate %q: %s", g.Name, g.Detail)
				}
			}
			if a.Raw != nil && a.Outcome != pawl.OutcomeAccepted {
				line("    answer: %s", cut(fmt.Sprintf("%q", *a.Raw), 200))
			}
		}
	}
	for _, d := range run.Decisions {
		line("decision of %s: %s %s%s", d.Who, d.What, d.Key, after(": ", d.Comment))
	}
	for _, o := range run.Blockers {
		line("open: %s (%s)%s", cmp.Or(o.Key, "the flow"), o.Kind, after(": ", o.Question))
	}
	if run.Error != nil {
		line("error at %q: %s", run.Error.Step, run.Error)
	}
	return b.String()
}

func attemptError(a pawl.Attempt) string {
	if a.Error == nil || len(a.Gates) > 0 {
		return ""
	}
	return a.Error.String()
}

// after puts a mark before a text, if there is one.
func after(mark, s string) string {
	if s == "" {
		return ""
	}
	return mark + s
}

// indent sets a text off from what stands around it.
func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
}

// cut shortens a text to about n bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + " ..."
}

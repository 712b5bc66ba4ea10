package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// Took says how long a run was executed; empty if that is not known.
func Took(t view.Times) string {
	word, long := took(t)
	return strings.TrimSpace(word + " " + long)
}

func took(t view.Times) (word, long string) {
	switch {
	case t == view.Times{}:
		return "", ""
	case !t.Resumed:
		return "took", term.Brief(t.Over)
	}
	return "executed", fmt.Sprintf("for %s over %s", term.Brief(t.Executed), term.Brief(t.Over))
}

// CutOff says which attempts were left in flight by the run's last process; empty:
// none.
func CutOff(c view.Cut) string {
	was := func(n int, what, perhaps string) string {
		verb := " were cut and "
		if n == 1 {
			verb = " was cut and "
		}
		return term.Count(int64(n), what) + verb + perhaps
	}
	var s []string
	if c.Calls > 0 {
		s = append(s, was(c.Calls, "model call", "may have been billed"))
	}
	if c.Steps > 0 {
		s = append(s, was(c.Steps, "step", "may have had its effect"))
	}
	return strings.Join(s, "; ")
}

// Summary says in a line what was made and what it took. standIn is as for BillOf.
func Summary(rec pawl.RunRecord, took string, standIn func(model string) bool) string {
	steps := 0
	for _, s := range rec.Steps {
		if !s.Kind.Scope() {
			steps++
		}
	}
	s := fmt.Sprintf("%s: %s, %s", rec.Flow, term.Count(int64(steps), "step"), Usage(rec.Usage, BillOf(rec.Steps, standIn)))
	if took != "" {
		s += ", " + took
	}
	return s
}

// Failure is why a failed run failed; what was said is not said again.
func Failure(rec pawl.RunRecord, said Said) *pawl.Error {
	e := &pawl.Error{Kind: pawl.ErrFlow, Run: rec.ID, Message: Sentence("run %s failed", rec.ID, rec.Reason)}
	if rec.Error == nil {
		return e
	}
	e.Kind, e.Hint, e.Step = rec.Error.Kind, rec.Error.Hint, rec.Error.Step
	where := ""
	if e.Step != "" {
		where = " at " + string(e.Step)
	}
	e.Message = fmt.Sprintf("run %s failed%s", rec.ID, where)
	i := slices.IndexFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Key == "" })
	if i < 0 { // it is not the flow itself that stands still
		i = slices.IndexFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Key == e.Step && b.Kind.IsFailure() })
	}
	if i < 0 || !said.Has(rec.Blockers[i]) {
		e.Message += ": " + rec.Error.Message
	}
	if more := len(rec.Blockers) - 1; more > 0 {
		e.Message += fmt.Sprintf(" (and %s more)", term.Count(int64(more), "step"))
	}
	return e
}

// Waiting is what a run waits for that only a person can lift; of what was said
// only the steps are named.
func Waiting(rec pawl.RunRecord, said Said) *pawl.Error {
	why, what := rec.Reason, "run %s waits for an event"
	blockers := rec.Blockers
	if ofPeople := slices.DeleteFunc(slices.Clone(blockers), func(b pawl.Blocker) bool { return !AsksPerson(b) }); len(ofPeople) > 0 {
		blockers, what = ofPeople, "run %s waits for a person"
	}
	var asked []string
	for _, q := range questions(blockers) {
		if slices.ContainsFunc(q.of, said.Has) && len(q.steps) > 0 {
			asked = append(asked, strings.Join(q.steps, ", "))
		} else {
			asked = append(asked, q.String())
		}
	}
	if len(asked) > 0 {
		why = strings.Join(asked, "; ")
	}
	return &pawl.Error{Kind: waitingKind(rec.Blockers), Run: rec.ID, Message: Sentence(what, rec.ID, why)}
}

// waitingKind is the kind of the error of a run that waits for a person.
func waitingKind(blockers []pawl.Blocker) pawl.ErrorKind {
	for _, b := range blockers {
		if !b.Kind.IsFailure() && b.Kind != pawl.BlockerUnknown {
			return pawl.ErrWaiting
		}
	}
	return pawl.ErrUnknown
}

// Sentence says something of a run and why, if there is a reason.
func Sentence(format string, id pawl.RunID, why string) string {
	s := fmt.Sprintf(format, id)
	if why != "" {
		s += ": " + why
	}
	return s
}

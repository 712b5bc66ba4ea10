package page

import (
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// Verdict says what was decided on a step that was asked about since then, by whom
// and how long that took: "approved by anna after 3m". Retries and continued
// breakpoints are no verdict on a step, and empty.
func Verdict(d pawl.Decision, since time.Time) string {
	word := verdictWord(d.What)
	if word == "" {
		return ""
	}
	s := word + " by " + d.Who
	if d.Waits {
		return Waits(d)
	}
	if d.Expired {
		s = word + ", since nobody decided in time"
	}
	if d.What == pawl.DecideApprove && !form.IsNone(d.Value) {
		s += " with edits"
	}
	if d.Reason != "" {
		s += " (" + d.Reason + ")"
	}
	if d.At.After(since) && !d.Expired {
		s += " after " + briefly(d.At.Sub(since))
	}
	return s
}

// Waits says how a decision stands whose question the flow has not come to.
func Waits(d pawl.Decision) string { return "decided by " + d.Who + ", waits to be asked" }

// Awaited says who or what is waited for at a blocker of a kind; who may be empty: anyone.
func Awaited(kind pawl.BlockerKind, who string) string {
	switch {
	case kind == pawl.BlockerEvent:
		return "waits for an event"
	case who == "":
		return "waits for a person"
	}
	return "waits for " + who
}

// briefly is brief where a second is a short time.
func briefly(d time.Duration) string {
	if d >= time.Hour {
		return term.Ago(d)
	}
	return term.Brief(d)
}

// verdictWord says what somebody has made of a step; empty: nothing.
func verdictWord(what pawl.DecisionKind) string {
	switch what {
	case pawl.DecideApprove:
		return "approved"
	case pawl.DecideReject:
		return "rejected"
	case pawl.DecideAnswer:
		return "answered"
	case pawl.DecideSupply:
		return "supplied"
	case pawl.DecideSkip:
		return "skipped"
	}
	return ""
}

// People says of the steps of a run at which people decide who they are.
func People(rec pawl.RunRecord, now time.Time) map[pawl.Key]string {
	all := map[pawl.Key]string{}
	begun := map[pawl.Key]pawl.StepRecord{}
	for _, s := range rec.Steps {
		begun[s.Key] = s
	}
	for _, d := range rec.Decisions {
		if d.Unused {
			continue
		}
		since := d.At.Time
		if s := begun[d.Key]; pawl.BoundaryOf(s.Kind) == pawl.BoundaryHuman && s.StartedAt != nil {
			since = s.StartedAt.Time
		}
		if s := Verdict(d, since); s != "" {
			if d.Comment != "" {
				s += ": " + d.Comment
			}
			all[d.Key] = term.Plain(s)
		}
	}
	for _, b := range rec.Blockers {
		if !b.Kind.IsFailure() && b.Key != "" {
			all[b.Key] = term.Plain(Awaited(b.Kind, b.Who) + ", " + term.Ago(now.Sub(b.Since.Time)))
		}
	}
	return all
}

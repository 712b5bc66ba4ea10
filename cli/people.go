package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/journal"
)

// humanStep is what a step asks of a person, and what they decided.
type humanStep struct {
	who     string    // is asked; empty: anyone
	since   time.Time // it is asked
	decided *journal.Decision
	at      time.Time // it was decided
}

// humanSteps are the steps of a run at which people decide.
type humanSteps map[pawl.Key]*humanStep

// apply takes in the next event.
func (all humanSteps) apply(ev pawl.Event) error {
	switch ev.Type {
	case pawl.EventBlocker:
		b, err := journal.Decode[journal.Blocker](ev)
		if err != nil {
			return err
		}
		if was := all[ev.Key]; was != nil && was.decided == nil { // the same question in other words
			was.who = b.Who
			return nil
		}
		all[ev.Key] = &humanStep{who: b.Who, since: ev.At.Time}
	case pawl.EventDecision:
		d, err := journal.Decode[journal.Decision](ev)
		if err != nil {
			return err
		}
		q := all[ev.Key]
		if q == nil { // of a failure
			q = &humanStep{since: ev.At.Time}
			all[ev.Key] = q
		}
		q.decided, q.at = &d, ev.At.Time
	}
	return nil
}

// verdict says what was decided, by whom and how long that took: "approved by anna
// after 3m". Retries and continued breakpoints are no verdict on a step, and empty.
func (q *humanStep) verdict() string {
	d := q.decided
	if d == nil {
		return ""
	}
	word := verdictWord(d.What)
	if word == "" {
		return ""
	}
	s := word + " by " + d.Who
	if d.Expired {
		s = word + ", since nobody decided in time"
	}
	if d.What == pawl.DecideApprove && d.Value != nil {
		s += " with edits"
	}
	if d.Reason != "" {
		s += " (" + d.Reason + ")"
	}
	if q.at.After(q.since) && !d.Expired {
		s += " after " + briefly(q.at.Sub(q.since))
	}
	return s
}

// asks says who is waited for.
func (q *humanStep) asks() string {
	if q.who == "" {
		return "waits for a person"
	}
	return "waits for " + q.who
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
	}
	return ""
}

// human reports whether a person acts in steps of that kind.
func human(k pawl.Kind) bool { return k.Boundary() == pawl.BoundaryHuman }

// guided says what a person wants of later asks.
func (l *lines) guided(_ pawl.Event, g journal.Guidance) string {
	return fmt.Sprintf("guided by %s: %s", g.Who, g.Text)
}

// directed says what was asked of the run. Who pauses it from here knows.
func (l *lines) directed(_ pawl.Event, d journal.Directive) string {
	switch {
	case d.What == pawl.DirectCancel:
		return strings.TrimSuffix(fmt.Sprintf("cancel asked for by %s: %s", d.Who, d.Text), ": ")
	case d.What == pawl.DirectPause && !l.pauses:
		return "pause asked for by " + d.Who
	}
	return ""
}

// decided says what somebody decided, and how long that took if it took long; that
// a failed step is tried again is known to whoever sees it begin.
func (l *lines) decided(ev pawl.Event, d journal.Decision) string {
	if d.What == pawl.DecideRetry {
		return ""
	}
	s := string(d.What) + " by " + d.Who
	if d.Expired {
		s = string(d.What) + ", since nobody decided in time"
	}
	if d.What == pawl.DecideApprove && d.Value != nil {
		s += ", with edits"
	}
	if d.What == pawl.DecideRaise && d.Budget != nil {
		s += " to " + limits(*d.Budget)
	}
	if d.Reason != "" {
		s += " (" + d.Reason + ")"
	}
	if q := l.people[ev.Key]; q != nil && !d.Expired && q.at.Sub(q.since) >= time.Minute {
		s += " after " + term.Ago(q.at.Sub(q.since))
	}
	if d.Comment != "" {
		s += ": " + d.Comment
	}
	if ev.Key != "" {
		s = string(ev.Key) + ": " + s
	}
	return s
}

// peopleOf says of the steps of a run at which people decide who they are.
func peopleOf(rec pawl.RunRecord, now time.Time) map[pawl.Key]string {
	all := map[pawl.Key]string{}
	begun := map[pawl.Key]pawl.StepRecord{}
	for _, s := range rec.Steps {
		begun[s.Key] = s
	}
	for _, d := range rec.Decisions {
		q := humanStep{at: d.At.Time, decided: &journal.Decision{What: d.What, Who: d.Who, Reason: d.Reason, Expired: d.Expired}}
		if s := begun[d.Key]; human(s.Kind) && s.StartedAt != nil {
			q.since = s.StartedAt.Time
		} else {
			q.since = q.at
		}
		if len(d.Value) > 0 && string(d.Value) != "null" {
			q.decided.Value = d.Value
		}
		if s := q.verdict(); s != "" {
			if d.Comment != "" {
				s += ": " + d.Comment
			}
			all[d.Key] = term.Plain(s)
		}
	}
	for _, b := range rec.Blockers {
		if b.Kind != pawl.BlockerFailure && b.Kind != pawl.BlockerMismatch && b.Key != "" {
			q := humanStep{who: b.Who}
			all[b.Key] = term.Plain(q.asks() + ", " + term.Ago(now.Sub(b.Since.Time)))
		}
	}
	return all
}

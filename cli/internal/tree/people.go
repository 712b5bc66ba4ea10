package tree

import (
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/journal"
)

// humanStep is what a step asks of a person, and what they decided.
type humanStep struct {
	kind    pawl.BlockerKind
	who     string         // is asked; empty: anyone
	since   time.Time      // it is asked
	decided *pawl.Decision // nil: not yet
}

// humanSteps are the steps of a run at which people decide.
type humanSteps map[pawl.Key]*humanStep

// Apply takes in the next event.
func (all humanSteps) apply(ev pawl.Event) error {
	switch ev.Type {
	case pawl.EventBlocker:
		b, err := journal.Decode[journal.Blocker](ev)
		if err != nil {
			return err
		}
		if was := all[ev.Key]; was != nil && was.decided == nil { // the same question in other words
			was.kind, was.who = b.Kind, b.Who
			return nil
		}
		all[ev.Key] = &humanStep{kind: b.Kind, who: b.Who, since: ev.At.Time}
	case pawl.EventDecision:
		d, err := journal.Decode[journal.Decision](ev)
		if err != nil || d.Waits && d.Delivery != "" {
			return err
		}
		q := all[ev.Key]
		if q == nil { // of a failure
			q = &humanStep{since: ev.At.Time}
			all[ev.Key] = q
		}
		q.decided = &pawl.Decision{Key: ev.Key, What: d.What, Who: d.Who, At: ev.At, Comment: d.Comment, Reason: d.Reason, Value: d.Value, Expired: d.Expired, Waits: d.Waits}
	}
	return nil
}

// guided says what a person wants of later asks.
func (l *Lines) guided(_ pawl.Event, g journal.Guidance) string {
	return fmt.Sprintf("guided by %s: %s", g.Who, g.Text)
}

// directed says what was asked of the run. Who pauses it from here knows.
func (l *Lines) directed(_ pawl.Event, d journal.Directive) string {
	switch {
	case d.What == pawl.DirectCancel:
		return strings.TrimSuffix(fmt.Sprintf("cancel asked for by %s: %s", d.Who, d.Text), ": ")
	case d.What == pawl.DirectPause && !l.Pauses:
		return "pause asked for by " + d.Who
	case len(d.Prompts) > 0:
		return fmt.Sprintf("asks with other prompts from now on, by %s: %s", d.Who, names(d.Prompts))
	}
	return ""
}

func names(prompts []pawl.Replaced) string {
	var all []string
	for _, p := range prompts {
		all = append(all, p.Name)
	}
	return strings.Join(all, ", ")
}

// decided says what somebody decided, and how long that took if it took long; that
// a failed step is tried again is known to whoever sees it begin.
func (l *Lines) decided(ev pawl.Event, d journal.Decision) string {
	switch d.What {
	case pawl.DecideRetry:
		return ""
	case journal.Withdraw:
		if d.Digest == "" {
			return string(ev.Key) + ": the flow does not ask any more"
		}
		return string(ev.Key) + ": what is recorded fits again"
	}
	s := string(d.What) + " by " + d.Who
	if d.Expired {
		s = string(d.What) + ", since nobody decided in time"
	}
	if d.What == pawl.DecideApprove && d.Value != nil {
		s += ", with edits"
	}
	if d.What == pawl.DecideRaise && d.Budget != nil {
		s += " to " + page.Limits(*d.Budget)
	}
	if d.Reason != "" {
		s += " (" + d.Reason + ")"
	}
	if d.Waits {
		s += ", waits to be asked"
	}
	if q := l.people[ev.Key]; q != nil && !d.Expired && ev.At.Sub(q.since) >= time.Minute {
		s += " after " + term.Ago(ev.At.Sub(q.since))
	}
	if d.Comment != "" {
		s += ": " + d.Comment
	}
	if ev.Key != "" {
		s = string(ev.Key) + ": " + s
	}
	return s
}

package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// lines turns a run's events into stamped lines for people.
type lines struct {
	w       io.Writer
	columns func() int // of the terminal that w is; nil or 0: it is none

	zone *time.Location
	now  func() time.Time    // what is not of its day has its date
	flow string              // its name, for what concerns no step
	mask func(string) string // hides what must not be shown

	asked    bool // the questions were put to the person at the terminal
	noNotes  bool // the flow is not known: they may hold what is sensitive
	noBegins bool // a tree shows that an attempt begins

	people humanSteps
	pauses bool // this process asked for the pause

	waited map[pawl.Key]bool // steps whose wait for the next attempt was said, with its cause
	said   map[string]bool   // failures and questions that were said
}

// show prints what is worth a line. The text is masked as a whole.
func (l *lines) show(ev view.Event) error { return l.event(ev.Recorded) }

func (l *lines) event(ev pawl.Event) error {
	var text string
	var err error
	if err := l.people.apply(ev); err != nil {
		return err
	}
	switch ev.Type {
	case pawl.EventIntent:
		text, err = on(ev, l.intent)
	case pawl.EventAttempt:
		text, err = on(ev, l.attempt)
	case pawl.EventFailed:
		text, err = on(ev, l.failed)
	case pawl.EventBlocker:
		text, err = on(ev, l.blocker)
	case pawl.EventDecision:
		text, err = on(ev, l.decided)
	case pawl.EventDirective:
		text, err = on(ev, l.directed)
	case pawl.EventGuidance:
		text, err = on(ev, l.guided)
	case pawl.EventNote:
		text, err = on(ev, l.note)
	}
	if err == nil && text != "" {
		l.print(ev.At.Time, text)
	}
	return err
}

// print writes one stamped line.
func (l *lines) print(at time.Time, text string) {
	at, form := at.In(l.zone), time.TimeOnly
	if at.Format(time.DateOnly) != l.now().In(l.zone).Format(time.DateOnly) {
		form = time.DateTime
	}
	columns := 0
	if l.columns != nil {
		columns = l.columns()
	}
	fmt.Fprintln(l.w, term.Stamped(at.Format(form), l.mask(text), columns))
}

func (l *lines) note(_ pawl.Event, n journal.Note) string {
	if l.noNotes {
		return ""
	}
	return n.Text
}

// on decodes an event's body for the function that words it.
func on[B any](ev pawl.Event, word func(pawl.Event, B) string) (string, error) {
	b, err := journal.Decode[B](ev)
	if err != nil {
		return "", err
	}
	return word(ev, b), nil
}

func (l *lines) intent(ev pawl.Event, in journal.Intent) string {
	switch {
	case in.Try <= 1 && l.noBegins:
		return ""
	case in.Try <= 1:
		return doing(ev.Key, in.Step.Purpose)
	}
	s := fmt.Sprintf("Attempt %d/%d of %s", in.Try, in.Of, ev.Key)
	waited := l.waited[ev.Key]
	delete(l.waited, ev.Key)
	switch {
	case in.Why != "" && !waited:
		s += ": " + in.Why
	case l.noBegins:
		return ""
	}
	return s
}

// doing says that a step begins: its purpose, and which one it is if others may
// have the same.
func doing(key pawl.Key, purpose string) string {
	which := ""
	if scope, _, inside := cutLast(string(key), "/"); inside {
		which = scope
	}
	if strings.Contains(string(key), "#") {
		which = string(key)
	}
	if which == "" {
		return purpose
	}
	return fmt.Sprintf("%s (%s)", purpose, which)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// attempt has something to say only of attempts that nothing announced, and of
// a wait before the next one. Why an answer was rejected is said with the next
// attempt, and a failure in its own event.
func (l *lines) attempt(ev pawl.Event, at journal.Attempt) string {
	if at.RetryAt != nil && at.Error != nil {
		l.waited[ev.Key] = true
		wait := at.RetryAt.Sub(ev.At.Time)
		s := fmt.Sprintf("%s: %s; waiting %s before the next attempt", ev.Key, at.Error.Message, term.Brief(wait))
		if wait > time.Minute {
			s += "; one may stop with Ctrl-C and resume later"
		}
		return s
	}
	if at.Step != nil && !at.Step.Kind.Scope() && !l.noBegins {
		return doing(ev.Key, at.Step.Purpose)
	}
	return ""
}

func (l *lines) failed(ev pawl.Event, f journal.Failed) string {
	what := string(ev.Key)
	if what == "" {
		what = l.flow
	}
	l.said[l.mask(f.Error.Message)] = true
	s := fmt.Sprintf("%s failed: %s", what, f.Error.Message)
	if f.Final {
		s += " (the flow goes on without it)"
	}
	return s
}

// blocker words what a person is asked; failures have had their line.
func (l *lines) blocker(ev pawl.Event, b journal.Blocker) string {
	if b.Kind == pawl.BlockerFailure {
		return ""
	}
	l.said[l.mask(b.Question)] = true
	if ev.Key == "" {
		return b.Question
	}
	who := ""
	if b.Who != "" {
		who = " for " + b.Who
	}
	return fmt.Sprintf("%s waits%s: %s", ev.Key, who, b.Question)
}

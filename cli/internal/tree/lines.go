package tree

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Lines turns a run's events into stamped lines for people. Its fields are set
// before the first event, but for Pauses. It belongs to one goroutine.
type Lines struct {
	Out     io.Writer
	Columns func() int // of the terminal that Out is; nil or 0: it is none

	Zone *time.Location
	Now  func() time.Time    // what is not of its day has its date
	Flow string              // its name, for what concerns no step
	Mask func(string) string // hides what must not be shown

	NoNotes  bool // the flow is not known: they may hold what is sensitive
	NoBegins bool // a tree shows that an attempt begins

	Pauses bool // this process asked for the pause

	Said page.Said // failures and questions that were said

	people humanSteps
	asked  map[pawl.Key]string // the model that a step asked last
	waited map[pawl.Key]bool   // steps whose wait for the next attempt was said, with its cause
}

// Event prints what is worth a line. It wants a run's events in order.
func (l *Lines) Event(ev pawl.Event) error {
	if l.people == nil {
		l.people, l.asked, l.waited, l.Said = humanSteps{}, map[pawl.Key]string{}, map[pawl.Key]bool{}, page.Said{}
	}
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
	if err != nil || text == "" {
		return err
	}
	l.Print(ev.At.Time, text)
	if ev.Type != pawl.EventFailed && ev.Type != pawl.EventBlocker {
		return nil
	}
	b, err := replay.Opened(ev)
	if err == nil {
		l.Said.Add(b)
	}
	return err
}

// Print writes one stamped line.
func (l *Lines) Print(at time.Time, text string) {
	at, form := at.In(l.Zone), time.TimeOnly
	if at.Format(time.DateOnly) != l.Now().In(l.Zone).Format(time.DateOnly) {
		form = time.DateTime
	}
	columns := 0
	if l.Columns != nil {
		columns = l.Columns()
	}
	fmt.Fprintln(l.Out, term.Stamped(at.Format(form), l.Mask(text), columns))
}

func (l *Lines) note(_ pawl.Event, n journal.Note) string {
	if l.NoNotes {
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

func (l *Lines) intent(ev pawl.Event, in journal.Intent) string {
	before := l.asked[ev.Key]
	l.asked[ev.Key] = in.Model
	switch {
	case in.Try <= 1 && in.Why != "" && before != "" && before != in.Model:
		return fmt.Sprintf("%s asks %s now, since %s", ev.Key, in.Model, in.Why)
	case in.Try <= 1 && l.NoBegins:
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
	case l.NoBegins:
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
func (l *Lines) attempt(ev pawl.Event, at journal.Attempt) string {
	if at.RetryAt != nil && at.Error != nil {
		l.waited[ev.Key] = true
		wait := at.RetryAt.Sub(ev.At.Time)
		s := fmt.Sprintf("%s: %s; waiting %s before the next attempt", ev.Key, at.Error.Message, term.Brief(wait))
		if wait > time.Minute {
			s += "; one may stop with Ctrl-C and resume later"
		}
		return s
	}
	if at.Step != nil && !at.Step.Kind.Scope() && !l.NoBegins {
		return doing(ev.Key, at.Step.Purpose)
	}
	return ""
}

func (l *Lines) failed(ev pawl.Event, f journal.Failed) string {
	what := string(ev.Key)
	switch {
	case what == "" && f.Final:
		return "" // the run's end has no line, whichever it is
	case what == "":
		what = l.Flow
	}
	s := fmt.Sprintf("%s failed: %s", what, f.Error.Message)
	if f.Final {
		s += " (the flow goes on without it)"
	}
	return s
}

// blocker words what a person is asked; failures have had their line.
func (l *Lines) blocker(ev pawl.Event, b journal.Blocker) string {
	switch {
	case b.Kind == pawl.BlockerFailure:
		return ""
	case ev.Key == "":
		return b.Question
	case b.Kind == pawl.BlockerMismatch:
		return fmt.Sprintf("%s stands still: %s", ev.Key, b.Question)
	}
	who := ""
	if b.Who != "" {
		who = " for " + b.Who
	}
	return fmt.Sprintf("%s waits%s: %s", ev.Key, who, b.Question)
}

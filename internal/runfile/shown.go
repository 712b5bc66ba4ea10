package runfile

import (
	"errors"
	"reflect"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// shown returns what is told of an event whose body is withheld: what happened, when and
// for how much, and no value.
func shown(e pawl.Event, t teller) (pawl.Event, error) {
	_, left, err := told(e, t)
	if err != nil {
		return e, err
	}
	salted := isSalted(e)
	e.BodyDigest = journal.Digest(e.Body)
	if e.Body, err = schema.Marshal(left); err == nil && !salted {
		e.Body = append(append(e.Body[:len(e.Body)-1], `,"unsalted":true`...), '}') // every body has members
	}
	return e, err
}

// checkShown refuses what a file tells of a withheld event beyond that: it would be taken
// for what was recorded, and nothing proves it.
func checkShown(e pawl.Event) error {
	is, left, err := told(e, teller{line: func(s string) string { return s }, input: true})
	if err == nil && !reflect.DeepEqual(is, left) {
		err = errors.New("its body is withheld, and what is shown of it has a value all the same")
	}
	return err
}

// told returns an event's body as it is, and as it is told.
func told(e pawl.Event, t teller) (is, left any, err error) {
	switch line := t.line; e.Type {
	case pawl.EventCreated:
		return tell(e, t.created)
	case pawl.EventClaimed:
		return tell(e, func(*journal.Claimed) {})
	case pawl.EventReleased:
		return tell(e, func(b *journal.Released) { b.Reason = line(b.Reason) })
	case pawl.EventIntent:
		return tell(e, func(b *journal.Intent) {
			t.step(&b.Step)
			b.Why, b.Request = "", nil
		})
	case pawl.EventAttempt:
		return tell(e, t.attempt)
	case pawl.EventScope:
		return tell(e, func(b *journal.Scope) { t.step(&b.Step) })
	case pawl.EventTimer:
		return tell(e, func(b *journal.Timer) { t.step(b.Step) })
	case pawl.EventFailed:
		return tell(e, func(b *journal.Failed) { t.failure(&b.Error) })
	case pawl.EventBlocker:
		return tell(e, t.blocker)
	case pawl.EventDecision:
		return tell(e, t.decision)
	case pawl.EventReused:
		return tell(e, func(b *journal.Reused) {
			t.step(&b.Step)
			t.failure(b.Error)
			t.decision(b.Decision)
			b.Result = nil
		})
	case pawl.EventOverride:
		return tell(e, func(b *journal.Override) { b.Value = []byte("null") })
	case pawl.EventGuidance:
		return tell(e, func(b *journal.Guidance) { b.Text = line(b.Text) })
	case pawl.EventDirective:
		return tell(e, func(b *journal.Directive) { b.Text, b.Prompts = line(b.Text), nil })
	case pawl.EventNote:
		return tell(e, t.note)
	case pawl.EventDone:
		return tell(e, func(b *journal.Done) { b.Output, b.Reason = []byte("null"), line(b.Reason) })
	case pawl.EventCanceled:
		return tell(e, func(b *journal.Canceled) { b.Reason = line(b.Reason) })
	}
	return nil, nil, errors.New("this program does not know its type")
}

func tell[B any](e pawl.Event, leave func(*B)) (is, left any, err error) {
	body, err := journal.Decode[B](e)
	if err != nil {
		return nil, nil, err
	}
	again, err := journal.Decode[B](e) // what it points to is its own
	leave(&again)
	return body, again, err
}

// teller leaves of bodies what is told.
type teller struct {
	line  func(string) string // how a text may be told that people read
	input bool                // the run's input may be
}

// step leaves what a step is, and not what it is about.
func (t teller) step(s *journal.Step) {
	if s != nil {
		s.Purpose, s.Digest, s.Data = t.line(s.Purpose), "", nil
	}
}

func (t teller) failure(f *journal.Failure) {
	if f != nil {
		f.Message, f.Hint, f.Stack = t.line(f.Message), t.line(f.Hint), ""
	}
}

func (t teller) created(b *journal.Created) {
	b.Secret, b.SecretDigest, b.Prompts = "", "", nil
	if !t.input {
		b.Input = []byte("null")
	}
}

func (t teller) attempt(b *journal.Attempt) {
	t.step(b.Step)
	t.failure(b.Error)
	b.Raw, b.Result, b.RequestID = nil, nil, ""
	for i := range b.Gates {
		b.Gates[i].Detail = ""
	}
}

func (t teller) blocker(b *journal.Blocker) {
	t.step(b.Step)
	b.Question, b.Hint = t.line(b.Question), t.line(b.Hint)
	b.Proposal, b.Schema, b.Digest, b.Request = nil, "", "", nil
}

func (t teller) decision(b *journal.Decision) {
	if b != nil {
		t.step(b.Step)
		b.Comment, b.Value, b.Digest = t.line(b.Comment), nil, ""
	}
}

// note leaves that a step is stale, and not the digest that it would have.
func (t teller) note(b *journal.Note) {
	b.Text = t.line(b.Text)
	if b.Stale != "" {
		b.Stale = "withheld"
	}
}

package view

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/journal"
)

// answers are what has come of a run's answers that are under way, by their steps.
//
// A piece may be ahead of the events: what an earlier answer has taught about what is to
// be hidden may not be known here yet. So nothing of an attempt is shown before its
// intent has been, for that stands behind all that the attempt can repeat.
type answers struct {
	begun map[pawl.Key]int // attempts whose intent was shown
	over  map[pawl.Key]int // attempts whose outcome was shown
	ahead map[pawl.Key]*pawl.Piece
	shown map[pawl.Key]*mask.Growing
}

func newAnswers() answers {
	return answers{map[pawl.Key]int{}, map[pawl.Key]int{}, map[pawl.Key]*pawl.Piece{}, map[pawl.Key]*mask.Growing{}}
}

// Piece takes a piece of one of the run's answers, and returns what may be shown further
// by now: all shown pieces of an attempt make the beginning of its answer, until one
// says that the attempt has ended. False: nothing.
func (f *Follower) Piece(p pawl.Piece) (pawl.Piece, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := &f.answers
	switch {
	case p.Run != f.id || p.Attempt <= a.over[p.Key] || p.Attempt < a.begun[p.Key]:
		return pawl.Piece{}, false
	case p.Attempt > a.begun[p.Key]:
		before := a.ahead[p.Key]
		if before == nil || before.Attempt != p.Attempt || before.End {
			before = &pawl.Piece{Run: p.Run, Key: p.Key, Attempt: p.Attempt}
			a.ahead[p.Key] = before
		}
		before.Text += p.Text
		before.End, before.Sensitive = p.End, before.Sensitive || p.Sensitive
		return pawl.Piece{}, false
	}
	return f.grow(p)
}

// Passed says that an event, here as it is recorded, was shown, and returns what that lets
// be shown of an answer
// whose pieces were ahead of it. It is to be told every event. False: nothing.
func (f *Follower) Passed(ev pawl.Event) (pawl.Piece, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := &f.answers
	switch ev.Type {
	case pawl.EventIntent:
		in, err := journal.Decode[journal.Intent](ev)
		if err != nil {
			return pawl.Piece{}, false // whoever shows it says so
		}
		a.begun[ev.Key] = in.Number
		delete(a.shown, ev.Key)
		ahead := a.ahead[ev.Key]
		if ahead == nil || ahead.Attempt > in.Number {
			return pawl.Piece{}, false
		}
		delete(a.ahead, ev.Key)
		if ahead.Attempt == in.Number {
			return f.grow(*ahead)
		}
	case pawl.EventAttempt:
		at, err := journal.Decode[journal.Attempt](ev)
		if err != nil {
			return pawl.Piece{}, false
		}
		a.over[ev.Key] = at.Number
		delete(a.shown, ev.Key)
		if ahead := a.ahead[ev.Key]; ahead != nil && ahead.Attempt <= at.Number {
			delete(a.ahead, ev.Key)
		}
	}
	return pawl.Piece{}, false
}

// grow returns a piece of an attempt that was begun as it may be shown.
func (f *Follower) grow(p pawl.Piece) (pawl.Piece, bool) {
	shown := f.answers.shown
	if p.Sensitive || f.mask.HidesAnswer(p.Key) {
		return pawl.Piece{}, false
	}
	text := shown[p.Key]
	if text == nil {
		if p.Text == "" {
			return pawl.Piece{}, false
		}
		text = f.mask.Grow()
		shown[p.Key] = text
	}
	p.Text = text.Add(p.Text)
	if p.End {
		p.Text += text.End()
		delete(shown, p.Key)
	}
	return p, p.End || p.Text != ""
}

// HidesAnswers reports whether no answer of the run is shown before it is whole: its flow
// is not known here, or what of its output is sensitive is not known before its end.
func (f *Follower) HidesAnswers() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mask.HidesAnswer("")
}

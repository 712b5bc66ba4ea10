package batch

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var errClosed = errors.New("batch: the box is closed")

// errAbsent says that a vendor does not have a batch.
var errAbsent = errors.New("batch: the vendor does not have it")

// refused is what a vendor answered to a call about a batch, in place of what was asked.
type refused struct {
	answer
	final bool // it is of the batch itself: asking again changes nothing
}

func (r *refused) Error() string {
	return fmt.Sprintf("batch: the vendor answered %d: %s", r.Status, r.Body)
}

// mayPass reports whether the next try may do better.
func mayPass(err error) bool {
	var r *refused
	if !errors.As(err, &r) {
		return true // of the connection
	}
	return !r.final && (r.Status == http.StatusTooManyRequests || r.Status == http.StatusRequestTimeout || r.Status >= 500)
}

// send sends what a group has gathered. It is called with mu held.
func (b *Box) send(of group) {
	g := b.groups[of]
	delete(b.groups, of)
	g.timer.Stop()
	if len(g.items) == 0 || b.ctx.Err() != nil {
		return
	}
	r := g.items[0].request
	s := &sent{Mark: strings.ToLower(rand.Text()), Form: r.form, Base: r.base, Path: r.path, Model: r.model, Created: time.Now().UTC().Truncate(time.Second), dir: b.ledger.dir, followed: true}
	for _, it := range g.items {
		it.sent = true
		s.Items = append(s.Items, it.name)
	}
	b.ledger.add(s)
	b.under.Go(func() {
		if b.submit(s, r, g.items) {
			b.follow(s, r)
		}
	})
}

// submit hands a batch to the vendor, and reports whether that has it. It is kept before
// that it will be, so that who comes after a crash asks the vendor whether it is there.
func (b *Box) submit(s *sent, r *request, items []*item) bool {
	err := s.store()
	if err == nil {
		s.ID, err = formOf(r.form).submit(b, r, s.Mark, items)
	}
	if err != nil && mayPass(err) && b.ctx.Err() == nil { // perhaps it has it all the same
		if id, lost := formOf(r.form).find(b, r, s); lost == nil {
			s.ID, err = id, nil // empty: look finds it later
		}
	}
	if b.ctx.Err() != nil {
		return false // the next one asks whether it is there
	}
	if err == nil {
		err = s.store()
	}
	if err == nil {
		b.o.Tell(News{Sent, s.ID, s.Model, len(s.Items), err})
	}
	if err != nil {
		b.giveUp(s, err)
	}
	return err == nil
}

// lookAfter waits for a batch that was sent before. It is called with mu held.
func (b *Box) lookAfter(s *sent, r *request) {
	if s.followed {
		return
	}
	s.followed = true
	b.under.Go(func() { b.follow(s, r) })
}

// follow waits until a batch is answered, and hands out the answers.
func (b *Box) follow(s *sent, r *request) {
	for wait := min(time.Second, b.o.Poll); b.ctx.Err() == nil; wait = min(2*wait, b.o.Poll) {
		ended, err := b.look(s, r)
		switch {
		case errors.Is(err, errAbsent):
			b.again(s)
			return
		case err != nil && !mayPass(err):
			b.giveUp(s, err)
			return
		case ended:
			b.handOut(s)
			return
		}
		select {
		case <-time.After(wait):
		case <-b.ctx.Done():
		}
	}
}

// look asks the vendor for a batch, and stores the answers when they are there.
func (b *Box) look(s *sent, r *request) (ended bool, err error) {
	f := formOf(s.Form)
	if s.ID == "" {
		if s.ID, err = f.find(b, r, s); err != nil {
			return false, err
		}
		if s.ID == "" {
			return false, nil
		}
		if err := s.store(); err != nil {
			return false, err
		}
	}
	if s.read == nil {
		if s.read, err = f.poll(b, r, s.ID); err != nil || s.read == nil {
			return false, err
		}
	}
	got := map[string]answer{}
	none, err := s.read(func(a answer) { got[a.Name] = a })
	if err != nil {
		return false, err
	}
	answers := make([]answer, len(s.Items))
	for i, name := range s.Items {
		a, ok := got[name]
		if !ok {
			a = none
			a.Name = name
		}
		answers[i] = a
	}
	if err := s.storeAnswers(answers); err != nil {
		return false, err
	}
	b.o.Tell(News{Answered, s.ID, s.Model, len(s.Items), nil})
	return true, nil
}

// handOut gives the answers of a batch to those who wait.
func (b *Box) handOut(s *sent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.followed = false
	for _, it := range b.waiting(s) {
		a, err := s.answerTo(it.name)
		if err == nil && a == nil {
			err = fmt.Errorf("%s is gone", s.file(answersSuffix))
		}
		if err != nil {
			it.end(answer{}, err)
			continue
		}
		s.hand(it, *a)
	}
}

// hand gives an answer to those who wait for it. It is called with mu held.
func (s *sent) hand(it *item, a answer) {
	if s.handed == nil {
		s.handed = map[string]bool{}
	}
	s.handed[it.name] = true
	it.end(a, nil)
}

// giveUp tells those who wait for a batch why there is none. What a vendor has refused, and
// has no id of, it does not have.
func (b *Box) giveUp(s *sent, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.followed = false
	items := b.waiting(s)
	var r *refused
	if errors.As(err, &r) && (s.ID == "" || r.Status != http.StatusUnauthorized && r.Status != http.StatusForbidden) {
		b.ledger.forget(s)
	}
	b.o.Tell(News{GivenUp, s.ID, s.Model, len(s.Items), err})
	for _, it := range items {
		if r != nil {
			it.end(r.answer, nil)
		} else {
			it.end(answer{}, err)
		}
	}
}

// again gathers what somebody waits for of a batch that the vendor never got.
func (b *Box) again(s *sent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.waiting(s)
	b.ledger.forget(s)
	for _, it := range items {
		it.sent = false
		b.gather(it)
	}
}

// waiting are the items of a batch that somebody waits for. It is called with mu held.
func (b *Box) waiting(s *sent) (items []*item) {
	for _, name := range s.Items {
		it := b.items[name]
		if it == nil || b.ledger.of[name] != s {
			continue
		}
		select {
		case <-it.done:
		default:
			items = append(items, it)
		}
	}
	return items
}

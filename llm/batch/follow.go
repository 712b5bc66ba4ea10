package batch

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
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

func (r *refused) Error() string { return fmt.Sprintf("the vendor answered %d", r.Status) }

// mayPass reports whether an error says nothing of the batch: the way to the vendor, its
// state, or who asks it.
func mayPass(err error) bool {
	var r *refused
	if !errors.As(err, &r) {
		return errors.As(err, new(*unreached))
	}
	switch r.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return !r.final
	}
	return !r.final && r.Status >= 500
}

// mayHave reports whether a vendor may have taken what it answered so. Where there was no
// connection, nothing was sent.
func mayHave(err error) bool {
	var r *refused
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		return false
	}
	return errors.As(err, new(*unreached)) || errors.As(err, &r) && r.Status >= 500
}

// saidAfter is how long a fault is between two looks that is told of.
const saidAfter = 4 * time.Second

// send sends what a group has gathered. It is called with mu held.
func (b *Box) send(of group) {
	g := b.groups[of]
	delete(b.groups, of)
	g.timer.Stop()
	if len(g.items) == 0 || b.ctx.Err() != nil {
		return
	}
	r := g.items[0].request
	s := &sent{Mark: strings.ToLower(rand.Text()), Owner: b.o.Owner, Form: r.form, Model: r.model, Created: time.Now().UTC(), dir: b.ledger.dir, followed: true}
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

// submit hands a batch to the vendor, and reports whether that has it, or may have. It is
// kept before that it will be, so that who comes after a crash asks the vendor whether it is
// there.
func (b *Box) submit(s *sent, r *request, items []*item) bool {
	err := s.store()
	if err == nil {
		s.ID, err = formOf(r.form).submit(b, r, s.Mark, items)
	}
	if b.ctx.Err() != nil {
		return false // the next one asks whether it is there
	}
	if err != nil && s.ID == "" && mayHave(err) {
		s.lost = err
		return true // look asks whether it is there
	}
	if err == nil {
		err = s.store()
	}
	if err != nil {
		b.giveUp(s, err, s.ID == "")
		return false
	}
	b.tell(Sent, s, nil)
	return true
}

func (b *Box) tell(stage Stage, s *sent, err error) {
	b.o.Tell(News{stage, s.ID, s.Model, len(s.Items), err})
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
	var since time.Time // that something stands against it
	said := ""
	for wait := min(time.Second, b.o.Poll); ; wait = min(2*wait, b.o.Poll) {
		select {
		case <-time.After(wait):
		case <-b.ctx.Done():
			return
		}
		ended, err := b.look(s, r)
		var refused *refused
		switch {
		case b.ctx.Err() != nil:
			return
		case ended:
			b.tell(Answered, s, nil)
			b.handOut(s)
			return
		case err == nil:
			since, said = time.Time{}, ""
			continue
		case errors.Is(err, errAbsent):
			if time.Since(s.Created) < b.o.Settle {
				continue
			}
			if s.lost != nil {
				b.giveUp(s, s.lost, true)
			} else {
				b.again(s)
			}
			return
		case errors.As(err, &refused) && refused.final:
			b.giveUp(s, err, true)
			return
		}
		if since.IsZero() {
			since = time.Now()
		}
		if !mayPass(err) && time.Since(since) > b.o.Patience {
			b.giveUp(s, err, s.ID != "" && isGone(err))
			return
		}
		if text := err.Error(); text != said && wait >= min(b.o.Poll, saidAfter) { // not for what passes at once
			said = text
			b.tell(Waits, s, err)
		}
	}
}

// look asks the vendor for a batch, and stores the answers when they are there.
func (b *Box) look(s *sent, r *request) (ended bool, err error) {
	f := formOf(s.Form)
	if s.ID == "" {
		if s.ID, err = f.find(b, r, s); err != nil || s.ID == "" {
			return false, err
		}
		if err := s.store(); err != nil {
			return false, err
		}
		b.tell(Sent, s, nil)
	}
	if s.read == nil {
		if s.read, err = f.poll(b, r, s.ID); err != nil || s.read == nil {
			return false, err
		}
	}
	if err := s.storeAnswers(s.read); err != nil {
		if !mayPass(err) {
			s.read = nil // what was said of the files may have changed
		}
		return false, err
	}
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
		it.end(*a, nil)
	}
}

// giveUp tells those who wait for a batch why there is none, and forgets it if it is of no
// use to anybody.
func (b *Box) giveUp(s *sent, err error, forget bool) {
	b.tell(GivenUp, s, err)
	b.mu.Lock()
	defer b.mu.Unlock()
	s.followed = false
	items := b.waiting(s)
	if forget {
		b.ledger.forget(s)
	}
	var r *refused
	for _, it := range items {
		if errors.As(err, &r) {
			it.end(r.answer, nil)
		} else {
			it.end(answer{}, fmt.Errorf("batch %s: %w", s.ID, err))
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

package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Inbox implements pawl.Engine.
func (e *Engine) Inbox(ctx context.Context, f pawl.RunFilter) ([]pawl.InboxItem, error) {
	open, err := e.journal.Open(ctx, f)
	if err != nil {
		return nil, pawl.AsError(err, pawl.ErrStorage)
	}
	items := make([]pawl.InboxItem, len(open))
	for i, o := range open {
		b, err := replay.Opened(o.Event)
		if err != nil {
			return nil, err
		}
		items[i] = pawl.InboxItem{Run: o.Event.Run, Flow: o.Flow, Blocker: b}
	}
	return items, nil
}

// Record stores a decision for whoever executes the run next, and returns when it
// is durable. What cannot be decided at all is refused as by Decide; the value is
// checked when it is carried out, and if it does not fit then, the run's history
// says so and the blocker stays open.
func (e *Engine) Record(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
	s, err := deciding(id, d)
	if err != nil {
		return err
	}
	row, err := e.row(ctx, id)
	if err != nil {
		return err
	}
	if err := e.steerable(ctx, row, s); err != nil {
		return err
	}
	_, err = e.journal.Post(ctx, s.post)
	return asStorage(err)
}

func asStorage(err error) error {
	if err == nil {
		return nil
	}
	return pawl.AsError(err, pawl.ErrStorage)
}

// elsewhere has another process steer a run: the one that executes it, or for a
// decision one that takes up runs of its flow. It reports whether there is one, and
// returns when it has done so. If it goes away meanwhile the run is taken up here.
// It is called with the run locked.
func (e *Engine) elsewhere(ctx context.Context, id pawl.RunID, s steering) (bool, error) {
	there, err := e.isElsewhere(ctx, id, s)
	if !there || err != nil {
		return there, err
	}
	n, err := e.journal.Post(ctx, s.post)
	if err != nil {
		return true, asStorage(err)
	}
	posted := time.Now()
	for mark := journal.Mark(0); ; {
		done, refused, err := e.journal.Outcome(ctx, n)
		switch {
		case err != nil:
			return true, asStorage(err)
		case refused != nil:
			return true, &pawl.Error{Kind: refused.Kind, Message: refused.Message, Hint: refused.Hint, Step: refused.Step, Run: id}
		case done:
			return true, nil
		}
		there, err := e.isElsewhere(ctx, id, s)
		if err != nil {
			return true, err
		}
		if held, err := e.isHeld(ctx, id); err != nil {
			return true, err
		} else if !there || !held && time.Since(posted) > postPatience {
			// While somebody offers to, what keeps this process from it does not matter.
			if _, err := e.takeLocked(ctx, id); err != nil && !there && !errors.Is(err, pawl.ErrConflict) {
				return true, err
			}
		}
		if mark, err = e.change(ctx, mark); err != nil {
			return true, err
		}
	}
}

// postPatience is how long those who offer to take up runs are left to it.
const postPatience = 3 * time.Second

// isElsewhere reports whether another process is there to steer a run.
func (e *Engine) isElsewhere(ctx context.Context, id pawl.RunID, s steering) (bool, error) {
	if s.here {
		return false, nil
	}
	row, err := e.row(ctx, id)
	if err != nil || row.Held {
		return row.Held && e.activation(id) == nil, err
	}
	e.mu.Lock()
	working := e.worker != nil
	e.mu.Unlock()
	if s.post.Decision == nil || working {
		return false, nil
	}
	return e.offered(ctx, row.Flow)
}

func (e *Engine) isHeld(ctx context.Context, id pawl.RunID) (bool, error) {
	row, err := e.row(ctx, id)
	return row.Held, err
}

// change waits until the journal may have changed, and not for long.
func (e *Engine) change(ctx context.Context, mark journal.Mark) (journal.Mark, error) {
	wait, cancel := context.WithTimeout(ctx, lookAgain)
	defer cancel()
	now, err := e.journal.Changes(wait, mark)
	switch {
	case err == nil:
		return now, nil
	case ctx.Err() != nil:
		return mark, ended(ctx)
	case wait.Err() != nil:
		return mark, nil
	}
	return mark, asStorage(err)
}

// hear carries out a post that was listed some time ago: an earlier activation of
// the run may have settled it since.
func (a *activation) hear(p journal.Post) {
	if a.finished || slices.Contains(a.heard, p.ID) {
		return
	}
	done, _, err := a.e.journal.Outcome(a.ctx, p.ID)
	switch {
	case err != nil:
		a.e.log.Error("post not read", "run", a.id, "error", err)
	case !done:
		a.carryOut(p)
	}
}

// carrying carries posts out one after another.
func carrying(posts []journal.Post) (all []func(*activation)) {
	for _, p := range posts {
		all = append(all, func(a *activation) { a.carryOut(p) })
	}
	return all
}

// carryOut does what a post asks, and says in the journal what came of it.
func (a *activation) carryOut(p journal.Post) {
	if slices.Contains(a.heard, p.ID) {
		return
	}
	a.heard = append(a.heard, p.ID)
	settle := func(err error) {
		s := journal.Settled{Post: p.ID}
		if err != nil {
			f := failure(pawl.AsError(err, pawl.ErrInternal), "")
			s.Refused = &f
			if d := p.Decision; d != nil { // who recorded it may not be there to learn it
				a.draft(pawl.EventNote, d.Key, journal.Note{Text: cutText(fmt.Sprintf("%s by %s was not taken: %s", d.What, d.Who, f.Message)), Aside: true})
			}
		}
		a.settled = append(a.settled, s)
	}
	s, err := a.e.posted(p)
	if err != nil {
		settle(err)
		return
	}
	a.take(s, settle)
}

func (e *Engine) posted(p journal.Post) (steering, error) {
	if p.Decision != nil {
		d := *p.Decision
		d.At = p.At
		return deciding(p.Run, d)
	}
	return e.directing(p.Run, *p.Directive)
}

// listenGap is the least time between two looks for posts.
const listenGap = 50 * time.Millisecond

// listen hands the posts for the runs that are executed here to them, as long as
// there are such runs.
func (e *Engine) listen(ctx context.Context) {
	for mark := journal.Mark(0); ; {
		e.mu.Lock()
		if len(e.live) == 0 {
			e.listening = nil
			e.mu.Unlock()
			return
		}
		gone := e.listening
		e.mu.Unlock()
		posts, err := e.journal.Pending(ctx, "")
		if err != nil {
			e.log.Error("posts not read", "error", err)
		}
		for _, p := range posts {
			if a := e.activation(p.Run); a != nil {
				a.inbox.put(func() { a.hear(p) })
			}
		}
		mark = e.listenAgain(ctx, gone, mark)
	}
}

// listenAgain returns when there may be posts again, or when gone is closed.
func (e *Engine) listenAgain(ctx context.Context, gone <-chan struct{}, mark journal.Mark) journal.Mark {
	wait, cancel := context.WithTimeout(ctx, lookAgain)
	defer cancel()
	gap := time.NewTimer(listenGap)
	defer gap.Stop()
	select {
	case <-gap.C:
	case <-gone:
		return mark
	}
	next := make(chan journal.Mark, 1)
	go func() {
		now, err := e.journal.Changes(wait, mark)
		if err != nil {
			now = mark
		}
		next <- now
	}()
	select {
	case now := <-next:
		return now
	case <-gone:
		cancel()
		return <-next
	}
}

package local

import (
	"context"
	"errors"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Inbox implements pawl.Engine.
func (e *Engine) Inbox(ctx context.Context, f pawl.RunFilter) ([]pawl.InboxItem, error) {
	f.Current = true
	open, err := e.journal.OpenBlockers(ctx, f)
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

// elsewhere has another process steer a run: the one that executes it, or for a
// decision one that takes up runs of its flow. It reports whether there is one, and
// returns when it has done so. If it goes away meanwhile the run is taken up here.
// It is called with the run locked, and with its row as it was read since.
func (e *Engine) elsewhere(ctx context.Context, row journal.Row, c exec.Command) (bool, error) {
	id := row.ID
	there, err := e.isElsewhere(ctx, row, c)
	if !there || err != nil {
		return there, err
	}
	n, err := e.journal.Submit(ctx, c.Stored)
	if err != nil {
		return true, asStorage(err)
	}
	submitted := time.Now()
	for mark := journal.Mark(0); ; {
		if done, err := e.handled(ctx, id, n); done || err != nil {
			return true, err
		}
		if row, err = e.row(ctx, id); err != nil {
			return true, err
		}
		there, err := e.isElsewhere(ctx, row, c)
		if err != nil {
			return true, err
		}
		if !there || !row.Held && time.Since(submitted) > workerPatience {
			// While somebody offers to, what keeps this process from it does not matter.
			if _, err := e.takeUpLocked(ctx, id); err != nil && !there && !errors.Is(err, pawl.ErrConflict) {
				return true, err
			}
		}
		if mark, err = e.change(ctx, mark); err != nil {
			return true, err
		}
	}
}

// handled reports whether a stored command was taken. The error is why it was refused,
// or that of the journal.
func (e *Engine) handled(ctx context.Context, id pawl.RunID, n int64) (bool, error) {
	done, refused, err := e.journal.Handled(ctx, n)
	if refused != nil {
		return true, &pawl.Error{Kind: refused.Kind, Message: refused.Message, Hint: refused.Hint, Step: refused.Step, Run: id}
	}
	return done, asStorage(err)
}

// workerPatience is how long those who offer to take up runs are left to it.
const workerPatience = 3 * time.Second

// isElsewhere reports whether another process is there to steer a run.
func (e *Engine) isElsewhere(ctx context.Context, row journal.Row, c exec.Command) (bool, error) {
	if e.remote {
		return true, nil
	}
	if c.Here {
		return false, nil
	}
	if row.Held {
		return e.run(row.ID) == nil, nil
	}
	e.mu.Lock()
	working := e.worker != nil
	e.mu.Unlock()
	if c.Stored.Decision == nil || working {
		return false, nil
	}
	return e.offered(ctx, row.ID)
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
		return mark, exec.Stopped(ctx)
	case wait.Err() != nil:
		return mark, nil
	}
	return mark, asStorage(err)
}

// listenGap is the least time between two looks for commands.
const listenGap = 50 * time.Millisecond

// listen hands the commands for the runs that are executed here to them, as long as
// there are such runs.
func (e *Engine) listen(ctx context.Context) {
	for mark := journal.Mark(0); ; {
		e.mu.Lock()
		if len(e.running) == 0 {
			e.listening = nil
			e.mu.Unlock()
			return
		}
		gone := e.listening
		e.mu.Unlock()
		pending, err := e.journal.Pending(ctx, "")
		if err != nil {
			e.log.Error("commands not read", "error", err)
		}
		for _, c := range pending {
			if r := e.run(c.Run); r != nil {
				r.Hand(c)
			}
		}
		select {
		case <-time.After(listenGap):
			mark, _ = e.next(ctx, mark, lookAgain, gone)
		case <-gone:
		}
	}
}

// next waits until something was committed behind a mark, for so long at most, or until it
// is interrupted. It returns the mark from which to wait on.
func (e *Engine) next(ctx context.Context, mark journal.Mark, most time.Duration, interrupt <-chan struct{}) (now journal.Mark, interrupted bool) {
	wait, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	next := make(chan journal.Mark, 1)
	go func() {
		now, err := e.journal.Changes(wait, mark)
		if err != nil {
			now = mark
		}
		next <- now
	}()
	select {
	case now = <-next:
		return now, false
	case <-interrupt:
		cancel()
		return <-next, true
	}
}

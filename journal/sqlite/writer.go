package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

const (
	maxBatchOps   = 512
	maxBatchBytes = 4 << 20
	idleAfter     = 5 * time.Second // then the log is emptied
)

// writer owns the one connection that writes. Its goroutine takes an operation
// and all that have queued up behind it, commits them in one transaction and
// answers. There is no timer: the next batch forms during the last sync.
type writer struct {
	path string
	pool *sql.DB
	conn *sql.Conn
	*statements
	queue     chan *op
	stopped   chan struct{}
	committed func() // called after each commit that wrote something
	closeErr  error  // set before stopped is closed

	// Only the writer's goroutine uses these.
	broken error // why nothing is written any more
	log    logState

	commits, events atomic.Int64
}

// op is one caller's operation.
type op struct {
	name   string // for errors: "append to run "x""
	bytes  int    // about
	events int

	// apply executes it. A *pawl.Error that it returns before it has written
	// anything refuses this operation alone. Any other error takes the whole
	// batch back, after which each operation is applied again by itself.
	apply func(*tx) error

	state atomic.Int32
	done  chan error
}

const (
	queued int32 = iota
	taken
	withdrawn
)

// tx is an open transaction. Only apply functions see it.
type tx struct {
	ctx context.Context
	*statements
}

func (t *tx) exec(s *sql.Stmt, args ...any) (changed int64, err error) {
	r, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// dirty is a refusal that came after something was written.
type dirty struct{ refusal error }

func (d dirty) Error() string { return d.refusal.Error() }

func newWriter(path string, pool *sql.DB, conn *sql.Conn, s *statements, committed func()) *writer {
	return &writer{
		path: path, pool: pool, conn: conn, statements: s, committed: committed,
		queue: make(chan *op, maxBatchOps), stopped: make(chan struct{}), log: newLogState(),
	}
}

// do queues an operation and waits for its answer. ctx bounds the wait in the
// queue; once the writer has taken it, it is finished.
func (w *writer) do(ctx context.Context, o *op) error {
	o.done = make(chan error, 1)
	select {
	case w.queue <- o:
	case <-ctx.Done():
		return refusal.Ended(o.name, ctx.Err())
	}
	select {
	case err := <-o.done:
		return err
	case <-ctx.Done():
		if o.state.CompareAndSwap(queued, withdrawn) {
			return refusal.Ended(o.name, ctx.Err())
		}
		return <-o.done
	}
}

// start begins to write; stop waits for the goroutine.
func (w *writer) start(ctx context.Context) { go w.run(ctx) }

// stop executes a last operation, empties the log and closes the connection.
// Nothing may be queued afterwards.
func (w *writer) stop(last *op) error {
	last.done = make(chan error, 1)
	w.queue <- last
	close(w.queue)
	<-w.stopped
	if err := <-last.done; err != nil {
		return err
	}
	return w.closeErr
}

func (w *writer) run(ctx context.Context) {
	defer close(w.stopped)
	idle := time.NewTimer(idleAfter)
	defer idle.Stop()
	batch := make([]*op, 0, maxBatchOps)
	for open := true; open; {
		batch = batch[:0]
		select {
		case o, ok := <-w.queue:
			if !ok {
				open = false
				continue
			}
			batch, open = w.drain(append(batch, o))
			w.commitAll(ctx, batch)
			w.checkpoint(ctx)
			idle.Reset(idleAfter)
		case <-idle.C:
			w.truncate(ctx)
		}
	}
	w.truncate(ctx)
	w.closeErr = failure(w.path, "close", errors.Join(w.statements.close(), w.conn.Close(), w.pool.Close()))
}

// drain adds what else is queued right now.
func (w *writer) drain(batch []*op) (_ []*op, open bool) {
	for size := batch[0].bytes; len(batch) < maxBatchOps && size < maxBatchBytes; {
		select {
		case o, ok := <-w.queue:
			if !ok {
				return batch, false
			}
			size += o.bytes
			batch = append(batch, o)
		default:
			return batch, true
		}
	}
	return batch, true
}

// commitAll executes a batch and answers everyone in it.
func (w *writer) commitAll(ctx context.Context, batch []*op) {
	live := batch[:0]
	for _, o := range batch {
		if o.state.CompareAndSwap(queued, taken) {
			live = append(live, o)
		}
	}
	if len(live) == 0 {
		return
	}
	answers, err := w.transact(ctx, live)
	if err == nil {
		for i, o := range live {
			o.done <- answers[i]
		}
		return
	}
	for _, o := range live {
		if len(live) > 1 && w.broken == nil && code(err) != lib.SQLITE_BUSY {
			// One run must not fail its neighbours.
			answers, e := w.transact(ctx, []*op{o})
			if e == nil {
				e = answers[0]
			}
			o.done <- w.explain(o, e)
			continue
		}
		o.done <- w.explain(o, err)
	}
}

func (w *writer) explain(o *op, err error) error {
	var d dirty
	if errors.As(err, &d) {
		return d.refusal
	}
	return failure(w.path, o.name, err)
}

// transact executes operations in one transaction. With an error nothing of it
// is stored; otherwise the answers say which operations were refused.
func (w *writer) transact(ctx context.Context, ops []*op) (answers []error, err error) {
	if w.broken != nil {
		return nil, w.broken
	}
	t := &tx{ctx: ctx, statements: w.statements}
	if _, err := t.exec(w.begin); err != nil {
		return nil, err
	}
	answers = make([]error, len(ops))
	wrote, events := false, 0
	for i, o := range ops {
		err := o.apply(t)
		var refused *pawl.Error
		switch {
		case err == nil:
			wrote = true
			events += o.events
		case errors.As(err, &refused):
			answers[i] = err
		default:
			w.abort(t, err)
			return nil, err
		}
	}
	if !wrote {
		w.abort(t, nil)
		return answers, nil
	}
	if _, err := t.exec(w.commit); err != nil {
		w.abort(t, err)
		return nil, err
	}
	w.commits.Add(1)
	w.events.Add(int64(events))
	w.committed()
	return answers, nil
}

// abort takes the transaction back, and if the disk cannot be trusted any more
// it ends all writing.
func (w *writer) abort(t *tx, cause error) {
	t.exec(w.rollback) // SQLite may have done it already, which is an error here
	if fatal(cause) {
		w.broken = &pawl.Error{
			Kind:    pawl.ErrStorage,
			Message: fmt.Sprintf("database %q is no longer written to since an error of the disk: %v", w.path, cause),
			Hint:    "check the disk, then start again",
			Err:     cause,
		}
	}
}

package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

const (
	maxBatchOps   = 512
	maxBatchBytes = 4 << 20
	idleAfter     = 5 * time.Second // then the log is copied
)

// writer owns the one connection that writes. A caller queues its operation; one
// of those that wait takes the turn, commits in one transaction all that has
// queued up, and answers. There is no timer: the next batch forms during the last
// sync. There is no goroutine either: a caller that is alone commits its own
// operation, and nobody has to be woken for it.
//
// While another process writes, nothing leaves the queue: whoever has the turn waits
// until the database is free, its own context ends or the DB is being closed.
type writer struct {
	path string
	ctx  context.Context // of all statements; never canceled
	pool *sql.DB
	conn *sql.Conn
	*statements
	queue     chan *op
	committed func()          // called after each commit that wrote something
	doubt     func()          // called when what is known of held runs may be wrong
	outdated  func()          // called once, when the database is found to be of a newer version
	waits     *patience       // for other processes
	closing   <-chan struct{} // closed when the DB is being closed: nothing is waited for any more

	// turn has an element while somebody writes. Only they use what follows.
	turn   chan struct{}
	batch  []*op
	values values
	broken error // why nothing is written any more
	others int64 // changes when somebody else has committed
	log    logState
	idle   *time.Timer // copies the log when nothing has been written for long

	commits, events atomic.Int64
}

// op is one caller's operation.
type op struct {
	name   string     // for errors: "append to run"
	run    pawl.RunID // for errors; empty: it is about none
	bytes  int        // about
	events int

	// apply executes it. A *pawl.Error that it returns before it has written
	// anything refuses this operation alone. Any other error takes the whole
	// batch back, after which each operation is applied again by itself.
	apply func(*tx) error

	state atomic.Int32
	done  chan error // has room for the answer
}

// title names the operation in errors: "append to run "x"".
func (o *op) title() string {
	if o.run == "" {
		return o.name
	}
	return fmt.Sprintf("%s %q", o.name, o.run)
}

const (
	queued int32 = iota
	taken
	withdrawn
)

// tx is an open transaction. Only apply functions see it.
type tx struct {
	ctx  context.Context
	conn any // the driver's connection
	*statements
	values  values
	tallies tallies
}

func (t *tx) exec(s statement, args ...driver.Value) (changed int64, err error) {
	r, err := s.ExecContext(t.ctx, t.values.set(args))
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// row reads the only row of a query; without one it is sql.ErrNoRows.
func (t *tx) row(columns []driver.Value, s statement, args ...driver.Value) error {
	rows, err := s.QueryContext(t.ctx, t.values.set(args))
	return only(rows, err, columns)
}

// dirty is a refusal that came after something was written.
type dirty struct{ refusal error }

func (d dirty) Error() string { return d.refusal.Error() }

func newWriter(ctx context.Context, db *DB, pool *sql.DB, conn *sql.Conn, s *statements) *writer {
	w := &writer{
		path: db.path, ctx: context.WithoutCancel(ctx), pool: pool, conn: conn, statements: s,
		committed: db.changes.committed, doubt: func() { clear(db.held) }, outdated: db.procs.leave, waits: &db.waits, closing: db.closing,
		queue: make(chan *op, maxBatchOps), turn: make(chan struct{}, 1), others: -1, log: newLogState(),
	}
	w.idle = time.AfterFunc(idleAfter, func() {
		select {
		case w.turn <- struct{}{}:
			w.rest(w.ctx)
			<-w.turn
		default: // it is not idle, or closing
		}
	})
	return w
}

// do queues an operation and returns its answer. ctx bounds the wait in the
// queue; once somebody has taken it, it is finished.
func (w *writer) do(ctx context.Context, o *op) error {
	o.done = make(chan error, 1)
	for waits := true; waits; {
		select {
		case w.queue <- o:
			waits = false
		case w.turn <- struct{}{}: // those in the queue may all have been withdrawn
			w.write(ctx)
			<-w.turn
		case <-ctx.Done():
			return refusal.Ended(o.title(), ctx.Err())
		}
	}
	for {
		select {
		case err := <-o.done:
			return err
		case w.turn <- struct{}{}:
			w.write(ctx)
			<-w.turn
		case <-ctx.Done():
			if o.state.CompareAndSwap(queued, withdrawn) {
				return refusal.Ended(o.title(), ctx.Err())
			}
			return <-o.done
		}
	}
}

// write commits what is queued by the time that nobody else writes. The caller has the
// turn, and ctx is its own: when that ends while another process writes, all stay queued.
func (w *writer) write(ctx context.Context) {
	if len(w.queue) == 0 { // somebody else has done it
		return
	}
	err := w.begin(ctx)
	if errors.Is(err, errNotWaited) {
		return
	}
	if err == nil {
		w.lengthen()
	}
	size := w.drain()
	w.commitAll(w.batch, err)
	clear(w.batch)
	w.checkpoint(w.ctx, size)
	w.idle.Reset(idleAfter)
}

// stop executes a last operation, if there is one, empties the log and closes the connection.
// Nothing may be queued afterwards.
func (w *writer) stop(last *op) error {
	var err error
	if last != nil {
		err = w.do(w.ctx, last)
	}
	w.turn <- struct{}{} // for good
	w.idle.Stop()
	w.truncate(w.ctx)
	closed := failure(w.path, "close", errors.Join(w.statements.close(), w.conn.Close(), w.pool.Close()))
	return cmp.Or(err, closed)
}

// drain takes a batch off the queue, without what was withdrawn, and returns about how
// many bytes it has.
func (w *writer) drain() (size int) {
	w.batch = w.batch[:0]
	for len(w.batch) < maxBatchOps && size < maxBatchBytes {
		select {
		case o := <-w.queue:
			if o.state.CompareAndSwap(queued, taken) {
				size += o.bytes
				w.batch = append(w.batch, o)
			}
		default:
			return size
		}
	}
	return size
}

// commitAll executes a batch in the transaction that was begun, or was not with that
// error, and answers everyone in it.
func (w *writer) commitAll(batch []*op, begun error) {
	answers, err := w.transact(batch, begun)
	if err == nil {
		for i, o := range batch {
			o.done <- answers[i]
		}
		return
	}
	for _, o := range batch {
		if len(batch) > 1 && begun == nil && w.broken == nil {
			// One run must not fail its neighbours.
			answers, e := w.transact([]*op{o}, w.begin(w.ctx))
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
	return failure(w.path, o.title(), err)
}

// transact executes operations in the transaction that was begun, or was not with that
// error, and ends it. With an error nothing of it is stored; otherwise the answers say
// which operations were refused.
func (w *writer) transact(ops []*op, begun error) (answers []error, err error) {
	if begun != nil {
		return nil, begun
	}
	rawErr := w.conn.Raw(func(conn any) error {
		answers, err = w.transactRaw(conn, ops)
		return nil
	})
	return answers, cmp.Or(err, rawErr)
}

func (w *writer) transactRaw(conn any, ops []*op) (answers []error, err error) {
	t := w.open()
	t.conn = conn
	defer w.shut(t)
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

// open lends the statements to a transaction until shut.
func (w *writer) open() *tx { return &tx{ctx: w.ctx, statements: w.statements, values: w.values} }

func (w *writer) shut(t *tx) {
	w.values = t.values
	clear(w.values[:cap(w.values)])
}

// abort takes the transaction back, and if the disk cannot be trusted any more
// it ends all writing.
func (w *writer) abort(t *tx, cause error) {
	t.exec(w.rollback) // SQLite may have done it already, which is an error here
	w.doubt()
	if fatal(cause) {
		w.broken = &pawl.Error{
			Kind:    pawl.ErrStorage,
			Message: fmt.Sprintf("database %q is no longer written to since an error of the disk: %v", w.path, cause),
			Hint:    "check the disk, then start again",
			Err:     cause,
		}
	}
}

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
)

// statements are prepared once on the writer's connection, for use within its Raw.
type statements struct {
	beginTx, others, version, commit, rollback statement

	addProc, touchProc, deleteProc, getProc, offer statement

	addRun, getRun, takeRun, summarize, setModel, releaseRun, releaseAll statement

	addEvent, addBlob, voidResult statement

	getStatus, addCommand, getCommand, handleCommand, refuseCommands statement

	openBlocker, liftBlocker, liftAll, addNotices statement

	getLimits, setLimit, deleteLimit, getFlow, addReservation, getReservation, dropReservation, takeReservations statement

	addCall, endCall, loseCalls, addCost, addWritten statement

	logSize statement

	all []driver.Stmt
}

// statement is the driver's. That of database/sql takes locks and allocates
// for each execution, of which one that owns its connection has no use.
type statement interface {
	driver.StmtExecContext
	driver.StmtQueryContext
}

// values keeps the arguments of a statement from one execution to the next.
type values []driver.NamedValue

func (v *values) set(args []driver.Value) []driver.NamedValue {
	*v = (*v)[:0]
	for i, a := range args {
		*v = append(*v, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return *v
}

// only reads the first row of a query into columns; without one it is
// sql.ErrNoRows.
func only(rows driver.Rows, err error, columns []driver.Value) error {
	if err != nil {
		return err
	}
	err = rows.Next(columns)
	if err == io.EOF {
		err = sql.ErrNoRows
	}
	return errors.Join(err, rows.Close())
}

// endOf closes rows that were read to their end, or to an error.
func endOf(rows driver.Rows, err error) error {
	if err == io.EOF {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// close must come before the connection's: SQLite keeps a connection open as
// long as it has statements, and the log would stay.
func (s *statements) close() error {
	var errs []error
	for _, stmt := range s.all {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

// lastEvent is number, hash and time of a run's last event. Of a history whose end is lost the
// row knows a later number.
const lastEvent = "max(coalesce(e.seq, 0), r.last_seq), coalesce(e.hash, ''), coalesce(e.at, r.created_at)"

// lastEvents joins the last event of each run r, as e. A damaged run may have none.
const lastEvents = " LEFT JOIN events e ON e.run = r.n AND e.seq = (SELECT max(seq) FROM events WHERE run = r.n)"

func prepare(ctx context.Context, c *sql.Conn) (s *statements, err error) {
	rawErr := c.Raw(func(conn any) error {
		s, err = prepareOn(ctx, conn.(driver.ConnPrepareContext))
		return nil
	})
	return s, errors.Join(err, rawErr)
}

func prepareOn(ctx context.Context, c driver.ConnPrepareContext) (*statements, error) {
	s := &statements{}
	return s, s.prepare(ctx, c, append(s.toCount(), []toPrepare{
		{&s.addWritten, "UPDATE costs SET written = written + ? WHERE quarter = ? AND run = ? AND model = ?"},
		{&s.beginTx, "BEGIN IMMEDIATE"},    // a deferred one may find itself too late, whatever the timeout
		{&s.others, "PRAGMA data_version"}, // another one when somebody else has committed
		{&s.version, "PRAGMA user_version"},
		{&s.commit, "COMMIT"},
		{&s.rollback, "ROLLBACK"},

		{&s.touchProc, "UPDATE procs SET pid = -pid WHERE id = ?"},
		{&s.addProc, "INSERT INTO procs (id, pid, started_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"},
		{&s.offer, `INSERT INTO procs (id, pid, started_at, flows) VALUES (?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET flows = excluded.flows`},
		{&s.deleteProc, "DELETE FROM procs WHERE id = ?"},
		{&s.getProc, "SELECT pid FROM procs WHERE id = ?"},

		{&s.addRun, `INSERT INTO runs (id, flow, model, status, reason, owner, epoch, last_seq, created_at, program, base, schedule)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING n`},
		{&s.getRun, "SELECT r.n, r.owner, r.epoch, " + lastEvent + ", r.imported FROM runs r" + lastEvents + " WHERE r.id = ?"},
		{&s.takeRun, "UPDATE runs SET owner = ?, epoch = ?, last_seq = ? WHERE n = ?"},
		{&s.summarize, "UPDATE runs SET last_seq = ?, status = ?, reason = ?, wake_at = ?, final = ?, owner = CASE WHEN ? THEN NULL ELSE owner END WHERE n = ?"},
		{&s.setModel, "UPDATE runs SET model = ? WHERE n = ?"},
		{&s.releaseRun, "UPDATE runs SET owner = NULL WHERE n = ?"},
		{&s.releaseAll, "UPDATE runs SET owner = NULL WHERE owner = ?"},

		{&s.addEvent, `INSERT INTO events (run, seq, version, type, key, at, hash, result, body, blob, body_digest)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.voidResult, "UPDATE events SET result = 0 WHERE run = ? AND key = ? AND result = 1"},
		{&s.addBlob, "INSERT INTO blobs (digest, codec, size, data) VALUES (?, 'plain', ?, ?) ON CONFLICT DO NOTHING"},

		{&s.getStatus, "SELECT n, status, final, imported FROM runs WHERE id = ?"},
		{&s.addCommand, "INSERT INTO posts (run, at, decision, directive) VALUES (?, ?, ?, ?) RETURNING id"},
		{&s.getCommand, "SELECT 1 FROM posts WHERE id = ? AND run = ?"},
		{&s.handleCommand, "UPDATE posts SET settled_at = ?, refused = ? WHERE id = ? AND run = ? AND settled_at IS NULL"},
		{&s.refuseCommands, "UPDATE posts SET settled_at = ?, refused = ? WHERE run = ? AND settled_at IS NULL"},

		{&s.openBlocker, "INSERT OR REPLACE INTO blockers (run, key, seq) VALUES (?, ?, ?)"},
		{&s.liftBlocker, "DELETE FROM blockers WHERE run = ? AND key = ?"},
		{&s.liftAll, "DELETE FROM blockers WHERE run = ?"},
		{&s.addNotices, `INSERT INTO notices (run, seq, receiver, status, due_at)
			SELECT r.n, ?, v.n, ?, ? FROM receivers v CROSS JOIN runs r WHERE v.seen_at > ? AND r.n = ? AND (v.program = '' OR r.program IN ('', v.program))`},

		{&s.getLimits, selectLimits},
		{&s.setLimit, "INSERT OR REPLACE INTO limits (flow, per, body) VALUES (?, ?, ?)"},
		{&s.deleteLimit, "DELETE FROM limits WHERE flow = ? AND per = ?"},
		{&s.getFlow, "SELECT flow FROM runs WHERE id = ?"},
		{&s.addReservation, "INSERT INTO reservations (run, key, number, body) VALUES (?, ?, ?, ?)"},
		{&s.getReservation, "SELECT v.body FROM runs r JOIN reservations v ON v.run = r.n WHERE r.id = ? AND v.key = ? AND v.number = ?"},
		{&s.dropReservation, "DELETE FROM reservations WHERE run = ? AND key = ? AND number = ?"},
		{&s.takeReservations, "DELETE FROM reservations WHERE run = ? RETURNING body"},

		{&s.logSize, "PRAGMA wal_checkpoint(NOOP)"},
	}...))
}

// toPrepare is the text of a statement.
type toPrepare struct {
	to  *statement
	sql string
}

// toCount are those that count calls, of which alone a database is sure to know the tables
// while it is brought to a newer version.
func (s *statements) toCount() []toPrepare {
	return []toPrepare{
		{&s.addCall, "INSERT OR REPLACE INTO calls (run, key, model) VALUES (?, ?, ?)"},
		{&s.endCall, "DELETE FROM calls WHERE run = ? AND key = ?"},
		{&s.loseCalls, "DELETE FROM calls WHERE run = ? RETURNING model"},
		{&s.addCost, `INSERT INTO costs (quarter, run, model, flow, calls, input, output, cached, usd, unpriced, unmetered)
			SELECT ?, n, ?, flow, ?, ?, ?, ?, ?, ?, ? FROM runs WHERE n = ?
			ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, input = input + excluded.input, output = output + excluded.output,
				cached = cached + excluded.cached, usd = usd + excluded.usd, unpriced = unpriced + excluded.unpriced, unmetered = unmetered + excluded.unmetered`},
	}
}

// prepare closes all of them again if there is an error.
func (s *statements) prepare(ctx context.Context, c driver.ConnPrepareContext, list []toPrepare) error {
	for _, p := range list {
		stmt, err := c.PrepareContext(ctx, p.sql)
		if err != nil {
			s.close()
			return err
		}
		*p.to = stmt.(statement)
		s.all = append(s.all, stmt)
	}
	return nil
}

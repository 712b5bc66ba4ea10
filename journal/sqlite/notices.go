package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/notice"
)

// oweNotices stores that all receivers of the run with number n are owed a notice of its last
// event. Where there is no receiver it stores nothing.
func (t *tx) oweNotices(n int64, rests pawl.Status, last journal.Claim) error {
	at := millis(last.At)
	_, err := t.exec(t.addNotices, int64(last.Seq), string(rests), at, at-notice.Day.Milliseconds(), n)
	return err
}

// KeepReceiver implements notice.Keeper.
func (db *DB) KeepReceiver(ctx context.Context, r notice.Receiver, at pawl.Time) error {
	return db.write(ctx, &op{name: "keep receiver", bytes: 1 << 10, apply: func(t *tx) error {
		return t.once(`INSERT INTO receivers (id, address, program, seen_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET address = excluded.address, seen_at = max(seen_at, excluded.seen_at)`, r.ID, r.Address, r.Program, millis(at))
	}})
}

// NoteTrouble implements notice.Keeper.
func (db *DB) NoteTrouble(ctx context.Context, receiver string, since pawl.Time, problem string) error {
	return db.write(ctx, &op{name: "note trouble with receiver", bytes: 1 << 10, apply: func(t *tx) error {
		return t.once("UPDATE receivers SET trouble_since = iif(?1 IS NULL, NULL, coalesce(trouble_since, ?1)), problem = ?2 WHERE id = ?3", millisOrNull(since), problem, receiver)
	}})
}

// dueNotices selects those to a receiver that are due at a time.
const dueNotices = `SELECT n.run, n.seq, n.receiver, r.id, e.at, n.tries, n.since, n.problem
	FROM receivers v CROSS JOIN notices n ON n.receiver = v.n JOIN runs r ON r.n = n.run JOIN events e ON e.run = n.run AND e.seq = n.seq
	WHERE v.id = ? AND n.due_at <= ? ORDER BY n.due_at LIMIT ?`

// TakeNotices implements notice.Keeper. Where nothing is due it writes nothing.
func (db *DB) TakeNotices(ctx context.Context, receiver string, now, until pawl.Time, limit int) (taken []notice.Notice, err error) {
	const operation = "take notices"
	if is, err := db.isDue(ctx, operation, receiver, now); err != nil || !is {
		return nil, err
	}
	err = db.write(ctx, &op{name: operation, bytes: 1 << 10, apply: func(t *tx) error {
		taken = nil
		rows, err := t.conn.(driver.QueryerContext).QueryContext(t.ctx, dueNotices, t.values.set([]driver.Value{receiver, millis(now), int64(limit)}))
		if err != nil {
			return err
		}
		var places [][2]int64 // of the run and the receiver
		var c [8]driver.Value
		for err = rows.Next(c[:]); err == nil; err = rows.Next(c[:]) {
			id, _ := c[3].(string)
			problem, _ := c[7].(string)
			n := notice.Notice{Run: pawl.RunID(id), Seq: pawl.Seq(number(c[1])), Receiver: receiver, Rested: fromMillis(number(c[4])), Due: until, Tries: int(number(c[5])), Problem: problem}
			if c[6] != nil {
				n.Since = fromMillis(number(c[6]))
			}
			taken, places = append(taken, n), append(places, [2]int64{number(c[0]), number(c[2])})
		}
		if err := endOf(rows, err); err != nil {
			return err
		}
		for i, n := range taken {
			if err := t.once("UPDATE notices SET due_at = ? WHERE run = ? AND seq = ? AND receiver = ?", millis(until), places[i][0], int64(n.Seq), places[i][1]); err != nil {
				return err
			}
		}
		return nil
	}})
	return taken, err
}

func (db *DB) isDue(ctx context.Context, operation, receiver string, now pawl.Time) (bool, error) {
	return reading(ctx, db, operation, func(ctx context.Context) (is bool, err error) {
		err = db.readers.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM receivers v JOIN notices n ON n.receiver = v.n WHERE v.id = ? AND n.due_at <= ?)", receiver, millis(now)).Scan(&is)
		return is, err
	})
}

// SettleNotice implements notice.Keeper.
func (db *DB) SettleNotice(ctx context.Context, n notice.Notice, taken pawl.Time) error {
	const which = "run = (SELECT n FROM runs WHERE id = ?) AND seq = ? AND receiver = (SELECT n FROM receivers WHERE id = ?)"
	return db.write(ctx, &op{name: "settle notice of run", run: n.Run, bytes: 1 << 10, apply: func(t *tx) error {
		changed, err := t.changed("UPDATE notices SET due_at = ?, tries = ?, since = ?, told_at = ?, gave_up_at = ?, problem = ? WHERE "+which+" AND due_at = ?",
			millisOrNull(n.Due), int64(n.Tries), millisOrNull(n.Since), millisOrNull(n.Told), millisOrNull(n.GaveUp), n.Problem,
			string(n.Run), int64(n.Seq), n.Receiver, millis(taken))
		if err != nil || changed == 1 {
			return err
		}
		switch err := t.anyRow("SELECT 1 FROM notices WHERE "+which, string(n.Run), int64(n.Seq), n.Receiver); {
		case errors.Is(err, sql.ErrNoRows):
			return refusal.NoNotice(n.Run)
		case err != nil:
			return err
		}
		return refusal.NoticeTaken(n.Run)
	}})
}

// Notices implements notice.Keeper.
func (db *DB) Notices(ctx context.Context, run pawl.RunID) ([]pawl.Notice, error) {
	return reading(ctx, db, "list notices", func(ctx context.Context) ([]pawl.Notice, error) { return db.notices(ctx, run) })
}

func (db *DB) notices(ctx context.Context, run pawl.RunID) ([]pawl.Notice, error) {
	const query = `SELECT n.seq, e.hash, v.address, n.status, e.at, n.told_at, n.gave_up_at, n.tries,
		CASE WHEN n.due_at IS NULL THEN n.since ELSE coalesce(n.since, v.trouble_since) END,
		CASE WHEN n.due_at IS NULL OR n.problem <> '' THEN n.problem ELSE v.problem END
		FROM runs r JOIN notices n ON n.run = r.n JOIN receivers v ON v.n = n.receiver JOIN events e ON e.run = n.run AND e.seq = n.seq
		WHERE r.id = ? ORDER BY n.seq, v.n`
	list := []pawl.Notice{}
	err := db.readers.each(ctx, func(row *sql.Rows) error {
		var n pawl.Notice
		var seq pawl.Seq
		var hash string
		var at int64
		var told, gaveUp, since sql.NullInt64
		if err := row.Scan(&seq, &hash, &n.To, &n.Status, &at, &told, &gaveUp, &n.Tries, &since, &n.Problem); err != nil {
			return err
		}
		n.ID, n.At = notice.ID(run, seq, hash), fromMillis(at)
		n.ToldAt, n.GaveUpAt, n.Since = timeOrNull(told), timeOrNull(gaveUp), timeOrNull(since)
		list = append(list, n)
		return nil
	}, query, string(run))
	return list, err
}

func millisOrNull(t pawl.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return millis(t)
}

func timeOrNull(ms sql.NullInt64) *pawl.Time {
	if !ms.Valid {
		return nil
	}
	t := fromMillis(ms.Int64)
	return &t
}

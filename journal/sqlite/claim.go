package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// Claim implements journal.Journal.
func (db *DB) Claim(ctx context.Context, id pawl.RunID, take bool) (*journal.Claim, error) {
	var c journal.Claim
	err := db.write(ctx, &op{
		name: "claim run", run: id, bytes: 1 << 10, events: 1,
		apply: func(t *tx) (err error) {
			c, err = db.claim(t, id, take)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return &c, nil
}

func (db *DB) claim(t *tx, id pawl.RunID, take bool) (journal.Claim, error) {
	c := journal.Claim{Run: id}
	var n, at int64
	var owner sql.NullString
	err := t.getRun.QueryRowContext(t.ctx, string(id)).Scan(&n, &owner, &c.Epoch, &c.Seq, &c.Hash, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return c, refusal.NotFound(id)
	}
	if err != nil {
		return c, err
	}
	if owner.Valid && !take {
		holder, err := db.holder(t.ctx, t.getProc, owner.String)
		if err != nil {
			return c, err
		}
		if holder != "" {
			return c, refusal.Held(id, holder)
		}
	}
	c.At = fromMillis(at)
	before := c
	c.Epoch++
	rows, c, err := seal(c, []journal.Draft{db.claimed(c.Epoch)})
	if err != nil {
		return c, err
	}
	if err := db.addProc(t); err != nil {
		return c, err
	}
	changed, err := t.exec(t.takeRun, db.procs.self, c.Epoch, int64(c.Seq), c.Hash, millis(c.At), n, before.Epoch, int64(before.Seq))
	if err != nil {
		return c, err
	}
	if changed == 0 {
		return c, dirty{refusal.Held(id, "someone else")}
	}
	db.numbers[id] = n
	return c, t.insert(n, rows)
}

// holder describes the live process with that id, and returns "" if it is dead.
// getProc selects its pid.
func (db *DB) holder(ctx context.Context, getProc *sql.Stmt, id string) (string, error) {
	alive, err := db.procs.alive(id)
	if err != nil || !alive {
		return "", err
	}
	var pid int
	err = getProc.QueryRowContext(ctx, id).Scan(&pid)
	if errors.Is(err, sql.ErrNoRows) { // closed since
		return "", nil
	}
	return process(pid), err
}

// Release implements journal.Journal.
func (db *DB) Release(ctx context.Context, c *journal.Claim) error {
	run, epoch := c.Run, c.Epoch
	return db.write(ctx, &op{
		name: "release run", run: run, bytes: 1 << 10,
		apply: func(t *tx) error {
			changed, err := t.exec(t.releaseRun, string(run), db.procs.self, epoch)
			if changed != 0 {
				delete(db.numbers, run)
			}
			if err != nil || changed != 0 {
				return err
			}
			return t.exists(run)
		},
	})
}

// exists returns ErrNotFound if there is no such run.
func (t *tx) exists(run pawl.RunID) error {
	rows, err := t.getRun.QueryContext(t.ctx, string(run))
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() && rows.Err() == nil {
		return refusal.NotFound(run)
	}
	return rows.Err()
}

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
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
	r, err := t.run(id)
	c := r.last
	if err != nil {
		return c, err
	}
	if r.imported {
		return c, refusal.Imported(id)
	}
	if r.owner != "" && !take {
		holder, err := db.holder(t, r.owner)
		if err != nil {
			return c, err
		}
		if holder != "" {
			return c, refusal.Held(id, holder, journal.ErrHeld)
		}
	}
	c.Epoch++
	rows, c, err := seal(c, []journal.Draft{db.claimed(c.Epoch)})
	if err != nil {
		return c, err
	}
	if err := db.addProc(t); err != nil {
		return c, err
	}
	if _, err := t.exec(t.takeRun, db.procs.self, c.Epoch, int64(c.Seq), r.n); err != nil {
		return c, err
	}
	db.held[id] = held{r.n, c}
	if err := t.lose(r.n); err != nil {
		return c, err
	}
	return c, t.insert(r.n, rows)
}

// storedRun is a run's row as far as claims need it.
type storedRun struct {
	n     int64
	owner string        // empty: nobody
	last  journal.Claim // as it was when its last event was stored

	imported bool // nothing more happens to it
}

func (t *tx) run(id pawl.RunID) (storedRun, error) {
	r := storedRun{last: journal.Claim{Run: id}}
	var columns [7]driver.Value
	err := t.row(columns[:], t.getRun, string(id))
	if errors.Is(err, sql.ErrNoRows) {
		return r, refusal.NotFound(id)
	}
	if err != nil {
		return r, err
	}
	r.n = number(columns[0])
	r.owner, _ = columns[1].(string)
	r.last.Epoch, r.last.Seq = number(columns[2]), pawl.Seq(number(columns[3]))
	r.last.Hash, _ = columns[4].(string)
	r.last.At = fromMillis(number(columns[5]))
	r.imported = number(columns[6]) == 1
	return r, nil
}

// holder describes the live process with that id, and returns "" if it is dead.
func (db *DB) holder(t *tx, id string) (string, error) {
	alive, err := db.procs.alive(id)
	if err != nil || !alive {
		return "", err
	}
	var pid [1]driver.Value
	err = t.row(pid[:], t.getProc, id)
	if errors.Is(err, sql.ErrNoRows) { // closed since
		return "", nil
	}
	return process(int(number(pid[0]))), err
}

// Release implements journal.Journal.
func (db *DB) Release(ctx context.Context, c *journal.Claim) error {
	run, epoch := c.Run, c.Epoch
	return db.write(ctx, &op{
		name: "release run", run: run, bytes: 1 << 10,
		apply: func(t *tx) error {
			switch r, err := t.run(run); {
			case err != nil:
				return err
			case r.owner != db.procs.self || r.last.Epoch != epoch:
				return nil
			default:
				delete(db.held, run)
				if _, err := t.exec(t.releaseRun, r.n); err != nil {
					return err
				}
				return t.lose(r.n)
			}
		},
	})
}

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Offer implements journal.Queue.
func (db *DB) Offer(ctx context.Context, o journal.Offer) error {
	var list driver.Value // null: none
	if len(o.Flows) > 0 {
		list = jsonList(slices.Concat(o.Flows, prefixed(programMark, o.Program), prefixed(buildMark, o.Builds...), left(o.Left)))
	}
	return db.write(ctx, &op{
		name: "offer to take up runs", bytes: 1 << 10,
		apply: func(t *tx) error {
			db.isKnown.Store(true)
			_, err := t.exec(t.offer, db.procs.self, int64(os.Getpid()), millis(db.time()), list)
			return err
		},
	})
}

// An offer is kept as a list of texts: the names of flows, and with marks, which no name
// can begin with, the program's name and the builds. A process of a version that knows
// flows alone reads the rest as flows that no run has.
const (
	programMark = "program:"
	buildMark   = "build:"
	leftMark    = "left:" // and the run's id, and why
)

// left are the runs that an offer leaves.
func left(runs map[pawl.RunID]string) (all []string) {
	for _, id := range slices.Sorted(maps.Keys(runs)) {
		all = append(all, leftMark+string(id)+":"+runs[id])
	}
	return all
}

// prefixed returns those texts that are not empty, behind a mark.
func prefixed(mark string, texts ...string) (all []string) {
	for _, t := range texts {
		if t != "" {
			all = append(all, mark+t)
		}
	}
	return all
}

// offerOf is prefixed the other way round.
func offerOf(texts []string) (o journal.Offer) {
	for _, t := range texts {
		if program, ok := strings.CutPrefix(t, programMark); ok {
			o.Program = program
		} else if build, ok := strings.CutPrefix(t, buildMark); ok {
			o.Builds = append(o.Builds, build)
		} else if run, ok := strings.CutPrefix(t, leftMark); ok {
			id, why, _ := strings.Cut(run, ":")
			if o.Left == nil {
				o.Left = map[pawl.RunID]string{}
			}
			o.Left[pawl.RunID(id)] = why
		} else {
			o.Flows = append(o.Flows, t)
		}
	}
	return o
}

// jsonList is how a list of texts enters a statement.
func jsonList(texts []string) string {
	b, err := json.Marshal(append([]string{}, texts...))
	if err != nil {
		panic(err) // texts always encode
	}
	return string(b)
}

// Offers implements journal.Queue.
func (db *DB) Offers(ctx context.Context) ([]journal.Offer, error) {
	return reading(ctx, db, "list offers", db.offers)
}

func (db *DB) offers(ctx context.Context) ([]journal.Offer, error) {
	list := []journal.Offer{}
	err := db.readers.each(ctx, func(row *sql.Rows) error {
		var id, flows string
		var pid int
		if err := row.Scan(&id, &pid, &flows); err != nil {
			return err
		}
		if alive, err := db.procs.alive(id); err != nil || !alive {
			return err
		}
		var texts []string
		if err := json.Unmarshal([]byte(flows), &texts); err != nil {
			return err
		}
		o := offerOf(texts)
		o.Process = process(pid)
		list = append(list, o)
		return nil
	}, "SELECT id, pid, flows FROM procs WHERE flows IS NOT NULL ORDER BY started_at, id")
	return list, err
}

// listIdle repeats the conditions of the indexes runs_idle, runs_wake and
// posts_pending word for word, or SQLite would not use them.
const listIdle = selectRuns + ` WHERE r.n IN (
		SELECT n FROM runs WHERE status IN ('queued', 'running', 'canceling')
			AND imported = 0 AND flow IN (SELECT value FROM json_each(?1))
			AND (owner IS NULL OR owner NOT IN (SELECT value FROM json_each(?2)))
		UNION ALL
		SELECT n FROM runs WHERE status = 'waiting' AND wake_at IS NOT NULL AND wake_at <= ?4
			AND imported = 0 AND flow IN (SELECT value FROM json_each(?1))
			AND (owner IS NULL OR owner NOT IN (SELECT value FROM json_each(?2)))
		UNION ALL
		SELECT n FROM posts p INDEXED BY posts_pending CROSS JOIN runs ON n = p.run WHERE settled_at IS NULL
			AND status NOT IN ('done', 'canceled') AND final = 0
			AND flow IN (SELECT value FROM json_each(?1))
			AND (owner IS NULL OR owner NOT IN (SELECT value FROM json_each(?2)))
	)
	ORDER BY r.n LIMIT ?3 + 0`

// Idle implements journal.Queue.
func (db *DB) Idle(ctx context.Context, flows []string, limit int) ([]journal.Row, error) {
	return reading(ctx, db, "list idle runs", func(ctx context.Context) ([]journal.Row, error) { return db.idle(ctx, flows, limit) })
}

func (db *DB) idle(ctx context.Context, flows []string, most int) ([]journal.Row, error) {
	alive, err := db.living(ctx)
	if err != nil {
		return nil, err
	}
	list, err := db.scanRuns(ctx, listIdle, jsonList(flows), jsonList(alive), atMost(most), millis(db.time()))
	// Someone may have come to life since.
	return slices.DeleteFunc(list, func(r journal.Row) bool { return r.Held }), err
}

// living returns the ids of the processes that are alive.
func (db *DB) living(ctx context.Context) (ids []string, err error) {
	err = db.readers.each(ctx, func(row *sql.Rows) error {
		var id string
		if err := row.Scan(&id); err != nil {
			return err
		}
		alive, err := db.procs.alive(id)
		if alive {
			ids = append(ids, id)
		}
		return err
	}, "SELECT id FROM procs")
	return ids, err
}

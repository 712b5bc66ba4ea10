package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/searched"
)

// Runs become searchable some at a time, as this is cheaper: with each whose number is a
// multiple of searchableEvery those before it do. A search reads the rest itself. Runs of a
// database that an older version has filled follow in pieces.
const (
	searchableEvery = 16
	searchablePiece = 64
)

const selectSearched = `SELECT r.n, r.id, r.model, coalesce(e.body, b.data), b.codec
	FROM runs r LEFT JOIN events e ON e.run = r.n AND e.seq = 1 LEFT JOIN blobs b ON b.digest = e.blob`

// searchableBy makes the runs up to a new one searchable, if it is their turn.
func (db *DB) searchableBy(t *tx, n int64) error {
	if n%searchableEvery != 0 {
		return nil
	}
	return db.leaveOut(t, func() error {
		_, err := t.addSearchable(2 * searchableEvery)
		return err
	})
}

// leaveOut executes f, which changes the table of trigrams: where that is damaged, without
// effect, as what is written beside it must not fail of it.
func (db *DB) leaveOut(t *tx, f func() error) error {
	err := db.changeSearched(t, f)
	if refused := (*pawl.Error)(nil); errors.As(err, &refused) {
		db.sayUnsearchable(err)
		return nil
	}
	return err
}

// changeSearched executes f, which changes the table of trigrams. If that is damaged it takes
// back what f has done, and that alone, and refuses.
func (db *DB) changeSearched(t *tx, f func() error) error {
	if err := t.once("SAVEPOINT searched"); err != nil {
		return err
	}
	err := f()
	if isUnsearchable(err) && t.once("ROLLBACK TO searched") == nil {
		err = failure(db.path, "change what searches look in", err)
	}
	if refused := (*pawl.Error)(nil); err == nil || errors.As(err, &refused) {
		return cmp.Or(t.once("RELEASE searched"), err)
	}
	return err
}

// isUnsearchable reports whether an error is what a damaged table of trigrams makes: of its
// own tables some may be missing.
func isUnsearchable(err error) bool {
	switch code(err) {
	case lib.SQLITE_CORRUPT, lib.SQLITE_CONSTRAINT, lib.SQLITE_ERROR:
		return true
	}
	return false
}

// sayUnsearchable says why runs do not become searchable, once until some do.
func (db *DB) sayUnsearchable(why error) {
	if !db.unsearchable.Swap(true) && db.waits.tell != nil {
		db.waits.tell(fmt.Sprintf("runs do not become searchable, which is tried again: %v", why))
	}
}

// addSearchable makes the next runs searchable, at most that many, and returns how many. Its
// statements are not kept: most processes never execute them, and what SQLite loads for the
// table of trigrams takes some MiB.
func (t *tx) addSearchable(most int) (int, error) {
	texts, err := t.searchTexts(" WHERE r.n > coalesce((SELECT max(id) FROM searched_docsize), 0) ORDER BY r.n LIMIT ?", int64(most))
	if err != nil || len(texts) == 0 {
		return 0, err
	}
	add, err := t.conn.(driver.ConnPrepareContext).PrepareContext(t.ctx, "INSERT INTO searched (rowid, text) VALUES (?, ?)")
	if err != nil {
		return 0, err
	}
	defer add.Close()
	for _, s := range texts {
		if _, err := t.exec(add.(statement), s.n, s.text); err != nil {
			return 0, err
		}
	}
	return len(texts), nil
}

// searchAgain makes a run searchable by what it has become.
func (t *tx) searchAgain(n int64) error {
	texts, err := t.searchTexts(" WHERE r.n = ? AND r.n <= (SELECT max(id) FROM searched_docsize)", n)
	if err != nil || len(texts) == 0 { // its turn is yet to come
		return err
	}
	if err := t.once("DELETE FROM searched WHERE rowid = ?", n); err != nil {
		return err
	}
	return t.once("INSERT INTO searched (rowid, text) VALUES (?, ?)", n, texts[0].text)
}

// searchText is in what a run is found.
type searchText struct {
	n    int64
	text string
}

func (t *tx) searchTexts(which string, arg driver.Value) (texts []searchText, err error) {
	rows, err := t.conn.(driver.QueryerContext).QueryContext(t.ctx, selectSearched+which, t.values.set([]driver.Value{arg}))
	if err != nil {
		return nil, err
	}
	var columns [5]driver.Value
	for err = rows.Next(columns[:]); err == nil; err = rows.Next(columns[:]) {
		id, _ := columns[1].(string)
		model, _ := columns[2].(string)
		codec, _ := columns[4].(string)
		texts = append(texts, searchText{number(columns[0]), searchedIn(id, model, codec, columns[3])})
	}
	return texts, endOf(rows, err)
}

// searchedIn is searched.In of what is stored: of a damaged run without its input.
func searchedIn(id, model, codec string, body any) string {
	return searched.In(pawl.RunID(id), model, storedBody(body, codec))
}

// hasUnsearchable reports whether more runs are to be made searchable than the next that
// are created do.
func hasUnsearchable(ctx context.Context, c *sql.Conn) (has bool, err error) {
	err = c.QueryRowContext(ctx, "SELECT count(*) > ? FROM (SELECT n FROM runs WHERE n > coalesce((SELECT max(id) FROM searched_docsize), 0) LIMIT ?)", searchableEvery, searchableEvery+1).Scan(&has)
	if isUnsearchable(err) {
		return true, nil // what makes them so says why it cannot
	}
	return has, err
}

// After an error makeSearchable tries again, ever later.
const (
	searchAgainAfter = time.Second
	searchAgainEvery = time.Minute
)

// makeSearchable makes all runs searchable, in pieces between which others write, until it
// is done or the DB closed.
func (db *DB) makeSearchable(ctx context.Context) {
	for pause := time.Duration(0); ; {
		var n int
		err := db.write(ctx, &op{name: "make runs searchable", bytes: 1 << 10, apply: func(t *tx) error {
			return db.changeSearched(t, func() (err error) {
				n, err = t.addSearchable(searchablePiece)
				return err
			})
		}})
		select {
		case <-db.closing:
			return
		default:
		}
		if err != nil {
			db.sayUnsearchable(err)
			pause = min(max(2*pause, searchAgainAfter), searchAgainEvery)
		} else {
			db.unsearchable.Store(false)
			pause = time.Millisecond // others first
			if n < searchablePiece {
				return
			}
		}
		select {
		case <-db.closing:
			return
		case <-time.After(pause):
		}
	}
}

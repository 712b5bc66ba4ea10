package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

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
func (t *tx) searchableBy(n int64) error {
	if n%searchableEvery != 0 {
		return nil
	}
	_, err := t.addSearchable(2 * searchableEvery)
	return err
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
	var created []byte
	switch b := body.(type) {
	case string:
		created = []byte(b)
	case []byte:
		created, _ = decode(b, codec)
	}
	return searched.In(pawl.RunID(id), model, created)
}

// hasUnsearchable reports whether more runs are to be made searchable than the next that
// are created do.
func (db *DB) hasUnsearchable(ctx context.Context) (has bool, err error) {
	err = db.readers.QueryRowContext(ctx, "SELECT count(*) > ? FROM (SELECT n FROM runs WHERE n > coalesce((SELECT max(id) FROM searched_docsize), 0) LIMIT ?)", searchableEvery, searchableEvery+1).Scan(&has)
	return has, err
}

// makeSearchable makes all runs searchable, in pieces between which others write, until it
// is done or the DB closed.
func (db *DB) makeSearchable(ctx context.Context) {
	for done := false; !done; {
		if err := db.write(ctx, &op{name: "make runs searchable", bytes: 1 << 10, apply: func(t *tx) error {
			n, err := t.addSearchable(searchablePiece)
			done = n < searchablePiece
			return err
		}}); err != nil {
			return // the next one to open the database goes on
		}
		select {
		case <-db.closing:
			return
		case <-time.After(time.Millisecond): // others first
		}
	}
}

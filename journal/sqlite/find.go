package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/searched"
)

const (
	readAtOnce = 64 // so many runs are read to look for a text in them
	gram       = 3  // so many characters a text has at least that the table of trigrams finds
)

// find returns the numbers of the runs that a filter with a text lets through, the newest
// first. The newest of those that the rest of it lets through are read: they often suffice,
// and not all of them may be searchable. Those before them are found in the table of
// trigrams, if the text is long enough, and are else read, too.
func (db *DB) find(ctx context.Context, f pawl.RunFilter) (found []int64, err error) {
	most := f.Limit
	text := searched.Form(f.Text)
	last, err := db.findFrom(ctx, f.After)
	if err != nil {
		return nil, err
	}
	f.After, f.Limit = "", readAtOnce
	for {
		var more bool
		last, more, err = db.findByReading(ctx, f, text, last, &found)
		switch {
		case err != nil:
			return nil, err
		case most > 0 && len(found) >= most:
			return found[:most], nil
		case !more:
			return found, nil
		case utf8.RuneCountInString(text) < gram:
			continue
		}
		searchable, err := db.searchableTo(ctx)
		if err != nil {
			return nil, err
		}
		if last > searchable+1 {
			continue
		}
		f.Limit = 0
		if most > 0 {
			f.Limit = most - len(found)
		}
		rest, err := db.findBefore(ctx, f, text, last)
		return append(found, rest...), err
	}
}

// findFrom is the number before which runs are found: that of the run behind which they are,
// if there is one. Runs that are removed meanwhile have no number any more.
func (db *DB) findFrom(ctx context.Context, after pawl.RunID) (n int64, err error) {
	if after == "" {
		return endOfRuns, nil
	}
	s, err := db.readers.statement(ctx, "SELECT coalesce((SELECT n FROM runs WHERE id = ?), 0)")
	if err == nil {
		err = s.QueryRowContext(ctx, string(after)).Scan(&n)
	}
	return n, err
}

// searchableTo is the number of the last run that is searchable.
func (db *DB) searchableTo(ctx context.Context) (n int64, err error) {
	s, err := db.readers.statement(ctx, "SELECT coalesce(max(id), 0) FROM searched_docsize")
	if err == nil {
		err = s.QueryRowContext(ctx).Scan(&n)
	}
	return n, err
}

// findByReading adds those in which the text stands among the next runs that a filter lets
// through, before a number. More says that there may be more, before the run with number last.
func (db *DB) findByReading(ctx context.Context, f pawl.RunFilter, text string, before int64, found *[]int64) (last int64, more bool, err error) {
	query, args := runsQuery("SELECT r.n, r.id, r.model, r.reason, coalesce(e.body, b.data), b.codec FROM runs r LEFT JOIN events e ON e.run = r.n AND e.seq = 1 LEFT JOIN blobs b ON b.digest = e.blob", f, before)
	read := 0
	err = db.readers.each(ctx, func(row *sql.Rows) error {
		var id, model, reason string
		var body sql.RawBytes
		var codec sql.NullString
		if err := row.Scan(&last, &id, &model, &reason, &body, &codec); err != nil {
			return err
		}
		if strings.Contains(searched.Form(reason), text) || strings.Contains(searchedIn(id, model, codec.String, []byte(body)), text) {
			*found = append(*found, last)
		}
		read++
		return nil
	}, query, args...)
	return last, read == f.Limit, err
}

// findBefore returns the runs with a text before the one with that number, which are searchable.
func (db *DB) findBefore(ctx context.Context, f pawl.RunFilter, text string, before int64) ([]int64, error) {
	found, err := db.findByText(ctx, f, text, before)
	if err != nil {
		return nil, err
	}
	reasons, err := db.findByReason(ctx, f, text, before)
	if err != nil {
		return nil, err
	}
	found = append(found, reasons...)
	slices.Sort(found)
	slices.Reverse(found)
	found = slices.Compact(found)
	if f.Limit > 0 && len(found) > f.Limit {
		found = found[:f.Limit]
	}
	return found, nil
}

// findByText returns the runs that are found in the table of trigrams.
func (db *DB) findByText(ctx context.Context, f pawl.RunFilter, text string, before int64) (found []int64, err error) {
	query, args := byTextQuery(f, text, before)
	err = db.readers.each(ctx, func(row *sql.Rows) error {
		var n int64
		err := row.Scan(&n)
		found = append(found, n)
		return err
	}, query, args...)
	return found, err
}

func byTextQuery(f pawl.RunFilter, text string, before int64) (query string, args []any) {
	where := conditions{}
	where.addIf(true, "s.searched MATCH ? AND s.rowid < ?", `"`+strings.ReplaceAll(text, `"`, `""`)+`"`, before)
	where.found(f)
	query = "SELECT r.n FROM searched s CROSS JOIN runs r ON r.n = s.rowid" + where.clause(" WHERE ") + " ORDER BY s.rowid DESC LIMIT ? + 0"
	return query, append(where.args, atMost(f.Limit))
}

// findByReason returns the runs whose reason has the text. SQLite knows the lower case of
// ASCII alone, and is asked for that part of the text.
func (db *DB) findByReason(ctx context.Context, f pawl.RunFilter, text string, before int64) ([]int64, error) {
	query, args := byReasonQuery(f, text, before)
	rows, err := db.readers.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []int64
	for rows.Next() && (f.Limit <= 0 || len(found) < f.Limit) {
		var n int64
		var reason string
		if err := rows.Scan(&n, &reason); err != nil {
			return nil, err
		}
		if strings.Contains(searched.Form(reason), text) {
			found = append(found, n)
		}
	}
	return found, rows.Err()
}

func byReasonQuery(f pawl.RunFilter, text string, before int64) (query string, args []any) {
	where := conditions{}
	where.addIf(true, "r.reason <> '' AND instr(lower(r.reason), ?) AND r.n < ?", asciiIn(text), before)
	where.found(f)
	return "SELECT r.n, r.reason FROM runs r INDEXED BY runs_reason" + where.clause(" WHERE ") + " ORDER BY r.n DESC", where.args
}

// asciiIn returns the longest part of a text that is ASCII.
func asciiIn(text string) (longest string) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}

// found adds all conditions of a filter, none of which is to find runs: what is before
// them in the statement does.
func (c *conditions) found(f pawl.RunFilter) {
	c.prefix(f)
	c.addIf(f.Flow != "", "+r.flow = ?", f.Flow)
	c.rest(f)
	c.among("+r.status", f.Statuses)
}

// isAmong is the condition that a run's number is one of a list, see numberList.
const isAmong = "r.n IN (SELECT value FROM json_each(?))"

func numberList(numbers []int64) string {
	b, _ := json.Marshal(append([]int64{}, numbers...)) // numbers always can
	return string(b)
}

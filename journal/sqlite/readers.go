package sqlite

import (
	"context"
	"database/sql"
	"sync"
)

// readers is the pool of connections for reading. It keeps what was prepared: a
// short query takes less time than its preparation.
//
// A limit that is a parameter is written as "? + 0": of a parameter alone SQLite
// makes a constant, and prepares the statement anew each time it is bound.
type readers struct {
	*sql.DB

	mu   sync.Mutex
	kept map[string]*sql.Stmt // by text, of which there are a few
}

func newReaders(pool *sql.DB) *readers {
	pool.SetMaxOpenConns(maxReaders)
	pool.SetMaxIdleConns(maxReaders)
	return &readers{DB: pool, kept: map[string]*sql.Stmt{}}
}

// query executes a statement whose text is one of a few.
func (r *readers) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := r.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// each calls f for each row of a statement whose text is one of a few.
func (r *readers) each(ctx context.Context, f func(*sql.Rows) error, text string, args ...any) error {
	rows, err := r.query(ctx, text, args...)
	return each(rows, err, f)
}

// each calls f for each row of a query, until one fails, and closes them.
func each(rows *sql.Rows, err error, f func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *readers) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.kept[text]
	if s != nil {
		return s, nil
	}
	s, err := r.PrepareContext(ctx, text)
	if err == nil {
		r.kept[text] = s
	}
	return s, err
}

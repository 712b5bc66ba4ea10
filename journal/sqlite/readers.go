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

package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the journal's driver
)

// disk measures what nothing on this disk can be faster than.
func disk(ctx context.Context, p place) ([]figure, error) {
	var figures []figure
	for _, size := range []int{200, 400} {
		took, err := syncedAppend(p, size)
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{What: fmt.Sprintf("append of %d bytes, fsync", size), Value: microseconds(took), Unit: "us", Durability: "fsync"})
	}
	rows, err := openRows(ctx, p, stepBytes)
	if err != nil {
		return nil, err
	}
	defer rows.close()
	for _, n := range []int{1, 100} {
		took, err := rows.commits(ctx, p.rounds(20)*20, n)
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{What: fmt.Sprintf("SQLite commit of %d x %d bytes, each", n, stepBytes), Value: microseconds(took) / float64(n), Unit: "us", Durability: fullSync})
	}
	return figures, nil
}

// syncedAppend returns how long one append to a file takes.
func syncedAppend(p place, size int) (time.Duration, error) {
	f, err := os.Create(filepath.Join(p.dir, fmt.Sprint("append-", size)))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	line := make([]byte, size)
	n := p.rounds(20) * 50
	begin := time.Now()
	for range n {
		if _, err := f.Write(line); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return time.Since(begin) / time.Duration(n), nil
}

// stepBytes is what the event of a step that does nothing takes as a row.
const stepBytes = 480

// rows is a table in an SQLite database of its own, with the pragmas of a
// journal.
type rows struct {
	db     *sql.DB
	conn   *sql.Conn
	insert *sql.Stmt
	body   string
}

func openRows(ctx context.Context, p place, size int) (*rows, error) {
	path := filepath.ToSlash(filepath.Join(p.dir, "rows.db"))
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=fullfsync(1)"+
		"&_pragma=wal_autocheckpoint(0)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-8192)")
	if err != nil {
		return nil, err
	}
	r := &rows{db: db, body: strings.Repeat("x", size)}
	if r.conn, err = db.Conn(ctx); err == nil {
		_, err = r.conn.ExecContext(ctx, "CREATE TABLE rows (n INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
	}
	if err == nil {
		r.insert, err = r.conn.PrepareContext(ctx, "INSERT INTO rows (body) VALUES (?)")
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return r, nil
}

func (r *rows) close() {
	r.insert.Close()
	r.conn.Close()
	r.db.Close()
}

// commits returns how long one commit of n rows takes.
func (r *rows) commits(ctx context.Context, commits, n int) (time.Duration, error) {
	begin := time.Now()
	for range commits {
		if err := r.commit(ctx, n); err != nil {
			return 0, err
		}
	}
	return time.Since(begin) / time.Duration(commits), nil
}

func (r *rows) commit(ctx context.Context, n int) error {
	if n == 1 { // it is a transaction by itself
		_, err := r.insert.ExecContext(ctx, r.body)
		return err
	}
	if _, err := r.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for range n {
		if _, err := r.insert.ExecContext(ctx, r.body); err != nil {
			return err
		}
	}
	_, err := r.conn.ExecContext(ctx, "COMMIT")
	return err
}

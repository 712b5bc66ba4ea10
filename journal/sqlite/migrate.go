package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations returns the migrations in order: the first makes version 1. It is asked in
// each transaction how many there are, so they are read once.
var migrations = sync.OnceValue(func() []string {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	list := make([]string, len(names))
	for i, name := range names {
		b, err := migrationFiles.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("embedded %s: %v", name, err))
		}
		list[i] = string(b)
	}
	return list
})

// migrate brings the database to the newest version, one transaction for each
// step and one for all of a new database, or refuses it. It looks again, now with the log, before each. A step that takes
// long is made of pieces: when ctx ends, or the process does, the next one goes on with it.
func migrate(ctx context.Context, c *sql.Conn, p *patience) error {
	steps := migrations()
	whole := context.WithoutCancel(ctx) // SQLite would end a transaction with it
	for {
		h, err := readHeader(whole, c)
		if err != nil {
			return err
		}
		if err := h.check(p.path); err != nil {
			return err
		}
		if h.version == len(steps) {
			return nil
		}
		if h.version == uncountedVersion {
			if err := countOlder(ctx, c, p); err != nil {
				return fmt.Errorf("add up what model calls have cost: %w", err)
			}
		}
		to := h.version + 1
		if h.empty() { // there is nothing that takes long
			to = len(steps)
		}
		script := fmt.Sprintf("BEGIN IMMEDIATE;\n%s\n;PRAGMA user_version = %d;\nCOMMIT", strings.Join(steps[h.version:to], "\n;\n"), to)
		if _, err := c.ExecContext(whole, script); err != nil {
			c.ExecContext(whole, "ROLLBACK") // may have happened by itself
			return fmt.Errorf("migrate from version %d to %d: %w", h.version, to, err)
		}
	}
}

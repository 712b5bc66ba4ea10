package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations returns the migrations in order: the first makes version 1.
func migrations() []string {
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
}

// migrate brings the database to the newest version, one transaction for each
// step, or refuses it. It looks again, now with the log, before each.
func migrate(ctx context.Context, c *sql.Conn, path string) error {
	steps := migrations()
	for {
		h, err := readHeader(ctx, c)
		if err != nil {
			return err
		}
		if err := h.check(path); err != nil {
			return err
		}
		if h.version == len(steps) {
			return nil
		}
		script := fmt.Sprintf("BEGIN IMMEDIATE;\n%s\n;PRAGMA user_version = %d;\nCOMMIT", steps[h.version], h.version+1)
		if _, err := c.ExecContext(ctx, script); err != nil {
			c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // may have happened by itself
			return fmt.Errorf("migrate to version %d: %w", h.version+1, err)
		}
	}
}

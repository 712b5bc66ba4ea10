package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Database is what is to be known of an open journal.
type Database interface {
	journal.Reader
	Close() error

	// Check returns what is damaged in how the database lies on the disk, or nil.
	Check(ctx context.Context) error
}

// checkDatabase opens the database if there is one.
func (r *Report) checkDatabase(ctx context.Context, data Data) {
	path := filepath.Join(data.Dir, data.File)
	var db Database
	info, err := os.Stat(path)
	if err == nil {
		db, err = data.Open(ctx)
	}
	if errors.Is(err, pawl.ErrNotFound) && info.Size() == 0 && hasFolder(data.Dir) {
		r.add("database", Warn, "if there were runs, restore it from a backup", "%s is empty, in a directory that was in use; the next run makes it anew", path)
		return
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, pawl.ErrNotFound) {
		r.AddOK("database", "there is none yet; the first run makes it")
		return
	}
	if err != nil {
		r.AddError("database", err)
		return
	}
	r.AddOK("database", "%s opens, schema %d", path, data.Schema)
	damage := db.Check(ctx)
	if damage != nil {
		r.AddError("integrity", damage)
	} else {
		r.AddOK("integrity", "no page, index or reference is damaged")
	}
	if rows, err := db.Runs(ctx, pawl.RunFilter{}); err != nil {
		r.AddError("runs", err)
	} else {
		r.checkHistories(ctx, db, rows, damage != nil, data.File)
		r.countOrphans(rows)
	}
	if err := db.Close(); err != nil {
		r.AddError("database", err)
	}
}

// hasFolder reports whether there are folders in a directory, as whoever opens a database
// to write makes them beside it.
func hasFolder(dir string) bool {
	entries, _ := os.ReadDir(dir)
	return slices.ContainsFunc(entries, fs.DirEntry.IsDir)
}

// countOrphans counts the runs whose process died; the first row is the newest.
func (r *Report) countOrphans(rows []journal.Row) {
	var last pawl.RunID
	n := 0
	for _, row := range rows {
		switch row.Summary.Status {
		case pawl.StatusRunning, pawl.StatusPausing, pawl.StatusCanceling:
			if row.Held {
				continue
			}
			if n++; n == 1 {
				last = row.ID
			}
		}
	}
	if n == 0 {
		r.AddOK("runs", "%s, none of a process that died", count(len(rows), "run"))
		return
	}
	r.add("runs", Warn, r.Command("resume", string(last))+" goes on with the newest", "%s of a process that died", count(n, "run"))
}

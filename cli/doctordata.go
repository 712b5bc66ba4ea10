package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

const otherData = "choose another data directory with --data or PAWL_DATA"

// data looks at the data directory and at what is in it.
func (d *doctor) data(ctx context.Context) {
	dir, from, err := d.dataPlace()
	if err != nil {
		d.fail("data directory", err)
		return
	}
	there, ok := d.directory(dir, from)
	d.disk(there)
	if ok {
		d.database(ctx, dir)
	}
}

// directory returns the directory itself, or the nearest one above it that there
// is, and whether a database in it can be looked at.
func (d *doctor) directory(dir, from string) (there string, ok bool) {
	const check = "data directory"
	abs, err := filepath.Abs(dir)
	if err != nil {
		d.add(check, broken, otherData, "%s, from %s: %v", dir, from, err)
		return dir, false
	}
	there = abs
	info, err := os.Stat(there)
	for errors.Is(err, fs.ErrNotExist) && there != filepath.Dir(there) {
		there = filepath.Dir(there)
		info, err = os.Stat(there)
	}
	switch {
	case err != nil:
		d.add(check, broken, otherData, "%s, from %s: %v", abs, from, form.Cause(err))
		return filepath.Dir(there), false
	case !info.IsDir():
		d.add(check, broken, otherData, "%s, from %s: %s is a file", abs, from, there)
		return filepath.Dir(there), false
	}
	if err := writable(there); err != nil {
		d.add(check, broken, "check the permissions, or "+otherData, "%s, from %s: %s cannot be written: %v", abs, from, there, err)
		return there, false
	}
	if there != abs {
		d.ok(check, "%s, from %s: the first run makes it", abs, from)
		return there, true
	}
	d.ok(check, "%s, from %s: can be written", abs, from)
	return there, true
}

// Below these a disk is nearly or as good as full.
const (
	fewBytes  = 1 << 30
	noBytes   = 100 << 20
	gibibyte  = 1 << 30
	freeSpace = "free some space, or " + otherData
)

// disk looks at the volume of a directory that there is.
func (d *doctor) disk(dir string) {
	v, err := volumeOf(dir)
	if err != nil {
		d.add("disk", doubt, "", "%s: its free space is not known: %v", dir, err)
		return
	}
	d.space(v)
}

func (d *doctor) space(v volume) {
	free := fmt.Sprintf("%.1f GiB free", float64(v.free)/gibibyte)
	switch {
	case v.free < noBytes:
		d.add("disk", broken, freeSpace, "%d MiB free", v.free>>20)
	case v.free < fewBytes:
		d.add("disk", doubt, freeSpace, "%d MiB free", v.free>>20)
	case v.network != "":
		d.add("disk", doubt, "keep the data on a local disk: "+otherData, "%s, on a network file system (%s), where locks may not hold", free, v.network)
	default:
		d.ok("disk", "%s", free)
	}
}

// database opens the database if there is one.
func (d *doctor) database(ctx context.Context, dir string) {
	info, err := os.Stat(filepath.Join(dir, databaseFile))
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		d.ok("database", "there is none yet; the first run makes it")
		return
	}
	db, err := sqlite.Open(ctx, dir, nil)
	if err != nil {
		d.fail("database", err)
		return
	}
	d.ok("database", "%s opens, schema %d", filepath.Join(dir, databaseFile), sqlite.SchemaVersion())
	damage := db.Check(ctx)
	if damage != nil {
		d.fail("integrity", damage)
	} else {
		d.ok("integrity", "no page, index or reference is damaged")
	}
	if rows, err := db.Runs(ctx, pawl.RunFilter{}); err != nil {
		d.fail("runs", err)
	} else {
		d.histories(ctx, db, rows, damage != nil)
		d.orphans(rows)
	}
	if err := db.Close(); err != nil {
		d.fail("database", err)
	}
}

// orphans counts the runs whose process died; the first row is the newest.
func (d *doctor) orphans(rows []journal.Row) {
	var last pawl.RunID
	n := 0
	for _, r := range rows {
		switch r.Summary.Status {
		case pawl.StatusRunning, pawl.StatusPausing, pawl.StatusCanceling:
			if r.Held {
				continue
			}
			if n++; n == 1 {
				last = r.ID
			}
		}
	}
	if n == 0 {
		d.ok("runs", "%s, none of a process that died", term.Count(int64(len(rows)), "run"))
		return
	}
	d.add("runs", doubt, d.command("resume", string(last))+" goes on with the newest", "%s of a process that died", term.Count(int64(n), "run"))
}

package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

const otherData = "choose another data directory with --data or PAWL_DATA"

// Data is where the runs are kept.
type Data struct {
	Dir    string
	From   string // what says that it is this directory
	File   string // the name of the database in it
	Schema int    // that the program writes

	// Open opens the database, which is there.
	Open func(ctx context.Context) (Database, error)
}

// CheckData looks at the data directory and at what is in it. It makes neither the
// directory nor the database.
func (r *Report) CheckData(ctx context.Context, data Data) {
	there, ok := r.checkDirectory(data.Dir, data.From)
	r.checkDisk(there)
	if ok {
		r.checkDatabase(ctx, data)
	}
}

// checkDirectory returns the directory itself, or the nearest one above it that there
// is, and whether a database in it can be looked at.
func (r *Report) checkDirectory(dir, from string) (there string, ok bool) {
	const check = "data directory"
	abs, err := filepath.Abs(dir)
	if err != nil {
		r.add(check, Fail, otherData, "%s, from %s: %v", dir, from, err)
		return dir, false
	}
	there = abs
	info, err := os.Stat(there)
	for errors.Is(err, fs.ErrNotExist) && there != filepath.Dir(there) {
		there = filepath.Dir(there)
		info, err = os.Stat(there)
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err // the path is said anyway
	}
	switch {
	case err != nil:
		r.add(check, Fail, otherData, "%s, from %s: %v", abs, from, err)
		return filepath.Dir(there), false
	case !info.IsDir():
		r.add(check, Fail, otherData, "%s, from %s: %s is a file", abs, from, there)
		return filepath.Dir(there), false
	}
	if err := writable(there); err != nil {
		r.add(check, Fail, "check the permissions, or "+otherData, "%s, from %s: %s cannot be written: %v", abs, from, there, err)
		return there, false
	}
	if there != abs {
		r.AddOK(check, "%s, from %s: the first run makes it", abs, from)
		return there, true
	}
	r.AddOK(check, "%s, from %s: can be written", abs, from)
	return there, true
}

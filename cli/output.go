package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// checkOutput refuses a -o that could not be written when the run is done. It
// leaves nothing behind.
func checkOutput(path string) error {
	if path == "" {
		return nil
	}
	if ext := filepath.Ext(path); ext != ".md" && ext != ".json" {
		return badInput("-o %q: wants a name that ends in .md for text or .json for the output as JSON", path)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return badInput("-o %q: it is not a regular file", path)
	}
	f, err := createTemp(path)
	if err != nil {
		return badInput("-o %q cannot be written: %v", path, cause(err))
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// writeOutput writes a done run's result to a file: whole, or not at all.
func (a *app) writeOutput(path string, rec pawl.RunRecord) error {
	text := a.text(rec)
	if filepath.Ext(path) == ".json" {
		text = indented(rec.Output)
	}
	if err := replaceFile(path, []byte(text)); err != nil {
		return &pawl.Error{Kind: pawl.ErrStorage, Run: rec.ID, Err: err,
			Message: fmt.Sprintf("run %s is done, but its result is not in %q: %v", rec.ID, path, cause(err))}
	}
	return nil
}

func replaceFile(path string, b []byte) error {
	f, err := newFile(path)
	if err != nil {
		return err
	}
	defer f.discard()
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.commit()
}

// file is a file being written that is to take the place of another once it
// is whole.
type file struct {
	*os.File
	path string
}

func newFile(path string) (*file, error) {
	f, err := createTemp(path)
	return &file{f, path}, err
}

// createTemp makes a hidden file beside the one of that path and named after it:
// a process that is killed leaves it behind.
func createTemp(path string) (*os.File, error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "." // and not that of the system
	}
	f, err := os.CreateTemp(dir, "."+name+".pawl-*")
	if err != nil && len(name) > 200 { // too long a name, perhaps
		return os.CreateTemp(dir, ".pawl-*")
	}
	return f, err
}

// commit makes the file what is found under its path.
func (f *file) commit() error {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(f.path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := errors.Join(f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), f.path)
}

// discard removes the file unless it was committed.
func (f *file) discard() {
	f.Close()
	os.Remove(f.Name())
}

// text is a done run's result for people: what the flow makes of its output, or
// the output as JSON. It ends with a line break.
func (a *app) text(rec pawl.RunRecord) string {
	if f := a.flow(rec.Flow); f != nil {
		if text, ok := f.Markdown(rec.Output); ok {
			return strings.TrimRight(text, "\n") + "\n"
		}
	}
	return indented(rec.Output)
}

func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(quoted(string(raw))) + "\n"
	}
	return b.String() + "\n"
}

// compact writes JSON in one line.
func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		b.Reset()
		canonical, _ := schema.Marshal(string(raw)) // a string always encodes
		b.Write(canonical)
	}
	return b.String()
}

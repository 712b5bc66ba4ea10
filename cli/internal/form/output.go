package form

import (
	"errors"
	"os"
	"path/filepath"
)

// CheckOutput refuses a -o that could not be written when the run is done. It
// leaves nothing behind.
func CheckOutput(path string) error {
	if path == "" {
		return nil
	}
	if ext := filepath.Ext(path); ext != ".md" && ext != ".json" {
		return refuse("-o %q: wants a name that ends in .md for text or .json for the output as JSON", path)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return refuse("-o %q: it is not a regular file", path)
	}
	f, err := createTemp(path)
	if err != nil {
		return refuse("-o %q cannot be written: %v", path, Cause(err))
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Replace makes a file hold b, or leaves it as it was.
func Replace(path string, b []byte) error {
	f, err := NewFile(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Commit()
}

// File is a file being written that is to take the place of another once it
// is whole.
type File struct {
	*os.File
	Path string
}

func NewFile(path string) (*File, error) {
	f, err := createTemp(path)
	return &File{f, path}, err
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

// Commit makes the file what is found under its path.
func (f *File) Commit() error {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(f.Path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := errors.Join(f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), f.Path)
}

// Discard removes the file unless it was committed.
func (f *File) Discard() {
	f.Close()
	os.Remove(f.Name())
}

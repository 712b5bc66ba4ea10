package form

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// CheckDir refuses a directory of a flag in which no files could be made, be it there or
// yet to be made. It leaves nothing behind.
func CheckDir(flag, dir string) error {
	at := filepath.Clean(dir)
	for {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return refuse("%s %q: %q is no directory", flag, dir, at)
		case err == nil:
			f, err := createTemp(filepath.Join(at, "x"))
			if err != nil {
				return refuse("%s %q: nothing can be written to %q: %v", flag, dir, at, Cause(err))
			}
			return errors.Join(f.Close(), os.Remove(f.Name()))
		case !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at):
			return refuse("%s %q: %v", flag, dir, Cause(err))
		}
		at = filepath.Dir(at)
	}
}

// ReplacePrivate makes a file hold b, or leaves it as it was. A new one, and the directory
// if there is none yet, can be read by their owner alone.
func ReplacePrivate(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := NewFile(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Commit() // with the rights of the one that was there
}

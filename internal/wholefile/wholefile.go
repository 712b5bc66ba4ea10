// Package wholefile writes files that are there whole or not at all: whoever reads one, at
// whatever moment and after whatever crash, finds what was there before or all that is new.
package wholefile

import (
	"cmp"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// File is a file being written that is to take the place of another once it
// is whole.
type File struct {
	*os.File
	Path string
	lock *flock.Flock // on the file while it is being written; see removeRemnants
}

// New begins a file. What killed processes left of files of the same path is removed.
func New(path string) (*File, error) {
	removeRemnants(path)
	for {
		f, err := createTemp(path)
		if err != nil {
			return nil, err
		}
		lock := lockOf(f.Name())
		if runtime.GOOS == "windows" { // nobody can remove a file there that is open
			return &File{f, path, lock}, nil
		}
		free, err := lock.TryLock()
		if _, gone := os.Stat(f.Name()); err != nil || free && gone == nil { // without locks nobody removes it
			return &File{f, path, lock}, nil
		}
		lock.Close() // somebody took it for a remnant before it was locked
		f.Close()
		os.Remove(f.Name())
	}
}

func lockOf(path string) *flock.Flock { return flock.New(path, flock.SetFlag(os.O_RDWR)) }

// removeRemnants removes the hidden files of a path that nobody writes any more: who does
// has a lock on them. Where that cannot be told, they stay.
func removeRemnants(path string) {
	dir, name := filepath.Split(target(path))
	all, _ := os.ReadDir(cmp.Or(dir, "."))
	for _, entry := range all {
		number, ok := strings.CutPrefix(entry.Name(), hiddenPrefix(name))
		if _, err := strconv.ParseUint(number, 10, 32); !ok || err != nil || len(name) > longestName || !entry.Type().IsRegular() {
			continue
		}
		left := filepath.Join(dir, entry.Name())
		lock := lockOf(left)
		if free, err := lock.TryLock(); runtime.GOOS != "windows" && free && err == nil {
			os.Remove(left)
		}
		lock.Close()
		if runtime.GOOS == "windows" {
			os.Remove(left)
		}
	}
}

// longestName is how long a name may be that the name of its hidden file has in it.
const longestName = 200

// hiddenPrefix is how the name of a hidden file begins; a number follows.
func hiddenPrefix(name string) string { return "." + name + ".pawl-" }

// createTemp makes a hidden file beside the one of that path and named after it:
// a process that is killed leaves it behind. It has the rights of the one that it is to
// replace, or those that the user gives to new files.
func createTemp(path string) (*os.File, error) {
	path = target(path)
	dir, name := filepath.Split(path)
	if len(name) > longestName {
		name = ""
	}
	mode := os.FileMode(0o666)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	for {
		f, err := os.OpenFile(filepath.Join(dir, hiddenPrefix(name)+strconv.FormatUint(uint64(rand.Uint32()), 10)), os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// target is the file that a path leads to, also over links.
func target(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// Commit makes the file what is found under its path.
func (f *File) Commit() error {
	path := target(f.Path)
	if info, err := os.Stat(path); err == nil {
		if err := f.Chmod(info.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	defer f.lock.Close()
	return os.Rename(f.Name(), path)
}

// Discard removes the file unless it was committed.
func (f *File) Discard() {
	f.Close()
	os.Remove(f.Name())
	f.lock.Close()
}

// Probe says whether a file of that path could be written. It leaves nothing behind.
func Probe(path string) error {
	f, err := createTemp(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Write makes the file of a path hold b, or leaves it as it was.
func Write(path string, b []byte) error {
	f, err := New(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Commit()
}

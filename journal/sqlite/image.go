package sqlite

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// image is an empty database of the newest version, packed. A new one is a copy of it: to have
// the migrations make one takes as long as all else that a command does at its start.
//
//go:embed empty.db.gz
var image []byte

// createFile makes a database for this user alone, if there is none; log and index inherit
// its mode. It never opens one that exists: see the package comment. What a crash leaves
// behind is either the whole of it or a file beside it, since it gets its name last; SQLite
// syncs the directory when it makes the log, which is before anything is stored.
func createFile(path string) (created bool, err error) {
	if _, err := os.Lstat(path); err == nil {
		return false, nil
	}
	made, err := writeImage(filepath.Dir(path))
	if err != nil {
		return false, err
	}
	defer os.Remove(made)
	err = os.Link(made, path)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrExist):
		return false, nil
	}
	return createEmpty(path) // a file has one name here
}

// writeImage writes a new database into a directory, under a name that nothing has.
func writeImage(dir string) (path string, err error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(image))
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, FileName+".new-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, unpacked)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		os.Remove(f.Name())
	}
	return f.Name(), err
}

// createEmpty makes an empty file, which is brought to the newest version as an older one is.
func createEmpty(path string) (created bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

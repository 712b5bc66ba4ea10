package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// lockFiles are the lock files in a directory, whatever its name: to a pattern a bracket
// in it would mean something. Without the directory there are none.
func lockFiles(dir string) (files []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".lock" {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

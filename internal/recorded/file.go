package recorded

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/internal/wholefile"
)

// Read reads the file of a run. Errors name it.
func Read(name string) (*runfile.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	run, err := runfile.Read(f)
	if known := (*pawl.Error)(nil); errors.As(err, &known) {
		e := *known
		e.Message = fmt.Sprintf("%s: %s", name, e.Message)
		return nil, &e
	}
	return run, err
}

// Files returns the files of runs in a directory and those below it, in order. Hidden
// directories, and files of anything else, are left out.
func Files(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != dir && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.Type().IsRegular() || filepath.Ext(name) != ".json":
			return nil
		}
		is, err := isRun(name)
		if is {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// isRun reports whether a file begins as that of a run does.
func isRun(name string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	begin := make([]byte, 64)
	n, _ := f.Read(begin)
	return bytes.Contains(begin[:n], []byte(`"pawl_run"`)), nil
}

// Replace makes a file hold a run, or leaves it as it was.
func Replace(name string, run *runfile.File) error {
	data, err := run.Encode()
	if err != nil {
		return err
	}
	return wholefile.Write(name, data)
}

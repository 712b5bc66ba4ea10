package form

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/wholefile"
)

// CheckOutput refuses a -o that could not be written when the run is done. It
// leaves nothing behind.
func CheckOutput(path string) error {
	if path == "" {
		return nil
	}
	return checkOutput(path, ".md for text or .json for the output as JSON", ".md", ".json")
}

// CheckExport is CheckOutput for a run that is written to a file.
func CheckExport(path string) error {
	if path == "" {
		return nil
	}
	if path == "-" {
		return refuse("-o -: leave -o out, and the run goes to standard output as JSON; a document needs a name that ends in .md or .html")
	}
	return checkOutput(path, ".json for a file to build on, .md or .html for a document", ".json", ".md", ".html")
}

// checkOutput refuses a path whose name ends otherwise than it may, or that could not be
// written.
func checkOutput(path, wants string, may ...string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return refuse("-o %q: it is a directory", path)
	case err == nil && !info.Mode().IsRegular(): // a device or a pipe
		return nil
	case !slices.Contains(may, filepath.Ext(path)):
		return refuse("-o %q: wants a name that ends in %s", path, wants)
	}
	if err := wholefile.Probe(path); err != nil {
		return refuse("-o %q cannot be written: %v", path, Cause(err))
	}
	return nil
}

// Replace makes a file hold b, or leaves it as it was. To a device or a pipe b is written.
// It reports whether there was a file before that said something.
func Replace(path string, b []byte) (replaced bool, err error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return false, writeTo(path, b)
	}
	replaced = err == nil && info.Size() > 0
	if err := wholefile.Write(path, b); err != nil {
		return false, err
	}
	return replaced, nil
}

// writeTo writes to what is not a regular file. If that is a terminal, nothing steers it.
func writeTo(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	to := term.NewSink(term.StreamOf(f))
	to.Write(b)
	return errors.Join(to.Err(), f.Close())
}

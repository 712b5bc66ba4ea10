package form

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/pawlrun/pawl/internal/limits"
)

// MaxFileBytes bounds what is read as input or as a field of it.
const MaxFileBytes = limits.FileBytes

// Reader reads the files that flags name; "-" is stdin, which there is once.
type Reader struct {
	Stdin io.Reader
	taken string // the flag that has read stdin
	text  string // what it read
}

// Read returns a file's text. The error names the file and what is wrong.
func (r *Reader) Read(name, flag string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("wants the name of a file, or - for standard input")
	case name == "-" && r.taken == flag && flag != "":
		return r.text, nil // for another value that is made of it
	case name == "-" && r.taken != "":
		return "", fmt.Errorf("standard input was already read for %s", r.taken)
	case name == "-":
		text, err := readText(r.Stdin, FileName(name))
		r.taken, r.text = flag, text
		return text, err
	}
	return ReadFile(name)
}

// ReadFile returns a file's text. The error names the file and what is wrong.
func ReadFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read %q: %w", name, Cause(err))
	}
	defer f.Close()
	return readText(f, fmt.Sprintf("%q", name))
}

func readText(from io.Reader, name string) (string, error) {
	b, err := io.ReadAll(io.LimitReader(from, MaxFileBytes+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read %s: %w", name, Cause(err))
	case len(b) > MaxFileBytes:
		return "", fmt.Errorf("%s is larger than %d MiB", name, MaxFileBytes>>20)
	case !utf8.Valid(b):
		return "", fmt.Errorf("%s is not UTF-8 text", name)
	}
	return string(b), nil
}

// Cause is what the system says, without the path that the caller names itself.
func Cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// FileName names a file in messages.
func FileName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return fmt.Sprintf("%q", name)
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"
)

// maxFileBytes bounds what is read as input or as a field of it.
const maxFileBytes = 16 << 20

// reader reads the files that flags name; "-" is stdin, which there is once.
type reader struct {
	stdin io.Reader
	taken string // the flag that has read stdin
}

// read returns a file's text. The error names the file and what is wrong.
func (r *reader) read(name, flag string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("wants the name of a file, or - for standard input")
	case name == "-" && r.taken != "":
		return "", fmt.Errorf("standard input was already read for %s", r.taken)
	case name == "-":
		r.taken = flag
		return readText(r.stdin, fileName(name))
	}
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read %q: %w", name, cause(err))
	}
	defer f.Close()
	return readText(f, fileName(name))
}

func readText(from io.Reader, name string) (string, error) {
	b, err := io.ReadAll(io.LimitReader(from, maxFileBytes+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read %s: %w", name, cause(err))
	case len(b) > maxFileBytes:
		return "", fmt.Errorf("%s is larger than %d MiB", name, maxFileBytes>>20)
	case !utf8.Valid(b):
		return "", fmt.Errorf("%s is not UTF-8 text", name)
	}
	return string(b), nil
}

// cause is what the system says, without the path that the caller names itself.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// fileName names a file in messages.
func fileName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return fmt.Sprintf("%q", name)
}

package form

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Standard input is read once, for one flag; what is wrong with a file is said by its name.
func TestReader(t *testing.T) {
	r := &Reader{Stdin: strings.NewReader("typed\n")}
	for range 2 {
		if got, err := r.Read("-", "--topic-file"); err != nil || got != "typed\n" {
			t.Errorf("%q, %v", got, err)
		}
	}
	for name, want := range map[string]string{
		"-":            "standard input was already read for --topic-file",
		"":             "wants the name of a file, or - for standard input",
		"/nowhere/at/": `read "/nowhere/at/": `,
	} {
		if got, err := r.Read(name, "--tone-file"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q is %q, %v; wants an error that begins %q", name, got, err, want)
		}
	}
	r = &Reader{Stdin: strings.NewReader("\xff")}
	if _, err := r.Read("-", ""); err == nil || err.Error() != "standard input is not UTF-8 text" {
		t.Error(err)
	}
}

// A file takes the place of another whole, and leaves nothing beside it.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.md")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := CheckOutput(path); err != nil {
		t.Error(err)
	}
	if replaced, err := Replace(path, []byte("new")); err != nil || !replaced {
		t.Fatal(replaced, err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new" {
		t.Errorf("%q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("its rights were not kept: %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the directory has %v, %v", left, err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "out.txt"):        "wants a name that ends in .md for text or .json for the output as JSON",
		filepath.Join(dir, "none", "out.md"): "cannot be written",
	} {
		if err := CheckOutput(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, wants %q", path, err, want)
		}
	}
}

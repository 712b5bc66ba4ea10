package housetest

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// NeedsField checks that a prompt file loads as it is, and no longer once texts in
// it are replaced (old, new, ...) so that it passes over a field of its data. load
// loads the file "p.md", as MustPrompt does.
func NeedsField(t testing.TB, files fs.FS, file, field string, load func(fstest.MapFS), replace ...string) {
	t.Helper()
	text, err := fs.ReadFile(files, file)
	if err != nil {
		t.Fatal(err)
	}
	loads := func(text string) (message string) {
		defer func() {
			if p := recover(); p != nil {
				message = fmt.Sprint(p)
			}
		}()
		load(fstest.MapFS{"p.md": {Data: []byte(text)}})
		return ""
	}
	if message := loads(string(text)); message != "" {
		t.Errorf("%s as it is: %s", file, message)
	}
	cut := strings.NewReplacer(replace...).Replace(string(text))
	if message := loads(cut); !strings.Contains(message, "never uses {{."+field+"}}") {
		t.Errorf("%s without {{.%s}}: %q, want a complaint about it", file, field, message)
	}
}

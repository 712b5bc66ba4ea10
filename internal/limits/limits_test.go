package limits_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/limits"
)

// TestDocs: docs/reference/limits.md has the rows of the table, in its order, and no others.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, l := range limits.Table {
		want = append(want, fmt.Sprintf("| %s | %s %s | %s |", l.What, grouped(l.Most), l.Unit, l.Then))
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| what") {
			got = append(got, line)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("docs/reference/limits.md has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestMessages: each message that the table names is one that our code has, or the
// standard library's.
func TestMessages(t *testing.T) {
	var code strings.Builder
	code.WriteString("server response headers exceeded %d bytes") // net/http
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "internal/limits/") {
			return err
		}
		text, err := os.ReadFile(path)
		code.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range limits.Table {
		quoted := strings.Split(l.Then, "`")
		for i := 1; i < len(quoted); i += 2 {
			pattern := strings.ReplaceAll(regexp.QuoteMeta(quoted[i]), "…", `(%[a-z]|" \+ [^"]+ \+ ")`)
			if !regexp.MustCompile(pattern).MatchString(code.String()) {
				t.Errorf("%s: nothing says %q", l.What, quoted[i])
			}
		}
	}
}

// grouped writes a number with commas.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

package limits_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/limits"
)

// TestDocs: docs/limits.md has the rows of the table, in its order, and no others.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/limits.md")
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
		t.Errorf("docs/limits.md has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
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

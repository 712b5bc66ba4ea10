package cli

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/terminaltest"
)

func TestHang(t *testing.T) {
	for _, tt := range []struct {
		text          string
		indent, width int
		want          string
	}{
		{"as long as it takes", 10, 0, "as long as it takes"},
		{"it fits", 3, 10, "it fits"},
		{"one two three four five six", 4, 24, "one two three four\n    five six"},
		{"one two three four five six", 8, 24, "\n      one two three four\n      five six"},
		{"give it --data my-directory", 0, 21, "give it --data\nmy-directory"},
		{"a long word first, then --data", 0, 26, "a long word first, then\n--data"},
		{"see /a/very/long/path/of/one/word there", 0, 22, "see\n/a/very/long/path/of/one/word\nthere"},
		{"größe größe größe größe", 2, 22, "größe größe größe\n  größe"},
		{"a b c", 2, 3, "\n      a\n      b\n      c"},
	} {
		if got := hang(tt.text, tt.indent, tt.width); got != tt.want {
			t.Errorf("hang(%q, %d, %d) is %q, wants %q", tt.text, tt.indent, tt.width, got, tt.want)
		}
	}
}

// On a terminal a stamped line breaks between words, below its text; in a pipe it
// is one line.
func TestStampedLinesHang(t *testing.T) {
	c := newCommand(t, pawl.New("wordy", "Say much.", func(r *pawl.Run, in topic) (string, error) {
		r.Note("%s", strings.Repeat("somewhat ", 12)+"long")
		return "", nil
	}))
	for columns, want := range map[int]string{
		80: "] " + strings.Repeat("somewhat ", 6) + "somewhat\n" + strings.Repeat(" ", 11) + "somewhat ",
		40: "] somewhat somewhat somewhat\n" + strings.Repeat(" ", 11) + "somewhat somewhat somewhat\n",
		24: "]\n      somewhat somewhat\n      somewhat somewhat\n",
	} {
		c.screen = terminaltest.New(columns, 60)
		c.ok("run", "wordy")
		if text := strings.Join(c.screen.Lines(), "\n"); !strings.Contains(text, want) {
			t.Errorf("at %d columns:\n%s", columns, text)
		}
	}
	c.screen = nil
	if _, stderr := c.ok("run", "wordy"); !strings.Contains(stderr, "] "+strings.Repeat("somewhat ", 12)+"long\n") {
		t.Errorf("in a pipe:\n%s", stderr)
	}
}

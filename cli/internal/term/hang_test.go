package term

import (
	"strings"
	"testing"
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
		{"say pawl show --data 'my own  data' now, or don't", 0, 24, "say pawl show --data\n'my own  data' now, or\ndon't"},
		{`--data 'it'\''s  mine'; --data "$(printf 'a b')" and`, 0, 22, "--data\n'it'\\''s  mine';\n--data\n\"$(printf 'a b')\" and"},
		{"one two three four 'five six", 0, 22, "one two three four\n'five six"},
		{"a b c", 2, 3, "\n      a\n      b\n      c"},
	} {
		if got := Hang(tt.text, tt.indent, tt.width); got != tt.want {
			t.Errorf("hang(%q, %d, %d) is %q, wants %q", tt.text, tt.indent, tt.width, got, tt.want)
		}
	}
}

func TestStampedLine(t *testing.T) {
	for _, tt := range []struct {
		text    string
		columns int
		want    string
	}{
		{"one two\x1b[2J", 0, "[12:00:00] one two\\u001b[2J"},
		{"one two three four five six", 32, "[12:00:00] one two three four\n           five six"},
		{"one two three four", 24, "[12:00:00]\n      one two three\n      four"},
	} {
		if got := Stamped("12:00:00", tt.text, tt.columns); got != tt.want {
			t.Errorf("%q in %d columns is %q, want %q", tt.text, tt.columns, got, tt.want)
		}
	}
}

// A command line that is given as whole stays in one line, the longest of those that begin
// alike.
func TestHangKeepsWhole(t *testing.T) {
	text := "more of it is in: pawl show 3f2a --data here and there"
	for width := 20; width < 60; width++ {
		got := Hang(text, 0, width, "pawl show", "pawl show 3f2a --data here")
		if !strings.Contains(got, "pawl show 3f2a --data here") || strings.Join(strings.Fields(got), " ") != text {
			t.Errorf("%d: %q", width, got)
		}
	}
}

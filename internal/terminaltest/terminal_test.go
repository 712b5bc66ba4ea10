package terminaltest_test

import (
	"io"
	"slices"
	"testing"

	"github.com/pawlrun/pawl/internal/terminaltest"
)

func TestPicture(t *testing.T) {
	for in, want := range map[string][]string{
		"one\ntwo\x1b[1A\rONE":    {"ONE", "two"},
		"abcdefgh":                {"abcdef", "gh"},
		"abcdef\nx":               {"abcdef", "x"},
		"日本語":                     {"日本語"},
		"a日本語":                    {"a日本", "語"},
		"long\r\x1b[Kx":           {"x"},
		"a\nb\nc\x1b[1A\r\x1b[J":  {"a", ""},
		"1\n2\n3\n4\n5\x1b[9A\rX": {"X", "3", "4", "5"},
		"\x1b[31mred\x1b[m":       {"red"},
	} {
		term := terminaltest.New(6, 4)
		if _, err := io.WriteString(term, in); err != nil {
			t.Errorf("%q: %v", in, err)
		}
		if got := term.Rows(); !slices.Equal(got, want) {
			t.Errorf("%q shows %q, want %q", in, got, want)
		}
	}
}

func TestStrict(t *testing.T) {
	for _, in := range []string{"\x1b[?25l", "\x1b[2J", "\x1b[H", "\x1b[?1049h", "a\x07b", "\x1b]0;title\x07", "\x1b[?7lx", "\x1b[97m"} {
		term := terminaltest.New(80, 24)
		if _, err := io.WriteString(term, in+"........"); err == nil || term.Err() == nil {
			t.Errorf("%q is taken", in)
		}
	}
	term := terminaltest.New(80, 24)
	for _, part := range []string{"a\x1b", "[", "3", "1mb"} { // as it may come from a pipe
		if _, err := io.WriteString(term, part); err != nil {
			t.Error(err)
		}
	}
	if got := term.Lines(); got[0] != "ab" {
		t.Errorf("got %q", got)
	}
}

// A picture that is erased as a whole is kept above, as tmux does.
func TestEraseAll(t *testing.T) {
	term := terminaltest.New(6, 4)
	io.WriteString(term, "a\nb\nc\x1b[2A\r\x1b[Jd")
	if got := term.Lines(); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("got %q", got)
	}
}

// A narrower terminal breaks its lines, a wider one joins what it broke.
func TestResize(t *testing.T) {
	term := terminaltest.New(10, 4)
	io.WriteString(term, "abcdefgh\nij\n")
	term.Resize(3, 4)
	if got := term.Rows(); !slices.Equal(got, []string{"def", "gh", "ij", ""}) {
		t.Errorf("narrower: %q", got)
	}
	if x, y := term.Cursor(); x != 0 || y != 3 {
		t.Errorf("the cursor is at %d, %d", x, y)
	}
	term.Resize(10, 4)
	if got := term.Lines(); !slices.Equal(got, []string{"abcdefgh", "ij", ""}) {
		t.Errorf("wider: %q", got)
	}
}

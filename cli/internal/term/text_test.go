package term

import (
	"testing"
	"time"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb":            "a b",
		"\x1b[31mred\x07": `\u001b[31mred\u0007`,
		" größe ":         "größe",
		"a\u2028b\xff":    "a\\u2028b\ufffd",
		"\u009b31m":       `\u009b31m`,
		"":                "",
		"a\tb":            "a b",
	} {
		if got := Plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	tests := []struct{ got, want string }{
		{Cut("größe", 5), "größe"},
		{Cut("größe", 4), "grö…"},
		{Cut("größe", 0), ""},
		{Cut("日本語", 6), "日本語"},
		{Cut("日本語", 5), "日本…"},
		{Cut("日本語", 4), "日…"},
		{Cut("日本語", 2), "…"},
		{Cut("e\u0301e\u0301e\u0301", 3), "e\u0301e\u0301e\u0301"},
		{Cut("e\u0301e\u0301e\u0301", 2), "e\u0301…"},
		{Cut("\x1b[31mred wine\x1b[m", 8), "\x1b[31mred wine\x1b[m"},
		{Cut("\x1b[31mred wine\x1b[m", 4), "\x1b[31mred…\x1b[m"},
		{Cut("👨‍👩‍👧", 2), "…"}, // some terminals show three people side by side
		{Cut("👨‍👩‍👧", 6), "👨‍👩‍👧"},
		{CutLeft("sections[12]/write", 18), "sections[12]/write"},
		{CutLeft("sections[12]/write", 11), "…[12]/write"},
		{CutLeft("日本語", 4), "…語"},
		{CutLeft("abc", 1), "…"},
		{CutLeft("abc", 0), ""},
		{Pad("日本", 5), "日本 "},
		{Pad("\x1b[1mx\x1b[m", 3), "\x1b[1mx\x1b[m  "},
		{Pad("abc", 2), "abc"},
		{Count(1, "step"), "1 step"},
		{Count(1234567, "step"), "1,234,567 steps"},
		{Grouped(-123), "-123"},
		{Grouped(-1234), "-1,234"},
		{Brief(1234 * time.Microsecond), "1ms"},
		{Brief(61234 * time.Millisecond), "1m1s"},
		{Brief(1260 * time.Millisecond), "1.3s"},
		{Ago(-time.Second), "0s"},
		{Ago(90 * time.Minute), "1h"},
		{Ago(50 * time.Hour), "2d"},
		{Quote("a b"), "'a b'"},
		{Quote("it's"), `'it'\''s'`},
		{Quote(""), "''"},
		{Quote("/tmp/x-1.md"), "/tmp/x-1.md"},
		{Quote("$HOME"), "'$HOME'"},
	}
	for i, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%d: %q, want %q", i, tt.got, tt.want)
		}
	}
}

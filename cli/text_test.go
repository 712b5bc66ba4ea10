package cli

import (
	"testing"
	"time"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb":            "a b",
		"\x1b[31mred\x07": "[31mred",
		" größe ":         "größe",
		"a\u2028b\xff":    "a b",
		"\u009b31m":       "31m",
		"":                "",
		"a\tb":            "a b",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	tests := []struct{ got, want string }{
		{cut("größe", 5), "größe"},
		{cut("größe", 4), "grö…"},
		{cut("größe", 0), ""},
		{cut("日本語", 6), "日本語"},
		{cut("日本語", 5), "日本…"},
		{cut("日本語", 4), "日…"},
		{cut("日本語", 2), "…"},
		{cut("e\u0301e\u0301e\u0301", 3), "e\u0301e\u0301e\u0301"},
		{cut("e\u0301e\u0301e\u0301", 2), "e\u0301…"},
		{cut("\x1b[31mred wine\x1b[m", 8), "\x1b[31mred wine\x1b[m"},
		{cut("\x1b[31mred wine\x1b[m", 4), "\x1b[31mred…\x1b[m"},
		{cut("👨‍👩‍👧", 2), "…"}, // some terminals show three people side by side
		{cut("👨‍👩‍👧", 6), "👨‍👩‍👧"},
		{cutLeft("sections[12]/write", 18), "sections[12]/write"},
		{cutLeft("sections[12]/write", 11), "…[12]/write"},
		{cutLeft("日本語", 4), "…語"},
		{cutLeft("abc", 1), "…"},
		{cutLeft("abc", 0), ""},
		{pad("日本", 5), "日本 "},
		{pad("\x1b[1mx\x1b[m", 3), "\x1b[1mx\x1b[m  "},
		{pad("abc", 2), "abc"},
		{count(1, "step"), "1 step"},
		{count(1234567, "step"), "1,234,567 steps"},
		{grouped(-123), "-123"},
		{grouped(-1234), "-1,234"},
		{brief(1234 * time.Microsecond), "1ms"},
		{brief(61234 * time.Millisecond), "1m1s"},
		{brief(1260 * time.Millisecond), "1.3s"},
		{ago(-time.Second), "0s"},
		{ago(90 * time.Minute), "1h"},
		{ago(50 * time.Hour), "2d"},
		{shellQuote("a b"), "'a b'"},
		{shellQuote("it's"), `'it'\''s'`},
		{shellQuote(""), "''"},
		{shellQuote("/tmp/x-1.md"), "/tmp/x-1.md"},
		{shellQuote("$HOME"), "'$HOME'"},
	}
	for i, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%d: %q, want %q", i, tt.got, tt.want)
		}
	}
}

package term

import (
	"strings"
	"testing"
)

// The flag stands above NO_COLOR, that above CLICOLOR_FORCE, that above what the
// stream is.
func TestWhenColour(t *testing.T) {
	for _, tt := range []struct {
		flag     When
		env      string
		terminal bool
		dumb     bool
		want     Ink
	}{
		{terminal: true, want: true},
		{terminal: false, want: false},
		{terminal: true, dumb: true, want: false},
		{flag: "auto", terminal: true, want: true},
		{flag: "auto", terminal: false, want: false},
		{flag: "always", terminal: false, want: true},
		{flag: "always", env: "NO_COLOR=1 TERM=dumb", want: true},
		{flag: "never", env: "CLICOLOR_FORCE=1", terminal: true, want: false},
		{env: "NO_COLOR=1", terminal: true, want: false},
		{env: "NO_COLOR=", terminal: true, want: true},
		{env: "NO_COLOR=0", terminal: true, want: false},
		{env: "CLICOLOR_FORCE=1", want: true},
		{env: "CLICOLOR_FORCE=0", want: false},
		{env: "CLICOLOR_FORCE=", want: false},
		{env: "CLICOLOR_FORCE=0", terminal: true, want: true},
		{env: "NO_COLOR=1 CLICOLOR_FORCE=1", terminal: true, want: false},
		{env: "TERM=dumb", terminal: true, want: false},
		{env: "TERM=dumb CLICOLOR_FORCE=1", terminal: true, want: true},
		{env: "TERM=xterm", terminal: true, want: true},
	} {
		env := map[string]string{}
		for pair := range strings.FieldsSeq(tt.env) {
			name, value, _ := strings.Cut(pair, "=")
			env[name] = value
		}
		if got := tt.flag.Ink(Stream{Terminal: tt.terminal, Dumb: tt.dumb}, func(name string) string { return env[name] }); got != tt.want {
			t.Errorf("%+v: got %t", tt, got)
		}
	}
}

func TestWhenFlag(t *testing.T) {
	var w When
	if err := w.Set("blue"); err == nil || err.Error() != "wants auto, always or never" {
		t.Errorf("blue: %v", err)
	}
	if err := w.Set("never"); err != nil || w.String() != "never" {
		t.Errorf("never: %v, %q", err, w.String())
	}
}

func TestPaint(t *testing.T) {
	for _, tt := range []struct {
		ink               Ink
		style, text, want string
	}{
		{true, Bold + Red, "x", "\x1b[1m\x1b[31mx\x1b[m"},
		{true, "", "x", "x"},
		{true, Bold, "", ""},
		{false, Bold, "x", "x"},
	} {
		if got := tt.ink.Paint(tt.style, tt.text); got != tt.want {
			t.Errorf("%q in %q is %q, want %q", tt.text, tt.style, got, tt.want)
		}
	}
}

package term

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// guard is the last thing that text passes on its way to a terminal: of all that steers
// one, the styles of [Ink.Paint] get through, and the rest is written as in [Clean].
// Whoever has something to show need not have thought of it.
type guard struct {
	rest string // the beginning of a character whose end is to come
}

// pass returns what may be written of p, and keeps back a character that is not whole.
func (g *guard) pass(p []byte) []byte {
	if g.rest == "" && isPlainASCII(p) {
		return p
	}
	s := g.rest + string(p)
	end := len(s)
	for back := 1; back <= min(utf8.UTFMax-1, len(s)); back++ {
		if at := len(s) - back; utf8.RuneStart(s[at]) {
			if !utf8.FullRuneInString(s[at:]) {
				end = at
			}
			break
		}
	}
	s, g.rest = s[:end], s[end:]
	return []byte(guarded(s))
}

func isPlainASCII(p []byte) bool {
	for _, c := range p {
		if (c < ' ' && c != '\n' && c != '\t') || c >= 0x7f {
			return false
		}
	}
	return true
}

// guarded is Clean with the styles of Paint in it.
func guarded(s string) string {
	var b strings.Builder
	for {
		at := strings.Index(s, "\x1b")
		if at < 0 {
			break
		}
		b.WriteString(Clean(s[:at]))
		n := styleAt(s[at:])
		if n == 0 { // not one of ours
			n = 1
			b.WriteString(Clean(s[at : at+n]))
		} else {
			b.WriteString(s[at : at+n])
		}
		s = s[at+n:]
	}
	b.WriteString(Clean(s))
	return b.String()
}

// styleAt is how long the style is that s begins with; 0: it begins with none.
func styleAt(s string) int {
	for _, style := range [...]string{ansi.ResetStyle, Bold, Faint, Red, Green, Magenta, Cyan} {
		if strings.HasPrefix(s, style) {
			return len(style)
		}
	}
	return 0
}

package term

import (
	"fmt"
	"strings"
	"unicode"
)

// Quote makes one word of s for a shell that reads the printed command: any that knows
// POSIX. A word with characters that cannot be shown is written by printf.
func Quote(s string) string {
	switch {
	case s != "" && s[0] != '=' && strings.IndexFunc(s, func(r rune) bool { return !isBare(r) }) < 0: // zsh expands =
		return s
	case Clean(s) == s && !strings.ContainsAny(s, "\n\t"):
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	text := strings.TrimRight(s, "\n") // which a shell takes from the end of what is printed
	end := ""
	if ends := s[len(text):]; ends != "" {
		end = "'" + ends + "'"
	}
	return `"$(printf '` + octal(text) + `')"` + end
}

// isBare reports whether a character means itself to a shell, wherever it stands.
func isBare(r rune) bool {
	return unicode.IsLetter(r) && !isHidden(r) || unicode.IsDigit(r) || strings.ContainsRune("_-./:=@%+,", r)
}

// octal writes all bytes but those that mean themselves as printf reads them.
func octal(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c < 0x80 && (isBare(rune(c)) && c != '%' || c == ' ') {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	return b.String()
}

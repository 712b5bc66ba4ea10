// Package prose measures and shortens text for the built-in flows.
//
// [Words] is what every length in a built-in flow counts, and [WordsBetween]
// and [WordsAtLeast] are the complaints made of it. [Tokens] is how long an answer may be. [Line] makes a note's line
// of whatever a model wrote.
package prose

import (
	"fmt"
	"strings"
	"unicode"
)

// Words counts words: stretches without white space that hold a letter or a
// digit, so that marks such as "##" and "-" are none. In scripts without spaces
// between words (Han, Hiragana, Katakana) each character counts as one.
func Words(s string) int {
	n, in := 0, false
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			n++
			in = false
		case unicode.IsSpace(r):
			in = false
		case !in && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			n++
			in = true
		}
	}
	return n
}

// Tokens returns a limit of tokens for an answer of that many words at most: 4 for each,
// which is enough for most languages and for JSON around them, and 8,000 for a model that
// reasons before it answers.
func Tokens(words int) int { return 8_000 + 4*words }

// Count says a number with its noun: "1 word", "2 words".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// WordsBetween complains about a text with fewer than lo or more than hi words.
func WordsBetween(s string, lo, hi int) error {
	if n := Words(s); n < lo || n > hi {
		return fmt.Errorf("has %s, wants %d to %d", Count(n, "word"), lo, hi)
	}
	return nil
}

// WordsAtLeast complains about a text with fewer than lo words.
func WordsAtLeast(s string, lo int) error {
	if n := Words(s); n < lo {
		return fmt.Errorf("has %s, wants at least %d", Count(n, "word"), lo)
	}
	return nil
}

// maxLine is how many characters Line keeps.
const maxLine = 200

// Line returns s as one line without control characters, cut after 200
// characters.
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	line := []rune(strings.Join(strings.Fields(s), " "))
	if len(line) > maxLine {
		return strings.TrimSpace(string(line[:maxLine-1])) + "…"
	}
	return string(line)
}

// Blank reports whether a text says nothing.
func Blank(s string) bool { return strings.TrimSpace(s) == "" }

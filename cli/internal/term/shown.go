package term

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Plain makes one line of s that cannot steer a terminal: line breaks and tabs become
// spaces, those around it go, and what would not be seen is written as \u202e.
func Plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', '\t':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.TrimSpace(escaped(s, codePoint, false))
}

// Clean is s in its lines, unable to steer a terminal: line breaks and tabs stay, and
// what would not be seen is written as in Plain.
func Clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return escaped(strings.ToValidUTF8(s, "\ufffd"), codePoint, true)
}

// EscapeJSON writes JSON so that it cannot steer a terminal, nor hide anything from who
// reads it: the same values, with what would not be seen as escapes.
func EscapeJSON(raw string) string { return escaped(raw, jsonEscape, true) }

// escaped writes the characters of s that a person would not see as they are written
// by escape. Line breaks and tabs may stay.
func escaped(s string, escape func(rune) string, lines bool) string {
	at := 0 // what is before it has been written
	var b strings.Builder
	var prev rune
	for i, r := range s {
		if isShown(r, prev) || lines && (r == '\n' || r == '\t') {
			prev = r
			continue
		}
		prev = 0
		b.WriteString(s[at:i])
		b.WriteString(escape(r))
		at = i + utf8.RuneLen(r)
	}
	if at == 0 {
		return s
	}
	return b.String() + s[at:]
}

// codePoint writes a character as people know it: \u202e, \u{e0041}.
func codePoint(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\u{%x}`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

func jsonEscape(r rune) string {
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// isShown reports whether a character behind another one (0: none) is seen where it
// stands and changes nothing else. Controls steer the terminal, direction marks turn
// what stands beside them, and tags and fillers carry text that nobody sees. Joiners and
// variation selectors belong to the character before them, once.
func isShown(r, prev rune) bool {
	switch {
	case r < 0x7f:
		return r >= ' '
	case r < 0xad:
		return r >= 0xa0
	case isSelector(r):
		return isBase(prev)
	case isJoiner(r):
		return isBase(prev) || isSelector(prev)
	}
	return !isHidden(r)
}

// isHidden reports whether a character is a control, or one that is not seen.
func isHidden(r rune) bool {
	return unicode.Is(unicode.Cc, r) || r == '\u2028' || r == '\u2029' ||
		unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		unicode.Is(unicode.Variation_Selector, r)
}

func isSelector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }
func isJoiner(r rune) bool   { return r == '\u200c' || r == '\u200d' }

// isBase reports whether joiners and selectors can belong to a character.
func isBase(r rune) bool { return r > ' ' && !unicode.IsSpace(r) && !isHidden(r) }

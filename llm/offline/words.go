package offline

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordRune reports whether r belongs to a word.
func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// fields yields the words of s, without marks around and between them.
func fields(s string) iter.Seq[string] {
	return strings.FieldsFuncSeq(s, func(r rune) bool { return !wordRune(r) })
}

// words makes "targetLength" and "target_length" into "target length".
func words(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if r == '_' || r == '-' {
			r = ' '
		} else if unicode.IsUpper(r) && lower {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// lastWord returns the last word of a name in the form of words.
func lastWord(name string) string { return name[strings.LastIndexByte(name, ' ')+1:] }

// stem makes singular and plural of an English word equal.
func stem(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}

// setOf makes a set of words. All sets are only read.
func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// hasUnspaced reports whether s has characters of a script that sets no spaces between
// words. Who counts words may count each of them as one, or all of them together: of text
// that is to have a number of words they stay out.
func hasUnspaced(s string) bool { return strings.ContainsFunc(s, unspaced) }

func unspaced(r rune) bool {
	return r > unicode.MaxLatin1 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// hasWord reports whether one of the words of s is in set; the set holds stems.
func hasWord(s string, set map[string]bool) bool {
	for w := range fields(s) {
		if set[stem(strings.ToLower(w))] {
			return true
		}
	}
	return false
}

// hasAny reports whether s contains one of the texts.
func hasAny(s string, texts ...string) bool {
	for _, t := range texts {
		if strings.Contains(s, t) {
			return true
		}
	}
	return false
}

// mentions reports whether s contains name, given in the form of words, with
// its words apart or joined by a mark.
func mentions(s, name string) bool {
	want := strings.Fields(name)
	at := 0
	for w := range fields(s) {
		w = stem(strings.ToLower(w))
		if at > 0 && w != stem(want[at]) {
			at = 0
		}
		if len(want) > 0 && w == stem(want[at]) {
			if at++; at == len(want) {
				return true
			}
		}
	}
	return false
}

// sharesWord reports whether s has one of the longer words of name.
func sharesWord(s, name string) bool {
	for w := range strings.FieldsSeq(name) {
		if len(w) > 3 && mentions(s, w) {
			return true
		}
	}
	return false
}

// countWords counts as len(strings.Fields(s)) does, without the slice.
func countWords[T string | []byte](s T) int {
	n, in := 0, false
	for i := 0; i < len(s); {
		space, size := s[i] == ' ' || '\t' <= s[i] && s[i] <= '\r', 1
		if s[i] >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			space = unicode.IsSpace(r)
		}
		if !space && !in {
			n++
		}
		in = !space
		i += size
	}
	return n
}

// firstWords returns the first n words of s as they stand.
func firstWords(s string, n int) string {
	in := false
	for i, r := range s {
		space := unicode.IsSpace(r)
		switch {
		case n == 0 && (!in || space):
			return s[:i]
		case !space && !in:
			n--
		}
		in = !space
	}
	return s
}

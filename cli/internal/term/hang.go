package term

import (
	"strings"
	"unicode"
)

// LeastRoom is how many columns a text must have beside what stands before it;
// with fewer it begins on the next line.
const LeastRoom = 20

// Hang breaks a text that stands behind indent columns into lines of a width, the
// next ones indented too. Words stay whole, also at hyphens, and so does what is quoted
// for a shell: they may be paths and flags to be copied. So do the command lines that are
// given as whole. With a width of 0 it stays one line.
func Hang(text string, indent, width int, whole ...string) string {
	if width == 0 || indent+Cells(text) <= width {
		return text
	}
	var b strings.Builder
	used := indent
	if width-indent < LeastRoom {
		indent, used = 6, max(width, 7) // full
	}
	for i, word := range wordsOf(text, whole) {
		n := Cells(word)
		switch {
		case used+1+n > width && used > indent:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			used = indent
		case i > 0:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// quotes begin and end what [Quote] makes.
var quotes = []struct{ begin, end string }{{"'", "'"}, {`"$(`, `)"`}}

// wordsOf are the words of a text; what is quoted for a shell is one, with all its blanks,
// and so is what is to stay whole.
func wordsOf(text string, whole []string) (words []string) {
	for {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" {
			return words
		}
		end := quotedEnd(text)
		for _, w := range whole {
			if strings.HasPrefix(text, w) {
				end = max(end, len(w))
			}
		}
		if next := strings.IndexFunc(text[end:], unicode.IsSpace); next < 0 {
			end = len(text)
		} else {
			end += next
		}
		words = append(words, text[:end])
		text = text[end:]
	}
}

// quotedEnd is where what is quoted ends that text begins with; 0: it begins with none.
func quotedEnd(text string) int {
	for _, q := range quotes {
		if !strings.HasPrefix(text, q.begin) {
			continue
		}
		for at := len(q.begin); ; {
			i := strings.Index(text[at:], q.end)
			if i < 0 {
				return 0
			}
			at += i + len(q.end)
			if at == len(text) || strings.ContainsRune(" \n;,.:)", rune(text[at])) {
				return at
			}
		}
	}
	return 0
}

// Stamped is a line with a time, which on a terminal of so many columns goes on
// below itself; 0: it stays one line. The last column stays free, and what is given as
// whole is not broken.
func Stamped(stamp, text string, columns int, whole ...string) string {
	stamp = "[" + stamp + "] "
	text = Hang(Plain(text), len(stamp), max(0, columns-1), whole...)
	if strings.HasPrefix(text, "\n") {
		stamp = strings.TrimRight(stamp, " ")
	}
	return stamp + text
}

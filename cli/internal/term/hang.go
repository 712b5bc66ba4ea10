package term

import (
	"strings"
)

// LeastRoom is how many columns a text must have beside what stands before it;
// with fewer it begins on the next line.
const LeastRoom = 20

// Hang breaks a text that stands behind indent columns into lines of a width, the
// next ones indented too. Words stay whole, also at hyphens: they may be paths and
// flags to be copied. With a width of 0 it stays one line.
func Hang(text string, indent, width int) string {
	if width == 0 || indent+Cells(text) <= width {
		return text
	}
	var b strings.Builder
	used := indent
	if width-indent < LeastRoom {
		indent, used = 6, max(width, 7) // full
	}
	for i, word := range strings.Fields(text) {
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

// Stamped is a line with a time, which on a terminal of so many columns goes on
// below itself; 0: it stays one line. The last column stays free.
func Stamped(stamp, text string, columns int) string {
	stamp = "[" + stamp + "] "
	text = Hang(Plain(text), len(stamp), max(0, columns-1))
	if strings.HasPrefix(text, "\n") {
		stamp = strings.TrimRight(stamp, " ")
	}
	return stamp + text
}

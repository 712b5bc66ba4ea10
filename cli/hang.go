package cli

import (
	"strings"
)

// leastRoom is how many columns a text must have beside what stands before it;
// with fewer it begins on the next line.
const leastRoom = 20

// hang breaks a text that stands behind indent columns into lines of a width, the
// next ones indented too. Words stay whole, also at hyphens: they may be paths and
// flags to be copied. With a width of 0 it stays one line.
func hang(text string, indent, width int) string {
	if width == 0 || indent+cells(text) <= width {
		return text
	}
	var b strings.Builder
	used := indent
	if width-indent < leastRoom {
		indent, used = 6, max(width, 7) // full
	}
	for i, word := range strings.Fields(text) {
		n := cells(word)
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

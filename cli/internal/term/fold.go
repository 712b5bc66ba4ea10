package term

import (
	"strings"

	"github.com/pawlrun/pawl/internal/late"
)

// fence begins or ends a block of code in Markdown, begun is what the lines of a
// paragraph stand behind: blanks, and the mark of a list or a quotation.
var (
	fence = late.Regexp("^ *(```|~~~)")
	begun = late.Regexp(`^\s*(?:(?:[-*+>]|\d{1,3}[.)])\s+)*`)
)

// Fold breaks the lines of a Markdown text between words where they are wider than a
// terminal, which would break them within. What goes on stands below what it belongs
// to. Code and tables stay as they are: they may be copied. With a width of 0 all does.
func Fold(text string, width int) string {
	if width == 0 {
		return text
	}
	var b strings.Builder
	code := false
	for line := range strings.Lines(text) {
		isFence := fence().MatchString(line)
		if isFence {
			code = !code
		}
		if code || isFence || strings.HasPrefix(strings.TrimSpace(line), "|") || Cells(line) <= width {
			b.WriteString(line)
			continue
		}
		line, isWhole := strings.CutSuffix(line, "\n")
		before := begun().FindString(line)
		b.WriteString(before + Hang(line[len(before):], Cells(before), width))
		if isWhole {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

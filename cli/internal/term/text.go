package term

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Cells is how many columns of a terminal s takes. Terminals differ in what they
// join to one character; this is the most that one of them takes. Escape
// sequences take none.
func Cells(s string) int { return max(ansi.StringWidth(s), ansi.StringWidthWc(s)) }

// Cut shortens s to so many cells, the last of them an ellipsis. Escape sequences
// stay.
func Cut(s string, width int) string {
	if len(s) <= width {
		return s
	}
	for at := max(0, width); Cells(s) > width; at-- {
		if at < 1 {
			return ""
		}
		s = ansi.Truncate(s, at, "…")
	}
	return s
}

// CutLeft shortens s to so many cells, the first of them an ellipsis.
func CutLeft(s string, width int) string {
	over := Cells(s) - width
	if over <= 0 {
		return s
	}
	for n := over + 1; n <= over+width; n++ {
		if short := ansi.TruncateLeft(s, n, "…"); short != "" && Cells(short) <= width {
			return short
		}
	}
	return Cut("…", width)
}

// Pad fills s with spaces up to so many cells.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-Cells(s)))
}

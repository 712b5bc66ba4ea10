package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// plain makes one line of s that cannot steer a terminal.
func plain(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s))
}

// cells is how many columns of a terminal s takes. Terminals differ in what they
// join to one character; this is the most that one of them takes. Escape
// sequences take none.
func cells(s string) int { return max(ansi.StringWidth(s), ansi.StringWidthWc(s)) }

// cut shortens s to so many cells, the last of them an ellipsis. Escape sequences
// stay.
func cut(s string, width int) string {
	if len(s) <= width {
		return s
	}
	for at := max(0, width); cells(s) > width; at-- {
		if at < 1 {
			return ""
		}
		s = ansi.Truncate(s, at, "…")
	}
	return s
}

// cutLeft shortens s to so many cells, the first of them an ellipsis.
func cutLeft(s string, width int) string {
	over := cells(s) - width
	if over <= 0 {
		return s
	}
	for n := over + 1; n <= over+width; n++ {
		if short := ansi.TruncateLeft(s, n, "…"); short != "" && cells(short) <= width {
			return short
		}
	}
	return cut("…", width)
}

// pad fills s with spaces up to so many cells.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-cells(s)))
}

// count says how many there are: "1 step", "2 steps".
func count(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

// grouped writes n with commas between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// brief says a duration for people.
func brief(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// ago says how long ago something was, in its largest unit.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

// shellQuote makes one word of s for a shell that reads the printed command.
func shellQuote(s string) string {
	safe := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-./:=@%+,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func trimRight(s string) string { return strings.TrimRight(s, " ") }

// width is how wide stdout is; 0: as wide as it takes.
func (a *app) width() int {
	if n, err := strconv.Atoi(a.getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return a.stdout.width
}

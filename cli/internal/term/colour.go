package term

import (
	"errors"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Styles of [Ink.Paint]. Only the terminal's own colours that read well on light and on dark.
const (
	Bold    = "\x1b[1m"
	Faint   = "\x1b[2m"
	Red     = "\x1b[31m"
	Green   = "\x1b[32m"
	Magenta = "\x1b[35m"
	Cyan    = "\x1b[36m"
)

// When is the value of --color; empty is auto.
type When string

// Values are the values of --color.
func (When) Values() []string { return []string{"auto", "always", "never"} }

func (w *When) String() string  { return string(*w) }
func (w *When) Type() string    { return "WHEN" }
func (w *When) Accepts() string { return strings.Join(w.Values()[:2], ", ") + " or " + w.Values()[2] }

func (w *When) Set(s string) error {
	if !slices.Contains(w.Values(), s) {
		return errors.New("wants " + w.Accepts())
	}
	*w = When(s)
	return nil
}

// Ink writes in colour, or if false in none. No state is told by colour alone.
type Ink bool

// Ink returns what to write to a stream with: the flag, then NO_COLOR, then
// CLICOLOR_FORCE, then what the stream is.
func (w When) Ink(s Stream, getenv func(string) string) Ink {
	force := getenv("CLICOLOR_FORCE")
	switch {
	case w == "always":
		return true
	case w == "never" || getenv("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return Ink(s.Terminal && !s.Dumb && getenv("TERM") != "dumb")
}

// Paint writes s in a style. What has no style stays as it is.
func (i Ink) Paint(style, s string) string {
	if !i || style == "" || s == "" {
		return s
	}
	return style + s + ansi.ResetStyle
}

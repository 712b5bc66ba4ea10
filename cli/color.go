package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/pawlrun/pawl"
)

// Only the terminal's own colours that read well on light and on dark.
const (
	bold    = "\x1b[1m"
	faint   = "\x1b[2m"
	red     = "\x1b[31m"
	green   = "\x1b[32m"
	magenta = "\x1b[35m"
	cyan    = "\x1b[36m"
)

// when is the value of --color; empty is auto.
type when string

// whens are the values of --color.
func whens() []string { return []string{"auto", "always", "never"} }

func (w *when) String() string  { return string(*w) }
func (w *when) Type() string    { return "WHEN" }
func (w *when) accepts() string { return strings.Join(whens()[:2], ", ") + " or " + whens()[2] }

func (w *when) Set(s string) error {
	if !slices.Contains(whens(), s) {
		return errors.New("wants " + w.accepts())
	}
	*w = when(s)
	return nil
}

// ink writes in colour, or if false in none. No state is told by colour alone.
type ink bool

// ink returns what to write to a stream with: the flag, then NO_COLOR, then
// CLICOLOR_FORCE, then what the stream is.
func (a *app) ink(s stream) ink {
	force := a.getenv("CLICOLOR_FORCE")
	switch {
	case a.color == "always":
		return true
	case a.color == "never" || a.getenv("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return ink(s.terminal && !s.dumb && a.getenv("TERM") != "dumb")
}

// paint writes s in a style. What has no style stays as it is.
func (i ink) paint(style, s string) string {
	if !i || style == "" || s == "" {
		return s
	}
	return style + s + ansi.ResetStyle
}

// status paints a text by where a run stands.
func (i ink) status(st pawl.Status, s string) string {
	style := ""
	switch st {
	case pawl.StatusDone:
		style = green
	case pawl.StatusRunning:
		style = cyan
	case pawl.StatusWaiting, pawl.StatusPausing, pawl.StatusPaused, pawl.StatusCanceling:
		style = magenta
	case pawl.StatusFailed, pawl.StatusCanceled:
		style = bold + red
	}
	return i.paint(style, s)
}

// step paints a text by where a step stands.
func (i ink) step(st pawl.StepStatus, s string) string {
	style := ""
	switch st {
	case pawl.StepDone, pawl.StepReused:
		style = green
	case pawl.StepRunning:
		style = cyan
	case pawl.StepRetrying, pawl.StepWaiting:
		style = magenta
	case pawl.StepFailed:
		style = bold + red
	case pawl.StepPending:
		style = faint
	}
	return i.paint(style, s)
}

package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/pawlrun/pawl/cli/internal/term"
)

// ink returns what to write to a stream with.
func (a *app) ink(s term.Stream) term.Ink { return a.color.Ink(s, a.getenv) }

// width is how wide stdout is; 0: as wide as it takes.
func (a *app) width() int {
	if n, err := strconv.Atoi(a.getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return a.stdout.Width
}

// hasTree reports whether stderr is a terminal that a tree can stand on. With
// --json it is a program that reads, whatever the stream is.
func (a *app) hasTree() bool {
	if a.quiet || a.json || !a.stderr.Terminal || a.stderr.Dumb || a.stderr.Size == nil || a.getenv("TERM") == "dumb" {
		return false
	}
	columns, rows := a.stderr.Size()
	return columns > 0 && rows > 0
}

// stamped writes a line of its own with the time, or in a log for programs a record.
func (a *app) stamped(format string, args ...any) {
	if a.logsJSON() {
		a.jsonLog().Info(fmt.Sprintf(format, args...))
		return
	}
	fmt.Fprintln(a.err, term.Stamped(a.now().In(a.zone).Format(time.TimeOnly), fmt.Sprintf(format, args...), a.stderr.Columns()))
}

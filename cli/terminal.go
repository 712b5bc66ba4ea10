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

// say writes a line to stderr, which on a terminal is broken between words where it is too
// long for it. Command lines in it stay whole: they are to be copied.
func (a *app) say(format string, args ...any) { a.sayBehindMark("", format, args...) }

// sayBehindMark is say behind a mark, which may have colour; what goes on stands below the
// text.
func (a *app) sayBehindMark(mark, format string, args ...any) {
	text := term.Hang(term.Plain(fmt.Sprintf(format, args...)), term.Cells(mark), max(0, a.stderr.Columns()-1), a.commandsMade()...)
	fmt.Fprintln(a.err, mark+text)
}

// stamped writes a line of its own with the time, or in a log for programs a record.
func (a *app) stamped(format string, args ...any) {
	if a.logsJSON() {
		a.jsonLog().Info(fmt.Sprintf(format, args...))
		return
	}
	fmt.Fprintln(a.err, term.Stamped(a.now().In(a.zone).Format(time.TimeOnly), fmt.Sprintf(format, args...), a.stderr.Columns(), a.commandsMade()...))
}

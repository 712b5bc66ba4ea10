package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// logger prints the engine's warnings for the person at the terminal. Errors
// come back to the command and are said there.
func (a *app) logger() *slog.Logger { return a.loggerTo(slog.LevelWarn) }

// serviceLogger is logger for what goes on by itself beside the engine: its errors come back
// to nobody, and are printed too.
func (a *app) serviceLogger() *slog.Logger { return a.loggerTo(slog.LevelError) }

func (a *app) loggerTo(most slog.Level) *slog.Logger {
	if a.logsJSON() {
		return a.jsonLog()
	}
	return slog.New(&warnings{app: a, most: most})
}

// warnings is a slog.Handler: a stamped line with the run or the schedule and the reason, and
// for flow code that does not come back where it stands.
type warnings struct {
	app  *app
	most slog.Level // that is printed
}

func (w *warnings) Enabled(_ context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && l <= w.most && !w.app.quiet
}

func (w *warnings) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(at slog.Attr) bool {
		switch at.Key {
		case "run", "schedule":
			if name := at.Value.String(); name != "" {
				text = fmt.Sprintf("%s %s: %s", at.Key, name, text)
			}
		case "error", "panic":
			text += ": " + at.Value.String()
		case "stack":
			if place := flowCode(view.Calls(at.Value.String())); place != "" {
				text += ", at " + place
			}
		}
		return true
	})
	fmt.Fprintln(w.app.err, term.Stamped(r.Time.In(w.app.zone).Format(time.TimeOnly), text, w.app.stderr.Columns()))
	return nil
}

// WithAttrs and WithGroup add nothing that is shown.
func (w *warnings) WithAttrs([]slog.Attr) slog.Handler { return w }
func (w *warnings) WithGroup(string) slog.Handler      { return w }

// flowCode is where flow code stands, by the calls on its stack: the innermost that
// is not of Go's own library. Without calls it is empty.
func flowCode(calls []string) string {
	for _, call := range calls {
		if !standard(call) {
			return call
		}
	}
	return strings.Join(calls[:min(len(calls), 1)], "")
}

// standard reports whether a call is one of Go's own library.
func standard(call string) bool {
	first, _, nested := strings.Cut(call[:strings.Index(call, " ")], "/")
	if nested {
		return !strings.Contains(first, ".")
	}
	return !strings.HasPrefix(first, "main.")
}

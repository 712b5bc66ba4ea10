package cli

import (
	"io"
	"log/slog"

	"github.com/pawlrun/pawl/cli/internal/term"
)

// logsJSON reports whether the log is for programs.
func (a *app) logsJSON() bool { return a.operating.logFormat == "json" }

// jsonLog is a log on standard error of a line of JSON for each record.
func (a *app) jsonLog() *slog.Logger { return slog.New(slog.NewJSONHandler(escaping{a.err}, nil)) }

// escaping writes JSON in which characters that a person would not see, or that steer a
// terminal, are escaped.
type escaping struct{ to io.Writer }

func (e escaping) Write(p []byte) (int, error) {
	if _, err := io.WriteString(e.to, term.EscapeJSON(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// formatFlag is the format of a log.
type formatFlag struct{ to *string }

func (f formatFlag) String() string {
	if f.to == nil || *f.to == "" {
		return "text"
	}
	return *f.to
}
func (f formatFlag) Type() string    { return "format" }
func (f formatFlag) Accepts() string { return "text or json" }

func (f formatFlag) Set(s string) error {
	if s != "text" && s != "json" {
		return badInput("%q: wants %s", s, f.Accepts())
	}
	*f.to = s
	return nil
}

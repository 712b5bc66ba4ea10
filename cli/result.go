package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
)

// writeOutput writes a done run's result to a file: whole, or not at all.
func (a *app) writeOutput(path string, rec pawl.RunRecord) error {
	text := a.text(rec)
	if filepath.Ext(path) == ".json" {
		text = form.Indent(rec.Output)
	}
	if err := form.Replace(path, []byte(text)); err != nil {
		return &pawl.Error{Kind: pawl.ErrStorage, Run: rec.ID, Err: err,
			Message: fmt.Sprintf("run %s is done, but its result is not in %q: %v", rec.ID, path, form.Cause(err))}
	}
	return nil
}

// text is a done run's result for people: what the flow makes of its output, or
// the output as JSON. It ends with a line break.
func (a *app) text(rec pawl.RunRecord) string {
	if f := a.flow(rec.Flow); f != nil {
		if text, ok := f.Markdown(rec.Output); ok {
			return strings.TrimRight(text, "\n") + "\n"
		}
	}
	return form.Indent(rec.Output)
}

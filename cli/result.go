package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// writeOutput writes a done run's result to a file, whole or not at all. It returns what is
// to be said of that.
func (a *app) writeOutput(path string, rec pawl.RunRecord) (wrote string, err error) {
	text := a.text(rec)
	if filepath.Ext(path) == ".json" {
		text = form.Indent(rec.Output)
	}
	replaced, err := form.Replace(path, []byte(text))
	if err != nil {
		return "", &pawl.Error{Kind: pawl.ErrStorage, Run: rec.ID, Err: err,
			Message: fmt.Sprintf("run %s is done, but its result is not in %q: %v", rec.ID, path, form.Cause(err))}
	}
	wrote = "wrote " + term.Plain(path)
	if replaced {
		wrote += " in place of what was there"
	}
	return wrote, nil
}

// printResult prints a done run's result to stdout: as it is, or on a terminal so that a
// person can read it there.
func (a *app) printResult(rec pawl.RunRecord) {
	text, isMarkdown := a.markdown(rec)
	switch {
	case !isMarkdown && a.stdout.Terminal:
		text = term.EscapeJSON(form.Indent(rec.Output))
	case !isMarkdown:
		text = form.Indent(rec.Output)
	case a.stdout.Terminal:
		text = term.Fold(term.Clean(text), a.stdout.Columns())
	}
	fmt.Fprint(a.out, text)
}

// text is a done run's result for people: what the flow makes of its output, or
// the output as JSON. It ends with a line break.
func (a *app) text(rec pawl.RunRecord) string {
	if text, ok := a.markdown(rec); ok {
		return text
	}
	return form.Indent(rec.Output)
}

// markdown is what a done run's flow makes of its output, if it makes something. It ends
// with a line break.
func (a *app) markdown(rec pawl.RunRecord) (string, bool) {
	if f := a.flow(rec.Flow); f != nil {
		if text, ok := f.Markdown(rec.Output); ok {
			return strings.TrimRight(text, "\n") + "\n", true
		}
	}
	return "", false
}

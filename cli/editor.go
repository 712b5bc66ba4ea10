package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/schema"
)

// draft is what a person edited, kept in a file until it has been taken.
type draft struct {
	file   string       // empty: there is none
	edited *form.Edited // nil: it could not be read
}

// remove removes the file of what has been taken.
func (d *draft) remove() {
	if d.file != "" {
		os.Remove(d.file)
	}
}

// located is a complaint with the line of the file that it is about, if it names one.
func (d *draft) located(complaint string) string {
	if d.edited == nil || strings.HasPrefix(complaint, "--edit: ") {
		return complaint
	}
	if n := d.edited.LineOf(complaint); n > 0 {
		return fmt.Sprintf("%s (line %d)", complaint, n)
	}
	return complaint
}

// errUnchanged says that a person left a proposal or a sample as it was.
var errUnchanged = &pawl.Error{Kind: pawl.ErrStopped, Message: "--edit: nothing was changed, and nothing was done"}

// editing is what a person is to edit: the value that a step is to have.
type editing struct {
	run       pawl.RunID
	wanted    form.Wanted
	notes     string         // above it
	schema    *schema.Schema // that it is checked against; nil: not known
	sensitive bool           // it must not be shown, so not be edited
}

// editingOf is what a person edits who decides on a blocker: what is proposed, or the last
// answer.
func editingOf(b *view.Blocker) editing {
	const most = 500
	question := term.Cut(strings.Join(strings.Fields(term.Plain(b.Question)), " "), most)
	notes := fmt.Sprintf("Step %s of run %s: %s", b.Key, b.Run.ID, question)
	return editing{run: b.Run.ID, wanted: wanted(b), notes: notes, schema: b.Schema, sensitive: b.Sensitive}
}

// editValue has a person edit a value. It begins with a text that was edited before, if
// there is one, which stands in a file of its own or in none. What was edited is kept in
// the draft's file, also with an error: it is to be removed once it has been taken. The
// error is errUnchanged if nothing was changed.
func (a *app) editValue(ed editing, file, before string) (kept draft, err error) {
	const other = "give the value with --set, --value or --file"
	command := a.editor()
	switch {
	case ed.sensitive:
		return kept, badInput("--edit: step %q has fields that must not be shown; %s", ed.wanted.Key, other)
	case command == "":
		return kept, badInput("--edit: there is no editor: set VISUAL or EDITOR, or %s", other)
	}
	e := ed.wanted.Edit(term.Hang(ed.notes, 0, 79) + howToEdit)
	before = cmp.Or(before, e.Text())
	if kept.file = file; !isDraft(file) {
		if kept.file, err = writeDraft(ed.wanted.Key, before); err != nil {
			return kept, &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("--edit: %v", form.Cause(err)), Err: err}
		}
	}
	failed := a.runEditor(command, kept.file)
	text, err := (&form.Reader{}).Read(kept.file, "--edit")
	switch {
	case failed != nil:
		if err == nil && text == before && !isDraft(file) { // there is nothing to keep
			kept.remove()
			kept.file = ""
		}
		return kept, badInput("--edit: the editor %q: %v; nothing was done", command, failed)
	case err != nil:
		return kept, badInput("--edit: %v", err)
	}
	if kept.edited, err = e.Read(text); err != nil {
		return kept, err
	}
	if kept.edited.Value == nil {
		kept.remove()
		return draft{}, errUnchanged
	}
	return kept, ed.check(kept.edited)
}

// editor is the command of the person's editor; empty: there is none. Where there is a
// terminal it is the one that the system has.
func (a *app) editor() string {
	if command := cmp.Or(a.getenv("VISUAL"), a.getenv("EDITOR")); command != "" || !a.interactive || !a.stderr.Terminal {
		return command
	}
	for _, name := range []string{"editor", "vi", "nano", "notepad"} {
		if _, err := exec.LookPath(name); err == nil {
			return name
		}
	}
	return ""
}

// howToEdit stands between what is edited and what it is about.
const howToEdit = `

Change what stands below the marked lines, save, and close the editor. A marked
line names a field: texts stand below it as they are, all else as JSON. A field
whose line is taken out is left out. What stands above the first one, as this
does, is not read. If nothing is changed, nothing is done.`

// check checks what was edited against the schema, as the run itself will, and says in
// which lines it does not fit.
func (ed editing) check(made *form.Edited) error {
	if ed.schema == nil {
		return nil
	}
	_, err := ed.schema.Check(made.Value)
	var bad *schema.CheckError
	if !errors.As(err, &bad) {
		return err
	}
	var lines []string
	for _, p := range bad.Problems {
		s := p.String()
		if n := made.Line(p.Path); n > 0 {
			s = fmt.Sprintf("line %d: %s", n, s)
		}
		lines = append(lines, "--edit: "+s)
	}
	return &pawl.Error{Kind: pawl.ErrInput, Run: ed.run, Step: ed.wanted.Key, Message: strings.Join(lines, "\n")}
}

// draftBegins is what the name of a draft begins with.
const draftBegins = "pawl-edit-"

// writeDraft makes a file for an editor that no other user may read.
func writeDraft(key pawl.Key, text string) (string, error) {
	f, err := os.CreateTemp("", draftBegins+path.Base(string(key))+"-*.md")
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(f, text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return f.Name(), err
}

// isDraft reports whether a file is one that was kept for a later edit.
func isDraft(file string) bool {
	place, err := filepath.Abs(file)
	return err == nil && filepath.Dir(place) == filepath.Clean(os.TempDir()) && strings.HasPrefix(filepath.Base(file), draftBegins)
}

// runEditor runs an editor on a file, at the terminal. Signals are the editor's
// meanwhile.
func (a *app) runEditor(command, file string) error {
	_, stop := a.catchSignals()
	defer stop()
	cmd := exec.Command("sh", "-c", command+` "$@"`, command, file)
	if runtime.GOOS == "windows" {
		words := append(strings.Fields(command), file)
		cmd = exec.Command(words[0], words[1:]...)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout.Writer, a.stderr.Writer
	if a.stderr.Terminal { // the other may be where the result goes
		cmd.Stdout = a.stderr.Writer
	}
	return cmd.Run()
}

package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"runtime"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/internal/view"
)

// editValue has a person edit a blocker's proposal, or the last answer. It begins
// with a text that was edited before, if there is one. value is null if nothing
// was changed. What was edited is kept in the file draft, to be removed once it has
// been taken.
func (a *app) editValue(b *view.Blocker, before string) (value json.RawMessage, draft string, err error) {
	const other = "give the value with --set, --value or --file"
	command := cmp.Or(a.getenv("VISUAL"), a.getenv("EDITOR"))
	switch {
	case b.Sensitive:
		return nil, "", badInput("--edit: step %q has fields that must not be shown; %s", b.Key, other)
	case command == "":
		return nil, "", badInput("--edit: there is no editor: set VISUAL or EDITOR, or %s", other)
	}
	if before == "" {
		before = wanted(b).Template()
	}
	draft, err = writeDraft(b, before)
	if err != nil {
		return nil, "", &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("--edit: %v", form.Cause(err)), Err: err}
	}
	if err := a.runEditor(command, draft); err != nil {
		return nil, draft, badInput("--edit: the editor %q: %v; nothing was decided", command, err)
	}
	text, err := (&form.Reader{}).Read(draft, "--edit")
	if err != nil {
		return nil, draft, badInput("--edit: %v", err)
	}
	value, err = wanted(b).Edited(text)
	return value, draft, err
}

// writeDraft makes a file for an editor that no other user may read.
func writeDraft(b *view.Blocker, text string) (string, error) {
	ending := ".json"
	if n := b.Root(); n != nil && n.Type == "string" {
		ending = ".md"
	}
	f, err := os.CreateTemp("", "pawl-"+path.Base(string(b.Key))+"-*"+ending)
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(f, text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return f.Name(), err
}

// runEditor runs an editor on a file, at the terminal. Signals are the editor's
// meanwhile.
func (a *app) runEditor(command, file string) error {
	_, stop := a.notify()
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

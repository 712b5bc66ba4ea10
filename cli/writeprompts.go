package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
)

// promptFile is a prompt as `describe --write-prompts --json` lists it.
type promptFile struct {
	Name string `json:"name"` // the prompt's name
	Path string `json:"path"` // the file that was written
	text string
	same bool // it is there already
}

// writePrompts writes a flow's prompts to DIR/FLOW/NAME.md. It checks all files
// before it writes one, and leaves a file that says something else as it is.
func (a *app) writePrompts(info pawl.FlowInfo, dir string) error {
	if len(info.Prompts) == 0 {
		return badInput("--write-prompts: flow %s lists no prompts", info.Name)
	}
	files := []promptFile{}
	texts := map[string]string{}
	var bad []string
	var cannot []error // each cause once
	for _, p := range info.Prompts {
		path := filepath.Join(dir, info.Name, p.Name+".md")
		text, twice := texts[path]
		texts[path] = p.Text
		if twice && text == p.Text {
			continue
		}
		there, err := os.ReadFile(path)
		switch {
		case twice:
			bad = append(bad, fmt.Sprintf("--write-prompts: flow %s lists two prompts named %q", info.Name, p.Name))
		case err == nil && string(there) != p.Text:
			bad = append(bad, fmt.Sprintf("--write-prompts: %q is there and says something else; it is left as it is", path))
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			same := func(is error) bool { return errors.Is(is, form.Cause(err)) }
			if !slices.ContainsFunc(cannot, same) {
				cannot = append(cannot, form.Cause(err))
				bad = append(bad, fmt.Sprintf("--write-prompts: %q cannot be written: %v", path, form.Cause(err)))
			}
		}
		files = append(files, promptFile{p.Name, path, p.Text, err == nil})
	}
	if len(bad) > 0 {
		return badInput("%s", strings.Join(bad, "\n"))
	}
	if err := os.MkdirAll(filepath.Join(dir, info.Name), 0o755); err != nil {
		return badInput("--write-prompts: %q cannot be made: %v", filepath.Join(dir, info.Name), form.Cause(err))
	}
	for _, f := range files {
		if f.same {
			continue
		}
		if _, err := form.Replace(f.Path, []byte(f.text)); err != nil {
			return &pawl.Error{Kind: pawl.ErrStorage, Err: err, Message: fmt.Sprintf("--write-prompts: %q cannot be written: %v", f.Path, form.Cause(err))}
		}
	}
	if a.json {
		return a.printJSON(files)
	}
	for _, f := range files {
		fmt.Fprintln(a.out, f.Path)
	}
	if a.stderr.Terminal && !a.quiet {
		a.say("to ask with them: %s", a.command("run", info.Name, "--example", "--prompts", dir))
	}
	return nil
}

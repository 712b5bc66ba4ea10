package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

func promptsFlag(flags *pflag.FlagSet, to *string) {
	flags.StringVar(to, "prompts", "", "ask with the prompts in `DIR`, as FLOW/NAME.md there, instead of the flow's own")
}

// changeable is a flow whose prompts can be replaced.
type changeable interface {
	pawl.Flow
	WithPrompts(fs.FS) (pawl.Flow, error)
	ReplacePrompts(...pawl.PromptFile) (pawl.Flow, error)
	Replaced() []pawl.PromptFile
}

// overlaid returns the flow with the prompts of a directory, and where each was read.
func overlaid(f changeable, dir string) (pawl.Flow, error) {
	with, err := f.WithPrompts(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	files := replacedIn(with)
	for i := range files {
		files[i].From = filepath.Join(dir, filepath.FromSlash(files[i].From))
		if abs, err := filepath.Abs(files[i].From); err == nil {
			files[i].From = abs
		}
	}
	return f.ReplacePrompts(files...)
}

// replacedIn returns the prompts that are not a flow's own.
func replacedIn(f pawl.Flow) []pawl.PromptFile {
	if c, ok := f.(changeable); ok {
		return c.Replaced()
	}
	return nil
}

// withPrompts returns the flow with the prompts of a directory in the place of
// its own. No directory, "", changes nothing.
func (a *app) withPrompts(f pawl.Flow, dir string) (pawl.Flow, error) {
	if dir == "" {
		return f, nil
	}
	where := fmt.Sprintf("--prompts %q: ", dir)
	own, ok := f.(changeable)
	if !ok {
		return nil, badInput("%sthe prompts of flow %s cannot be replaced", where, f.Name())
	}
	with, err := overlaid(own, dir)
	if err != nil {
		e := *pawl.AsError(err, pawl.ErrInput)
		e.Message = where + strings.ReplaceAll(e.Message, "\n", "\n"+where)
		if errors.Is(err, fs.ErrNotExist) {
			e.Hint = a.command("describe", f.Name(), "--write-prompts", dir) + " writes them"
		}
		return nil, &e
	}
	before := f.Describe().Prompts
	for i, p := range with.Describe().Prompts {
		if p.Text == before[i].Text {
			continue
		}
		key := "model"
		for n, name := range append([]string{p.Model}, p.Fallback...) {
			if n > 0 {
				key = "fallback"
			} else if name == "" {
				continue
			}
			_, _, err := a.models().Lookup(name)
			if known := (*llm.Error)(nil); err != nil && !errors.As(err, &known) { // one without a usable key is a model
				return nil, badInput("%sprompt %q: line %d: %v", where, filepath.Join(f.Name(), p.Name+".md"), headerLine(p.Text, key), err)
			}
		}
	}
	return with, nil
}

// sayMissing says which prompts of the flow are not in the directory: a name with
// a letter too few would go unseen.
func (a *app) sayMissing(f pawl.Flow, dir string) {
	if dir == "" || a.quiet {
		return
	}
	var missing []string
	for _, p := range f.Describe().Prompts {
		path := filepath.Join(dir, f.Name(), p.Name+".md")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !slices.Contains(missing, path) {
			missing = append(missing, path)
		}
	}
	switch len(missing) {
	case 0:
	case 1:
		a.say("%s is not there: the flow's own prompt is used", missing[0])
	default:
		a.say("%s are not there: the flow's own prompts are used", strings.Join(missing, ", "))
	}
}

// headerLine is the line of a prompt's header that has a key.
func headerLine(text, want string) int {
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		if key, _, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == want {
			break
		}
	}
	return n
}

// otherPrompts returns the prompts of a directory that a run of a flow is to ask with
// from now on. A flow that this program does not have is left to others to refuse.
func (a *app) otherPrompts(flow, dir string) ([]pawl.PromptFile, error) {
	f := a.flow(flow)
	if f == nil {
		return nil, nil
	}
	with, err := a.withPrompts(f, dir)
	if err != nil {
		return nil, err
	}
	return replacedIn(with), nil
}

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

// withPrompts returns the flow with the prompts of a directory in the place of
// its own. No directory, "", changes nothing.
func (a *app) withPrompts(f pawl.Flow, dir string) (pawl.Flow, error) {
	if dir == "" {
		return f, nil
	}
	where := fmt.Sprintf("--prompts %q: ", dir)
	changeable, ok := f.(interface {
		WithPrompts(fs.FS) (pawl.Flow, error)
	})
	if !ok {
		return nil, badInput("%sthe prompts of flow %s cannot be replaced", where, f.Name())
	}
	with, err := changeable.WithPrompts(os.DirFS(dir))
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
		fmt.Fprintf(a.err, "%s is not there: the flow's own prompt is used\n", missing[0])
	default:
		fmt.Fprintf(a.err, "%s are not there: the flow's own prompts are used\n", strings.Join(missing, ", "))
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

// usePrompts lets the store's engine go on with a flow that asks with other
// prompts. A flow that this program does not have is left to others to refuse.
func (a *app) usePrompts(s *store, flow, dir string) error {
	i := slices.IndexFunc(a.flows, func(f pawl.Flow) bool { return f.Name() == flow })
	if i < 0 || dir == "" {
		return nil
	}
	with, err := a.withPrompts(a.flows[i], dir)
	if err != nil {
		return err
	}
	e, ok := s.engine.(interface{ Register(pawl.Flow) })
	if !ok {
		return unable("go on with other prompts (--prompts)")
	}
	a.flows = slices.Clone(a.flows)
	a.flows[i] = with
	e.Register(with)
	return nil
}

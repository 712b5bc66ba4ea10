package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/skeleton"
)

// newPath is where the module of a new flow is, until somebody gives it a place.
const newPath = "example.com/"

func (a *app) newCommand() *cobra.Command {
	var pattern, replace string
	patterns := skeleton.Patterns()
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Begin a flow of one's own: a folder that builds, runs and has tests",
		Long: "Make the folder NAME with a flow of that name: its Go file, its prompts, a test and a\n" +
			"main.go, which is a command like this one. It builds, runs and passes its test at once,\n" +
			"and is there to be changed. The folder must not exist.\n" +
			"\n" +
			"The flow plans a text, writes it and has it reviewed; --pattern begins with another\n" +
			"shape. Its go.mod wants the version of Pawl that this program has. Where that is none,\n" +
			"since the program was built from source, it says where that source is.",
		Example: a.example("new", "letter") + "\n" + a.example("new", "helpdesk", "--pattern", "route"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badInput("wants one NAME for the flow, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.newFlow(args[0], pattern, replace) },
	}
	c.Flags().SortFlags = false
	c.Flags().StringVar(&pattern, "pattern", patterns[0], "begin with this `PATTERN`: "+strings.Join(patterns, ", "))
	c.Flags().StringVar(&replace, "replace", "", "build with the source of Pawl in `DIR`")
	_ = c.RegisterFlagCompletionFunc("pattern", cobra.FixedCompletions(patterns, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)) // the flag is there
	return c
}

// begun is what `new --json` says.
type begun struct {
	Name    string   `json:"name"`    // the flow's name
	Pattern string   `json:"pattern"` // the shape that it begins with
	Files   []string `json:"files"`   // the files that were written
	Next    []string `json:"next"`    // commands, one after another
}

// newFlow makes the folder of a flow. It makes all of it, or nothing.
func (a *app) newFlow(name, pattern, replace string) error {
	patterns := skeleton.Patterns()
	if err := checkNew(name); err != nil {
		return err
	}
	if !slices.Contains(patterns, pattern) {
		return unknown("pattern", pattern, patterns, "--pattern is one of "+strings.Join(patterns, ", "))
	}
	build, _ := debug.ReadBuildInfo()
	from, err := sourceOf(replace, build, sourceRoot())
	if err != nil {
		return err
	}
	files, err := from.moduleFiles(newPath + name)
	if err != nil {
		return err
	}
	files = append(files, skeleton.Files(pattern, name)...)
	if err := writeFolder(name, files); err != nil {
		return err
	}
	out := begun{Name: name, Pattern: pattern, Next: []string{"cd " + term.Quote(name)}}
	for _, f := range files {
		out.Files = append(out.Files, filepath.Join(name, filepath.FromSlash(f.Path)))
	}
	if from.version != "" {
		out.Next = append(out.Next, "go mod tidy")
	}
	out.Next = append(out.Next, "go test ./...", "go run . run "+term.Quote(name)+" --example")
	switch {
	case a.json:
		return a.printJSON(out)
	case a.quiet:
		fmt.Fprintln(a.out, name)
		return nil
	}
	for _, f := range out.Files {
		fmt.Fprintln(a.out, f)
	}
	fmt.Fprintln(a.err, "next:")
	for _, command := range out.Next {
		fmt.Fprintln(a.err, "  "+command)
	}
	return nil
}

// checkNew wants a name of a flow that can be that of a module, too.
func checkNew(name string) error {
	if err := host.CheckName(name); err != nil {
		return badInput("%v", err)
	}
	if name == "internal" || name == "vendor" {
		return badInput("name %q means something to go; take another", name)
	}
	if err := module.CheckPath(newPath + name); err != nil {
		return badInput("name %q cannot be that of a Go module: begin and end it with a letter or a digit", name)
	}
	return nil
}

// writeFolder makes a folder with files in it. What it cannot finish it takes away.
func writeFolder(name string, files []skeleton.File) (err error) {
	if err := os.Mkdir(name, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return badInput("%q is there already; it is left as it is", name)
		}
		return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("%q cannot be made: %v", name, form.Cause(err)), Err: err}
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(name) // it is ours, and what there was to say is said
		}
	}()
	for _, f := range files {
		path := filepath.Join(name, filepath.FromSlash(f.Path))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, f.Data, 0o644)
		}
		if err != nil {
			return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("%q cannot be written: %v", path, form.Cause(err)), Err: err}
		}
	}
	return nil
}

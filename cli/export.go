package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/paper"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/journal"
)

// exporting is a run that is to become a file.
type exporting struct {
	name   string // of the run
	output string
	redact []string
}

func (a *app) exportCommand() *cobra.Command {
	var o exporting
	c := &cobra.Command{
		Use:   "export RUN",
		Short: "Write a run to a file that can be shown, checked and built on elsewhere",
		Long: "Write a run to a file: its whole history with its hashes, so that it can be verified,\n" +
			"and read, compared and taken over from where it is imported. The same run is the same\n" +
			"bytes everywhere. A file .md or .html is a document to be read: the story and what came\n" +
			"out. RUN is an id, the beginning of one, or last.\n" +
			"\n" +
			"Secrets stay here, and so does what is marked sensitive: a step's result that has such\n" +
			"a value, or quotes it, is left out, and whoever builds on the file asks that step anew.\n" +
			"--redact leaves out more. WHAT is the key of a step, in which * stands for a part and\n" +
			"which may be a scope's, or input or output; behind a colon may stand a path into the\n" +
			"value. The whole result is left out all the same, and with it all that quotes what is\n" +
			"at the path, or without one any text in it, or a line of 16 bytes or more.\n" +
			"\n" +
			"Not found is what says it otherwise: in capitals, cut, or in the words of a model. The\n" +
			"steps that come behind it, and of which something leaves, are named: look at them, and\n" +
			"name them too. Keys of steps are not looked at, and identities of a map's items stand\n" +
			"in them; nor are the paths of files that --prompts gave, which leave as they are.",
		Example: a.example("export", "last", "-o", "run.json") + "\n" + a.example("export", "last", "-o", "run.html") + "\n" +
			a.example("export", "3f2a", "-o", "run.json", "--redact", "sections[*]/write", "--redact", "input:customer.name"),
		Args: oneRun,
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.output, "output", "o", "", "write to `FILE`: .json to build on, .md or .html to read; without it JSON to standard output")
	flags.StringArrayVar(&o.redact, "redact", nil, "leave out `WHAT`: KEY, KEY:PATH, input:PATH or output:PATH; may be repeated")
	c.RunE = func(c *cobra.Command, args []string) error {
		o.name = args[0]
		return a.export(c.Context(), o)
	}
	return c
}

// exported is what `export --json -o` says.
type exported struct {
	runfile.Proof
	File   string     `json:"file"`   // the file that was written
	Behind []pawl.Key `json:"behind"` // steps that come behind what --redact names, and of which something leaves
}

func (a *app) export(ctx context.Context, o exporting) error {
	if err := form.CheckExport(o.output); err != nil {
		return err
	}
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	file, err := a.fileOf(ctx, s, o)
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	data, err := a.encode(file, filepath.Ext(o.output))
	if err != nil {
		return err
	}
	if o.output == "" {
		_, err := a.out.Write(data)
		return err
	}
	if _, err := form.Replace(o.output, data); err != nil {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("-o %q cannot be written: %v", o.output, form.Cause(err)), Err: err}
	}
	if a.json {
		return a.printJSON(exported{file.Proof(), o.output, append([]pawl.Key{}, file.Behind...)})
	}
	if !a.quiet {
		a.say("exported run %s to %s: %s", file.Run(), term.Quote(o.output), wholeness(file))
		a.sayUnsalted(file)
		a.sayBehind(file)
	}
	return nil
}

// encode returns the bytes of a run's file, or of the document that a file with that
// extension is to hold.
func (a *app) encode(file *runfile.File, ext string) ([]byte, error) {
	if ext != ".md" && ext != ".html" {
		return file.Encode()
	}
	p := paper.Paper{Last: file.Last().Hash, Withheld: file.Withheld()}
	if err := json.Unmarshal(file.Record, &p.Run); err != nil {
		return nil, err
	}
	if p.Run.Status == pawl.StatusDone && string(p.Run.Output) != "null" {
		p.Text, _ = a.markdown(p.Run)
	}
	for _, e := range file.Events {
		if e.Type != pawl.EventNote {
			continue
		}
		note, err := journal.Decode[journal.Note](e)
		if err != nil {
			return nil, err
		}
		if !note.Aside && note.Stale == "" {
			p.Notes = append(p.Notes, paper.Note{At: e.At, Text: note.Text})
		}
	}
	if ext == ".md" {
		return p.Markdown(), nil
	}
	return p.HTML()
}

// fileOf makes the file of a run.
func (a *app) fileOf(ctx context.Context, s *store, o exporting) (*runfile.File, error) {
	found, err := a.find(ctx, s, o.name)
	if err != nil {
		return nil, err
	}
	return runfile.ExportRun(ctx, s.journal, found.ID, a.flow, runfile.Options{Redact: o.redact, Keys: a.keys()})
}

// keys are those of providers that this process knows. Short ones are placeholders for
// servers that want none.
func (a *app) keys() (all []string) {
	for _, p := range a.providers {
		for _, setting := range p.Settings {
			if key := a.getenv(setting.Name); setting.Secret && len(key) >= 8 {
				all = append(all, key)
			}
		}
	}
	return all
}

// wholeness says what of a run a file has.
func wholeness(f *runfile.File) string {
	text := term.Count(int64(len(f.Events)), "event")
	if n := f.Withheld(); n > 0 {
		text += ", " + term.Count(int64(n), "payload") + " withheld"
	}
	return text
}

// sayUnproven says that what is told of withheld payloads is not proven, and of which of
// them that matters most.
func (a *app) sayUnproven(f *runfile.File) {
	n := f.Withheld()
	if n == 0 {
		return
	}
	text := "what is told of " + term.Count(int64(n), "withheld payload") + " is not proven"
	if all := f.Unproven(); len(all) > 0 {
		text += ": " + someOf(all)
	}
	a.say("%s", text)
}

// sayBehind names the steps that a redaction may have been passed on to.
func (a *app) sayBehind(f *runfile.File) {
	if len(f.Behind) > 0 {
		a.say("these come behind what is left out, and may say it in other words: %s", someOf(f.Behind))
	}
}

// someOf lists names, and of many the first.
func someOf[S ~string](names []S) string {
	const most = 8
	var all []string
	for _, name := range names[:min(len(names), most)] {
		all = append(all, term.Clean(string(name)))
	}
	text := strings.Join(all, ", ")
	if n := len(names) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// sayUnsalted warns of digests that could be guessed.
func (a *app) sayUnsalted(f *runfile.File) {
	if n := f.Unsalted(); n > 0 {
		a.say("warning: the digests of %d withheld payloads are not salted: a short one could be guessed", n)
	}
}

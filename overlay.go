package pawl

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// replacements are what a run asks instead of a flow's prompts: a *Prompt for
// the *Prompt of the same types that it replaces.
type replacements map[replaceable]replaceable

// replaceable is a prompt whose types are not known.
type replaceable interface {
	Info() PromptInfo
	self() replaceable // the prompt, if it is part of something else

	// replacement makes a prompt with the same types from another text. What is
	// wrong with the text is an error that names the line.
	replacement(text, file string) (replaceable, error)
}

func (p *Prompt[In, Out]) self() replaceable { return p }

func (p *Prompt[In, Out]) replacement(text, file string) (replaceable, error) {
	return newPrompt[In, Out](text, file)
}

// WithPrompts returns a copy of the flow that asks with other prompts, and
// leaves the flow itself as it is. fsys holds them as FLOW/NAME.md, FLOW being
// the flow's name and NAME that of a prompt it lists; prompts that have no file
// there stay. The copy has the flow's name and the fingerprint of its own
// prompts. Flows that it calls keep theirs.
//
// A replacement is held to all that MustPrompt demands, with the types of the
// prompt that it replaces, before WithPrompts returns. The error is an *Error of
// kind ErrInput with a line for each file that is wrong: it names the file and,
// if there is one, the line in it. A folder that is missing or empty and a file
// that is no prompt of the flow are refused too. Names that begin with a dot are
// passed over.
//
// A run does not remember where its prompts came from, and an engine resumes a
// run with the flow of that name that it was given last.
func (f *FlowOf[In, Out]) WithPrompts(fsys fs.FS) (Flow, error) {
	dir := f.info.Name
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, &Error{Kind: ErrInput, Err: err, Message: fmt.Sprintf("folder %q with the prompts of flow %s: %v", dir, dir, cause(err))}
	}
	with := *f
	with.prompts = replacements{}
	with.info.Prompts = slices.Clone(f.info.Prompts)
	for from, to := range f.prompts {
		with.prompts[from] = to
	}
	found := false
	var bad []error
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		found = true
		if err := with.replace(fsys, path.Join(dir, e.Name())); err != nil {
			bad = append(bad, fmt.Errorf("prompt %q: %w", path.Join(dir, e.Name()), err))
		}
	}
	if !found {
		bad = append(bad, fmt.Errorf("folder %q holds no prompts", dir))
	}
	if err := errors.Join(bad...); err != nil {
		return nil, &Error{Kind: ErrInput, Err: err, Message: err.Error()}
	}
	with.info.Fingerprint = fingerprint(with.info)
	return &with, nil
}

// replace puts a file in the place of the listed prompts of its name.
func (f *FlowOf[In, Out]) replace(fsys fs.FS, file string) error {
	base := path.Base(file)
	name, isPrompt := strings.CutSuffix(base, ".md")
	of := func(p PromptInfo) bool { return p.Name == name }
	if !isPrompt || !slices.ContainsFunc(f.info.Prompts, of) {
		return f.notListed(base)
	}
	if info, err := fs.Stat(fsys, file); err != nil {
		return cause(err)
	} else if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return cause(err)
	}
	for i, listed := range f.info.listed {
		if !of(f.info.Prompts[i]) {
			continue
		}
		if listed == nil {
			return fmt.Errorf("the flow's prompt %q is of a kind that cannot be replaced", name)
		}
		p, err := listed.replacement(string(text), file)
		if err != nil {
			return err
		}
		f.prompts[listed], f.info.Prompts[i] = p, p.Info()
	}
	return nil
}

func (f *FlowOf[In, Out]) notListed(base string) error {
	var names []string
	for _, p := range f.info.Prompts {
		names = append(names, p.Name+".md")
	}
	if len(names) == 0 {
		return fmt.Errorf("flow %s lists no prompts", f.info.Name)
	}
	meant := ""
	if near := schema.Nearest(base, names); near != "" {
		meant = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("it is no prompt of flow %s%s; they are %s", f.info.Name, meant, strings.Join(names, ", "))
}

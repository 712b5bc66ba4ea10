package pawl

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/internal/limits"
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

// PromptFile is a prompt that is asked with in the place of one that a flow lists.
type PromptFile struct {
	Name string `json:"name"`           // of the listed prompt
	Text string `json:"text"`           // the file as it is
	From string `json:"from,omitempty"` // where it was read, for people; may be empty
}

// maxPrompt is how many bytes a replacement may have.
const maxPrompt = limits.PromptBytes

// WithPrompts returns a copy of the flow that asks with other prompts, and
// leaves the flow itself as it is. fsys holds them as FLOW/NAME.md, FLOW being
// the flow's name and NAME that of a prompt it lists; prompts that have no file
// there stay. The copy has the flow's name and the fingerprint of its own
// prompts. Flows that it calls keep theirs.
//
// A replacement is held to all that MustPrompt demands, with the types of the
// prompt that it replaces, before WithPrompts returns, and has at most 256 KiB. The
// error is an *Error of kind ErrInput with a line for each file that is wrong: it
// names the file and, if there is one, the line in it. A folder that is missing or
// empty and a file that is no prompt of the flow are refused too. Names that begin
// with a dot are passed over.
//
// A run keeps the prompts that it was started with: whoever goes on with it asks with
// them, see Engine.Start.
func (f *FlowOf[In, Out]) WithPrompts(fsys fs.FS) (Flow, error) {
	dir := f.info.Name
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, &Error{Kind: ErrInput, Err: err, Message: fmt.Sprintf("folder %q with the prompts of flow %s: %v", dir, dir, cause(err))}
	}
	files := f.Replaced()
	before := len(files)
	var bad []error
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		file := PromptFile{Name: strings.TrimSuffix(e.Name(), ".md"), From: path.Join(dir, e.Name())}
		if err := f.isListed(e.Name()); err != nil {
			bad = append(bad, fmt.Errorf("prompt %q: %w", file.From, err))
		} else if file.Text, err = readPrompt(fsys, file.From); err != nil {
			bad = append(bad, fmt.Errorf("prompt %q: %w", file.From, err))
		} else {
			files = append(files, file)
		}
	}
	with, err := f.replace(files)
	bad = append(bad, err)
	if len(files) == before && errors.Join(bad...) == nil {
		bad = append(bad, fmt.Errorf("folder %q holds no prompts", dir))
	}
	if err := errors.Join(bad...); err != nil {
		return nil, &Error{Kind: ErrInput, Err: err, Message: err.Error()}
	}
	return with, nil
}

func readPrompt(fsys fs.FS, file string) (string, error) {
	info, err := fs.Stat(fsys, file)
	switch {
	case err != nil:
		return "", cause(err)
	case !info.Mode().IsRegular():
		return "", errors.New("it is not a regular file")
	case info.Size() > maxPrompt: // before it is read
		return "", tooLong(info.Size())
	}
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return "", cause(err)
	}
	return string(text), nil
}

func tooLong(n int64) error {
	return fmt.Errorf("it is %d bytes long, at most %d are taken", n, maxPrompt)
}

// ReplacePrompts is WithPrompts with the prompts in hand, in the place of all that were
// replaced before: without any it returns the flow as it was made. Of two of one name
// the last counts.
func (f *FlowOf[In, Out]) ReplacePrompts(files ...PromptFile) (Flow, error) {
	with, err := f.replace(files)
	if err != nil {
		return nil, &Error{Kind: ErrInput, Err: err, Message: err.Error()}
	}
	return with, nil
}

// Replaced returns the prompts that this copy of the flow asks with in the place of
// its own, in the order in which the flow lists them.
func (f *FlowOf[In, Out]) Replaced() []PromptFile { return slices.Clone(f.replaced) }

// replace returns a copy of the flow, as it was made, with these prompts. The error
// has a line for each that is wrong.
func (f *FlowOf[In, Out]) replace(files []PromptFile) (*FlowOf[In, Out], error) {
	with := *f
	with.prompts, with.replaced = nil, nil
	with.info.Prompts = slices.Clone(f.info.Prompts)
	texts := map[string]PromptFile{}
	var bad []error
	for _, file := range files {
		texts[file.Name] = file
		if err := f.isListed(file.Name + ".md"); err != nil {
			bad = append(bad, fmt.Errorf("prompt %q: %w", path.Join(f.info.Name, file.Name+".md"), err))
		}
	}
	for i, listed := range f.info.listed {
		if listed == nil {
			if file, given := texts[f.info.Prompts[i].Name]; given {
				bad = append(bad, fmt.Errorf("prompt %q: the flow's prompt %q is of a kind that cannot be replaced", path.Join(f.info.Name, file.Name+".md"), file.Name))
			}
			continue
		}
		own := listed.Info()
		with.info.Prompts[i] = own
		file, given := texts[own.Name]
		if !given {
			continue
		}
		name := path.Join(f.info.Name, own.Name+".md")
		if len(file.Text) > maxPrompt {
			bad = append(bad, fmt.Errorf("prompt %q: %w", name, tooLong(int64(len(file.Text)))))
			continue
		}
		p, err := listed.replacement(file.Text, name)
		if err != nil {
			bad = append(bad, fmt.Errorf("prompt %q: %w", name, err))
			continue
		}
		if with.prompts == nil {
			with.prompts = replacements{}
		}
		with.prompts[listed], with.info.Prompts[i] = p, p.Info()
		if !slices.ContainsFunc(with.replaced, func(r PromptFile) bool { return r.Name == file.Name }) {
			with.replaced = append(with.replaced, file)
		}
	}
	with.digests = digests(with.info)
	return &with, errors.Join(bad...)
}

// isListed refuses a file that is none of a prompt which the flow lists.
func (f *FlowOf[In, Out]) isListed(base string) error {
	name, isPrompt := strings.CutSuffix(base, ".md")
	if isPrompt && slices.ContainsFunc(f.info.Prompts, func(p PromptInfo) bool { return p.Name == name }) {
		return nil
	}
	return f.notListed(base)
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

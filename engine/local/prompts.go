package local

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// changeable is a flow whose prompts can be replaced, as *pawl.FlowOf is one.
type changeable interface {
	pawl.Flow
	ReplacePrompts(...pawl.PromptFile) (pawl.Flow, error)
	Replaced() []pawl.PromptFile
}

// apart returns a flow as it was made, and the prompts that were replaced in it since.
func apart(f pawl.Flow) (pawl.Flow, []pawl.PromptFile) {
	c, ok := f.(changeable)
	if !ok {
		return f, nil
	}
	files := c.Replaced()
	if len(files) == 0 {
		return f, nil
	}
	own, err := c.ReplacePrompts()
	if err != nil { // it was made so
		return f, nil
	}
	return own, files
}

// build is the fingerprint of a flow as it was made.
func build(f pawl.Flow) string {
	own, _ := apart(f)
	return own.Describe().Fingerprint
}

// know makes a flow known by its name, as it was made: the prompts that a run asks with
// in their place are that run's.
func (e *Engine) know(own pawl.Flow, replaced bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !replaced || e.flows[own.Name()] == nil {
		e.flows[own.Name()] = own
	}
}

// flow returns the flow of that name; nil: this engine does not know it.
func (e *Engine) flow(name string) pawl.Flow {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.flows[name]
}

// flowOf returns the flow of a run as it asks: with the prompts that the run has in the
// place of the flow's own, or with others in their place, if there are any.
func (e *Engine) flowOf(ctx context.Context, st *replay.State, others []pawl.PromptFile) (pawl.Flow, error) {
	f := e.flow(st.Created.Flow)
	if f == nil {
		return nil, noFlow(st.Run, st.Created.Flow)
	}
	files := others
	if len(files) == 0 {
		var err error
		if files, err = promptFiles(ctx, e.journal, st); err != nil {
			return nil, err
		}
	}
	return prompted(f, st, files, len(others) > 0)
}

// prompted returns the flow of a run with prompts in the place of its own; others says that
// they are not those that the run has had.
func prompted(f pawl.Flow, st *replay.State, files []pawl.PromptFile, others bool) (pawl.Flow, error) {
	if len(files) == 0 {
		return f, nil
	}
	c, ok := f.(changeable)
	if !ok {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Run: st.Run, Message: fmt.Sprintf("run %s has prompts of its own, and those of flow %s cannot be replaced in this program", st.Run, f.Name())}
	}
	with, err := c.ReplacePrompts(files...)
	if err != nil {
		e := *pawl.AsError(err, pawl.ErrInput)
		e.Run, e.Flow = st.Run, f.Name()
		if !others {
			e.Message = fmt.Sprintf("run %s keeps prompts that do not fit its flow in this program: %s", st.Run, e.Message)
			e.Hint = "resume it with other prompts"
		}
		return nil, &e
	}
	return with, nil
}

// promptFiles reads the prompts that a run has in the place of its flow's own.
func promptFiles(ctx context.Context, blobs journal.Blobs, st *replay.State) ([]pawl.PromptFile, error) {
	var files []pawl.PromptFile
	for _, p := range st.Prompts {
		text, err := blobs.Blob(ctx, p.Digest)
		if err == nil && journal.Digest(text) != p.Digest {
			err = fmt.Errorf("what is stored under its digest is another text")
		}
		if err != nil {
			return nil, &pawl.Error{Kind: pawl.ErrDatabase, Run: st.Run, Err: err, Message: fmt.Sprintf("prompt %q of run %s: %v", p.Name, st.Run, err)}
		}
		files = append(files, pawl.PromptFile{Name: p.Name, Text: string(text), From: p.From})
	}
	return files, nil
}

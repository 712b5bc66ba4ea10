package exec

import (
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Direct returns the command of a directive to a run.
func Direct(models llm.Catalog, id pawl.RunID, d pawl.Directive) (Command, error) {
	c := Command{Stored: journal.Command{Run: id, Directive: &d}, Take: d.Take, Bare: true}
	refuse := func(what string, size, most int) (Command, error) {
		return c, &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: fmt.Sprintf("%s is %d bytes long, at most %d are kept", what, size, most)}
	}
	switch {
	case len(d.Who) > limits.WhoBytes:
		return refuse("who directs", len(d.Who), limits.WhoBytes)
	case len(d.Text) > limits.TextBytes && d.What == pawl.DirectGuide:
		return refuse("the guidance", len(d.Text), limits.TextBytes)
	case len(d.Text) > limits.TextBytes:
		return refuse("the text of the directive", len(d.Text), limits.TextBytes)
	}
	switch d.What {
	case pawl.DirectPause:
		c.apply = func(r *Run) error { return r.change(replay.OnPause, d) }
		c.Check = func(st *replay.State) error {
			if !st.Ended() && (st.Status == pawl.StatusPaused || st.Status == pawl.StatusFailed) {
				return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s is %s: it stands still already", id, st.Status)}
			}
			return nil
		}
	case pawl.DirectCancel:
		c.apply = func(r *Run) error { return r.change(replay.OnCancel, d) }
	case pawl.DirectGuide:
		if d.Text == "" {
			return c, &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: "guidance needs a text"}
		}
		c.apply = func(r *Run) error { return r.guide(d) }
	case pawl.DirectResume:
		named := d.Fallback
		if d.Model != "" {
			named = append([]string{d.Model}, named...)
		}
		for _, model := range named {
			if _, _, err := models.Lookup(model); err != nil {
				return c, pawl.AsError(err, pawl.ErrInput)
			}
		}
		c.Bare, c.Here = false, true
		c.apply = func(r *Run) error { return r.resume(d) }
	default:
		return c, &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("unknown directive %q", d.What), Run: id}
	}
	return c, nil
}

func (r *Run) draftDirective(d pawl.Directive) {
	b := journal.Directive{What: d.What, Who: d.Who, Model: d.Model, Fallback: d.Fallback, Text: replay.CutText(d.Text)}
	if files := Replaced(d.Prompts); !slices.Equal(files, r.st.Prompts) {
		b.Prompts = files
		for _, f := range d.Prompts {
			r.batch.blob([]byte(f.Text))
		}
	}
	r.batch.draft(pawl.EventDirective, "", b)
}

// Replaced is how events refer to prompts that take the place of a flow's own, whose
// texts are blobs.
func Replaced(files []pawl.PromptFile) []pawl.Replaced {
	var all []pawl.Replaced
	for _, f := range files {
		all = append(all, pawl.Replaced{Name: f.Name, Digest: journal.Digest([]byte(f.Text)), From: f.From})
	}
	return all
}

// change changes the run's phase as a directive says, and records that, unless it
// is so already. One at rest is paused, or ends, at once.
func (r *Run) change(t replay.Trigger, d pawl.Directive) error {
	was := r.phase
	if err := r.on(t); err != nil || r.phase == was {
		return err
	}
	r.draftDirective(d)
	return nil
}

// guide adds an instruction for later asks. A run at rest stays so.
func (r *Run) guide(d pawl.Directive) error {
	r.batch.draft(pawl.EventGuidance, "", journal.Guidance{Text: replay.CutText(d.Text), Who: d.Who})
	return nil
}

// resume lets the run go on: a failed step is tried again.
func (r *Run) resume(d pawl.Directive) error {
	if err := r.checkSchemas(d); err != nil {
		return err
	}
	if err := r.on(replay.OnResume); err != nil {
		return err
	}
	clear(r.calls.refused)
	r.code.wanted = true
	r.draftDirective(d)
	for _, b := range r.st.Blockers() {
		r.retry(b, d.Who)
	}
	r.batch.then(r.beginAll)
	return nil
}

// checkSchemas refuses the models that a directive gives the run, where a schema cannot be
// said to them.
func (r *Run) checkSchemas(d pawl.Directive) error {
	if r.code.flow == nil || d.Model == "" && len(d.Fallback) == 0 {
		return nil
	}
	err := r.st.Model().With(journal.Directive{Model: d.Model, Fallback: d.Fallback}).CheckSchemas(r.deps.Models, r.code.flow.Describe())
	if e, ok := err.(*pawl.Error); ok {
		e.Run = r.id
	}
	return err
}

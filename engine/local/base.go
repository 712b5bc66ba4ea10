package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// base is the base that a new run is to have.
type base struct {
	pawl.Base
	st      *replay.State
	step    *replay.Step      // of a fork: the one that is executed anew
	prompts []pawl.PromptFile // that the base asked with in the place of the flow's own
}

// base reads the base that a caller names, which is one of the flow's runs; nil: none is
// named.
func (e *Engine) base(ctx context.Context, f pawl.Flow, named *pawl.Base) (*base, error) {
	if named == nil {
		return nil, nil
	}
	refuse := func(format string, args ...any) (*base, error) {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Run: named.Run, Step: named.At, Message: fmt.Sprintf(format, args...)}
	}
	st, err := e.foldUntampered(ctx, named.Run, cannotBeBase)
	if err != nil {
		return nil, err
	}
	b := &base{Base: *named, st: st, step: st.Steps[named.At]}
	if b.prompts, err = promptFiles(ctx, e.journal, st); err != nil {
		return nil, err
	}
	value := len(named.Result) > 0 && string(named.Result) != "null"
	switch {
	case st.Created.Flow != f.Name():
		return refuse("run %s is one of %s, not of %s", named.Run, st.Created.Flow, f.Name())
	case named.At == "" && value:
		return refuse("a result needs the step that it is for")
	case named.At == "":
		return b, nil
	case b.step == nil && !value && firstWithin(st, named.At) > 0:
		b.Result = nil
		return b, nil
	case b.step == nil:
		return refuse("run %s has no step %q%s", named.Run, named.At, nearest(st, named.At))
	case !value:
		b.Result = nil
		return b, nil
	case !json.Valid(named.Result):
		return refuse("the result for step %q is not JSON", named.At)
	}
	switch kind := b.step.Head.Kind; kind {
	case pawl.KindAsk, pawl.KindDo, pawl.KindInput, pawl.KindAwait:
		return b, nil
	default:
		return refuse("step %q takes no result from outside: it is of kind %s", named.At, kind)
	}
}

// cannotBeBase is what is refused a run whose history something else has changed: what is
// taken over from it is copied, and would be true from then on.
const cannotBeBase = "cannot be a base"

// firstWithin is what State.Before is of a step, of an item, which has no event of its own, as
// in sections[1]: that of its first step; 0: there is none.
func firstWithin(st *replay.State, item pawl.Key) (first pawl.Seq) {
	for s := range st.InOrder() {
		if strings.HasPrefix(string(s.Key), string(item)+"/") && (first == 0 || st.Before(s) < first) {
			first = st.Before(s)
		}
	}
	return first
}

// nearest says which step may be meant; empty: none.
func nearest(st *replay.State, key pawl.Key) string {
	var keys []string
	for s := range st.InOrder() {
		keys = append(keys, string(s.Key))
	}
	if near := schema.Nearest(string(key), keys); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	if len(keys) > 8 {
		return ""
	}
	return "; it has " + strings.Join(keys, ", ")
}

// prompted returns the flow with the prompts that the base asked with, and above them
// those that it has in the place of its own. What the flow lists no more is left out.
func (b *base) prompted(f pawl.Flow) (pawl.Flow, error) {
	c, ok := f.(changeable)
	if !ok || len(b.prompts) == 0 {
		return f, nil
	}
	var files []pawl.PromptFile
	listed := f.Describe().Prompts
	for _, file := range b.prompts {
		if slices.ContainsFunc(listed, func(p pawl.PromptInfo) bool { return p.Name == file.Name }) {
			files = append(files, file)
		}
	}
	with, err := c.ReplacePrompts(append(files, c.Replaced()...)...) // of two of one name the last counts
	if err != nil {
		e := *pawl.AsError(err, pawl.ErrInput)
		e.Message = fmt.Sprintf("the prompts that run %s has asked with do not fit the flow any more: %s", b.Run, e.Message)
		e.Hint = "give others in their place"
		return nil, &e
	}
	return with, nil
}

// model returns the models of a run with this base: those of the base, but for what is
// chosen. Of a base that was queued without one it is the default, or that of whoever takes
// the run up.
func (b *base) model(o *pawl.StartOptions, preset string) replay.Model {
	m := b.st.Model()
	if m.Name == "" && !o.Queue {
		m.Name = preset
	}
	if o.Model != "" {
		m.Name, m.Forced = o.Model, true
	}
	if len(o.Fallback) > 0 || o.Model != "" {
		m.Fallback = o.Fallback
	}
	return m
}

// budget returns the limits of a run with this base: those that are in force there, unless
// others are given. Given without a limit there are none.
func (b *base) budget(given *pawl.Budget) *pawl.Budget {
	switch {
	case given == nil:
		return b.st.Account.Limits()
	case *given == (pawl.Budget{}):
		return nil
	}
	return given
}

// body is the base as the run records it. Where the model is chosen for the run, what others
// have answered is not for it.
func (b *base) body(o *pawl.StartOptions) *journal.Base {
	body := &journal.Base{Run: b.Run, At: b.At}
	if b.step != nil {
		body.Before = b.st.Before(b.step)
	} else if b.At != "" {
		body.Before = firstWithin(b.st, b.At)
	}
	if o.Model == "" && len(b.st.Models) > 0 {
		for _, m := range b.st.Models[:len(b.st.Models)-1] {
			body.Models = append(body.Models, journal.BaseModel{Name: m.Name, Forced: m.Forced, Fallback: m.Fallback})
		}
	}
	return body
}

// drafts are the events of a run with this base behind its first one: what the base was
// told, and the result that is set.
func (b *base) drafts(who string) (all []journal.Draft) {
	for _, g := range b.st.Guides() {
		all = append(all, journal.Draft{Type: pawl.EventGuidance, At: now(), Body: journal.Guidance{Text: g.Text, Who: g.Who}})
	}
	if b.Result != nil {
		all = append(all, journal.Draft{Type: pawl.EventOverride, Key: b.At, At: now(), Body: journal.Override{Kind: b.step.Head.Kind, Value: b.Result, Who: who, Sensitive: b.step.Head.Sensitive}})
	}
	return all
}

// baseOf returns what a run that is to go on takes results over from; nil: nothing. A
// base that is not there any more has nothing: what the run has taken over is its own.
func (e *Engine) baseOf(ctx context.Context, own *replay.State) (*replay.Base, error) {
	of := own.Created.Base
	if of == nil {
		return nil, nil
	}
	row, err := e.row(ctx, of.Run)
	var st *replay.State
	if err == nil {
		st, err = e.foldUntampered(ctx, of.Run, cannotBeBase)
	}
	if errors.Is(err, pawl.ErrNotFound) {
		e.log.Warn("the run's base was removed: nothing more is taken over", "run", own.Run, "base", of.Run)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b := replay.NewBase(st, *of, own, e.deps.Strict)
	if row.Imported {
		b.SetImported()
	}
	return b, nil
}

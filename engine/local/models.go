package local

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// checkModels refuses models that cannot be asked before anything is stored, as far as
// they are known: those that a question names in code are known when it is asked, and the
// default of whoever takes up a run that is queued when it is taken up.
func (e *Engine) checkModels(info pawl.FlowInfo, m replay.Model, queued bool) error {
	if m.Name == "" && !queued {
		return noDefault()
	}
	err := e.checkNamed(m.Name, m.Fallback, "")
	for _, p := range info.Prompts {
		if err == nil && !m.Forced { // that stands above what prompts say
			err = e.checkNamed(p.Model, p.Fallback, fmt.Sprintf("prompt %q: ", p.Name))
		}
	}
	return err
}

// checkTaken refuses a run that was queued without a model and would take the engine's, to
// which a schema of its flow cannot be said. Other models are checked where they are chosen.
func (e *Engine) checkTaken(st *replay.State, info pawl.FlowInfo) error {
	model := st.Model()
	if model.Name != "" {
		return nil
	}
	model.Name = e.model
	return model.CheckSchemas(e.models, info)
}

// checkDirected refuses models that a directive gives to a run, to which a schema of its flow
// cannot be said, where those who execute it cannot tell: what a model takes may differ from
// one of their processes to another, and what they do must not.
func (e *Engine) checkDirected(ctx context.Context, row journal.Row, c exec.Command) error {
	d, f := c.Stored.Directive, e.flow(row.Flow)
	if !e.remote || d == nil || f == nil || d.Model == "" && len(d.Fallback) == 0 {
		return nil
	}
	st, err := e.foldToGoOn(ctx, row.ID)
	if err != nil {
		return err
	}
	defer e.cache.put(st)
	return st.Model().With(journal.Directive{Model: d.Model, Fallback: d.Fallback}).CheckSchemas(e.models, f.Describe())
}

func noDefault() error {
	return &pawl.Error{Kind: pawl.ErrInput, Message: "no model is given and there is no default"}
}

// checkNamed refuses a model, unless none is named, and those that stand in for it, which no
// provider knows or that have no key. at says where they are named.
func (e *Engine) checkNamed(model string, fallback []string, at string) error {
	if model != "" {
		if err := e.checkModel(model, at); err != nil {
			return err
		}
	}
	for _, name := range fallback {
		if err := e.checkModel(name, at+"fallback: "); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) checkModel(name, at string) error {
	_, _, err := e.models.Lookup(name)
	if err == nil {
		return nil
	}
	refused := *pawl.AsError(err, pawl.ErrInput)
	refused.Message = at + refused.Message
	return &refused
}

// checkPrices refuses models that stand in for each other, where the budget has a limit
// in dollars and a price is not known: the run would stop when it needs them.
func (e *Engine) checkPrices(info pawl.FlowInfo, m replay.Model, b *pawl.Budget) error {
	if b == nil || b.USD == nil {
		return nil
	}
	for _, p := range append([]pawl.PromptInfo{{}}, info.Prompts...) {
		chain := m.Chain(host.Step{Ask: &host.AskStep{Model: p.Model, Fallback: p.Fallback}})
		for _, name := range chain {
			if name == "" {
				continue // not known yet
			}
			if _, known := e.deps.Prices.Most(name, 0, 0); !known && len(chain) > 1 {
				return &pawl.Error{Kind: pawl.ErrInput,
					Message: fmt.Sprintf("budget: usd is %v, and what calls of %s cost is not known, which stands in for other models or they for it", *b.USD, name),
					Hint:    "give it a price, or set no limit in dollars"}
			}
		}
	}
	return nil
}

package pawl_test

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// says is what a model says in the examples, by the step's key: the last one again
// and again.
type says map[string][]string

// Generate implements llm.Model.
func (a says) Generate(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	all := a[req.Meta.Key]
	if len(all) == 0 {
		return llm.Response{}, &llm.Error{Kind: llm.Refused, Message: "I would rather not"}
	}
	return llm.Response{Text: all[min(req.Meta.Attempt, len(all))-1]}, nil
}

// newEngine makes an engine with that model, and a journal in memory.
func newEngine(m llm.Model) pawl.Engine {
	return local.New(&local.Options{Journal: journal.NewMemory(), Models: llm.Catalog{"test": m}, Model: "test/one"})
}

// play runs a flow to its rest and prints what it came to.
func play[In, Out any](flow *pawl.FlowOf[In, Out], in In, m llm.Model) {
	ctx := context.Background()
	engine := newEngine(m)
	defer engine.Close(ctx)
	h, err := pawl.Start(ctx, engine, flow, in, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := h.Result(ctx)
	if err != nil {
		e := pawl.AsError(err, pawl.ErrInternal)
		fmt.Printf("%s: %s\n", e.Kind, e.Message)
		return
	}
	fmt.Println(out)
}

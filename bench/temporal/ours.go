package main

import (
	"context"
	"strings"

	"go.temporal.io/sdk/client"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/llm"
)

type size struct {
	N int `json:"n"`
}

type said struct{ Text string }

// text is what each step asks and is answered: the plain activities are given as much.
var text = strings.Repeat("x", 500)

var step = pawl.PromptText[said, string]("purpose: Asking\n---\n# user\n{{.Text}}\n")

// chain asks one question after another.
var chain = pawl.New("chain", "Asks one question after another.", func(r *pawl.Run, in size) (int, error) {
	for range in.N {
		pawl.Ask(r, "step", step.With(said{text}))
	}
	return in.N, nil
})

// fan asks all questions at once.
var fan = pawl.New("fan", "Asks all questions at once.", func(r *pawl.Run, in size) (int, error) {
	pawl.Map(r, "steps", make([]int, in.N), func(r *pawl.Run, _ int) (string, error) {
		return pawl.Ask(r, "step", step.With(said{text})), nil
	}, pawl.Limit(in.N))
	return in.N, nil
})

// answers is a model that answers at once.
func answers(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
	return llm.Response{Text: text, Model: "echo"}, nil
}

func open(ctx context.Context, at client.Options, queue string, works bool) (*temporal.Engine, error) {
	return temporal.Open(ctx, temporal.Options{Client: at, Queue: queue, Build: "bench", Work: works, Calls: calls,
		Models: llm.Catalog{"echo": llm.Func(answers)}, Model: "echo/echo", Flows: []pawl.Flow{chain, fan}})
}

// calls is how many calls a worker makes at once, ours and the plain one.
const calls = 100

// pawlRun runs a flow to its end.
func pawlRun(ctx context.Context, e *temporal.Engine, f *pawl.FlowOf[size, int], n int) (pawl.RunID, error) {
	h, err := pawl.Start(ctx, e, f, size{n}, nil)
	if err == nil {
		_, err = h.Result(ctx)
	}
	return h.ID(), err
}

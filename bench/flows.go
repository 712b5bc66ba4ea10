package main

import (
	"context"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

type size struct {
	N int `json:"n"`
}

func same(_ context.Context, i int) (int, error) { return i, nil }

// chain does one step after another, none of which does anything.
var chain = pawl.New("chain", "Does one step after another.", func(r *pawl.Run, in size) (int, error) {
	for i := range in.N {
		pawl.Do(r, "step", i, same, pawl.Repeatable)
	}
	return in.N, nil
})

// items does a step for each item of a map.
var items = pawl.New("items", "Does a step for each item.", func(r *pawl.Run, in size) (int, error) {
	pawl.Map(r, "items", make([]int, in.N), func(r *pawl.Run, i int) (int, error) {
		return pawl.Do(r, "step", i, same, pawl.Repeatable), nil
	})
	return in.N, nil
})

// engine is an engine on a journal with full durability.
type engine struct {
	*local.Engine
	db *sqlite.DB
}

func openEngine(ctx context.Context, dir, model string) (engine, error) {
	return openObserved(ctx, dir, model, nil)
}

// openObserved is openEngine with an observer; nil: none.
func openObserved(ctx context.Context, dir, model string, o observe.Observer) (engine, error) {
	db, err := sqlite.Open(ctx, dir, nil)
	if err != nil {
		return engine{}, err
	}
	return engine{local.New(&local.Options{Journal: db, Models: llm.Catalog{"offline": offline.Model{}}, Model: model, Observe: o}), db}, nil
}

func (e engine) close(ctx context.Context) {
	e.Close(ctx)
	e.db.Close()
}

// run starts a run and waits for its result.
func run[In, Out any](ctx context.Context, e engine, f *pawl.FlowOf[In, Out], in In) (pawl.RunID, time.Duration, error) {
	begin := time.Now()
	h, err := pawl.Start(ctx, e, f, in, nil)
	if err == nil {
		_, err = h.Result(ctx)
	}
	if err != nil {
		err = fmt.Errorf("flow %s: %w", f.Name(), err)
	}
	return h.ID(), time.Since(begin), err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// questions asks a model about each item of a map.
var questions = pawl.New("questions", "Asks a question for each item.", func(r *pawl.Run, in size) (int, error) {
	numbers := make([]int, in.N)
	for i := range numbers {
		numbers[i] = i
	}
	pawl.Map(r, "items", numbers, func(r *pawl.Run, i int) (string, error) {
		return pawl.Ask(r, "word", pawl.Messages[string]("Finding a word", llm.User(fmt.Sprintf("One word for %d.", i)))), nil
	})
	return in.N, nil
})

// rerun measures what it takes to plan a run whose base has all that it asks for, and to
// execute it, by an engine that has read nothing of the base before.
func rerun(ctx context.Context, p place) ([]figure, error) {
	const steps = 10_000
	var figures []figure
	for _, f := range []struct {
		what string
		flow *pawl.FlowOf[size, int]
	}{{"in a row", chain}, {"asks of a map", questions}} {
		data := filepath.Join(p.dir, f.flow.Name())
		e, err := openEngine(ctx, data, "offline")
		if err != nil {
			return nil, err
		}
		id, _, err := run(ctx, e, f.flow, size{steps})
		e.close(ctx)
		if err != nil {
			return nil, err
		}
		var planned, executed []float64
		for range p.rounds(5) {
			plan, whole, err := rerunOnce(ctx, data, f.flow, id, steps)
			if err != nil {
				return nil, fmt.Errorf("rerun of %s: %w", f.flow.Name(), err)
			}
			planned, executed = append(planned, milliseconds(plan)), append(executed, milliseconds(whole))
		}
		figures = append(figures,
			figure{What: fmt.Sprintf("plan with %d steps to take over, %s", steps, f.what), Value: median(planned), Unit: "ms", AtMost: 1000},
			figure{What: fmt.Sprintf("rerun with %d steps taken over, %s", steps, f.what), Value: median(executed), Unit: "ms", AtMost: 1000, Durability: fullSync})
	}
	return figures, nil
}

func rerunOnce(ctx context.Context, data string, f *pawl.FlowOf[size, int], id pawl.RunID, steps int) (plan, whole time.Duration, err error) {
	for _, what := range []*time.Duration{&plan, &whole} {
		e, err := openEngine(ctx, data, "offline")
		if err != nil {
			return 0, 0, err
		}
		o := &pawl.StartOptions{Base: &pawl.Base{Run: id}}
		begin := time.Now()
		if what == &plan {
			planned, err := e.Plan(ctx, f, nil, o)
			if err == nil && (len(planned) < steps || planned[steps-1].Expect != pawl.ExpectReuse) {
				err = errors.New("not all of it is planned to be taken over")
			}
			*what = time.Since(begin)
			e.close(ctx)
			if err != nil {
				return 0, 0, err
			}
			continue
		}
		again, err := e.Start(ctx, f, nil, o)
		if err == nil {
			_, err = f.Handle(e, again).Result(ctx)
		}
		*what = time.Since(begin)
		if err == nil {
			var rec pawl.RunRecord
			if rec, err = e.Get(ctx, again); err == nil && rec.Usage.ModelCalls > 0 {
				err = fmt.Errorf("%d calls were made", rec.Usage.ModelCalls)
			}
		}
		e.close(ctx)
		if err != nil {
			return 0, 0, err
		}
	}
	return plan, whole, nil
}

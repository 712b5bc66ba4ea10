package view

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

// Planned returns the steps of a run that would have that input as they may be shown.
// base is the run whose results it takes over; empty: none.
func (v *View) Planned(ctx context.Context, f pawl.Flow, input json.RawMessage, base pawl.RunID, steps []pawl.PlannedStep) ([]pawl.PlannedStep, error) {
	m := mask.Of(f)
	if base != "" {
		rec, err := v.engine.Get(ctx, base)
		if err != nil {
			return nil, err
		}
		m.Record(rec)
	}
	m.Learn(input, nil)
	steps = slices.Clone(steps)
	for i := range steps {
		steps[i].Purpose, steps[i].Request = m.Line(steps[i].Purpose), m.Request(steps[i].Request)
	}
	return steps, nil
}

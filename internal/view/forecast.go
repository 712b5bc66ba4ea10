package view

import (
	"context"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// A forecast is made from so many done runs at most, which are looked for among the
// newest of the flow.
const (
	forecastRuns  = 5
	forecastAmong = 200
)

// forecasts are those that were made, by kind.
type forecasts map[kind]*replay.Forecast

// kind is what runs have in common that take about the same.
type kind struct {
	program, flow, model string
	reuses               bool // it takes results over from another run
}

// proposed returns a record in which an open budget blocker proposes what the whole run
// probably needs, and not its next call alone, and says on what that stands. A run that
// takes results over from another needs less than a whole one, and how much nobody knows.
func (v *View) proposed(ctx context.Context, rec pawl.RunRecord, known forecasts) (pawl.RunRecord, error) {
	i := slices.IndexFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Kind == pawl.BlockerBudget && b.Limit == nil })
	if i < 0 || rec.Budget == nil || rec.Imported {
		return rec, nil
	}
	of := kind{rec.Begun.Program, rec.Flow, rec.Model, rec.Base != nil}
	if known[of] == nil {
		f, err := v.forecast(ctx, of)
		if err != nil {
			return rec, err
		}
		known[of] = f
	}
	name := of.flow + " with " + of.model
	if of.reuses {
		name += " that reuses results"
	}
	rec.Blockers = slices.Clone(rec.Blockers)
	b := &rec.Blockers[i]
	limits := rec.Budget.Limit
	if b.Unpriced != "" {
		limits.USD = nil // no limit in dollars can be kept
	}
	b.Actions = slices.Clone(b.Actions)
	for n, act := range b.Actions {
		if act.Budget != nil {
			b.Actions[n].Budget = new(known[of].Propose(*act.Budget, limits))
			b.Basis = known[of].Says(name, rec.Budget.Limit)
		}
	}
	return rec, nil
}

// forecast is what the newest done runs of a kind took. One whose history is damaged is
// left out.
func (v *View) forecast(ctx context.Context, of kind) (*replay.Forecast, error) {
	f := new(replay.Forecast)
	if of.reuses {
		return f, nil // each takes over something else
	}
	runs, err := v.engine.List(ctx, pawl.RunFilter{Flow: of.flow, Program: of.program, Limit: forecastAmong})
	if err != nil {
		return nil, err
	}
	n := 0
	for _, r := range runs {
		if n == forecastRuns {
			break
		}
		if r.Status != pawl.StatusDone || r.Model != of.model || r.Base != nil || r.Imported {
			continue
		}
		events, err := v.journal.Read(ctx, r.ID, 0, 0)
		if err != nil && !isDamaged(err) {
			return nil, err
		}
		st, ferr := replay.Fold(events)
		if err != nil || ferr != nil {
			continue
		}
		f.Add(st.Account)
		n++
	}
	return f, nil
}

package checktest

import (
	"context"
	"fmt"
	"math"
	"reflect"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// costs checks that what the journal says that calls have cost is what the histories of its
// runs say. Of runs that were removed nothing is known here, so that it may be more. If the
// journal is used meanwhile there is nothing to compare.
func costs(ctx context.Context, j journal.Journal) error {
	k, ok := j.(cost.Keeper)
	if !ok {
		return nil
	}
	before, err := k.Costs(ctx, cost.Query{By: cost.ByFlow})
	if err != nil {
		return err
	}
	rows, err := j.Runs(ctx, pawl.RunFilter{})
	if err != nil {
		return err
	}
	want, runs := map[string]cost.Taken{}, map[string]int64{}
	for _, row := range rows {
		if row.Imported {
			continue
		}
		took, err := tookOf(ctx, j, row)
		if err != nil {
			return err
		}
		if took.Calls > 0 {
			want[row.Flow] = want[row.Flow].Plus(took)
			runs[row.Flow]++
		}
	}
	after, err := k.Costs(ctx, cost.Query{By: cost.ByFlow})
	if err != nil || !reflect.DeepEqual(before, after) {
		return err
	}
	got := map[string]cost.Sum{}
	for _, s := range after.Sums {
		got[s.Name] = s
	}
	for flow, took := range want {
		if s := got[flow]; s.Runs == runs[flow] && !same(s, cost.SumOf(flow, runs[flow], took)) || s.Runs < runs[flow] {
			return fmt.Errorf("the sums say that flow %s has cost %+v, its %d runs say %+v", flow, s, runs[flow], took)
		}
	}
	return nil
}

// tookOf adds up what the calls of a run took that have ended, or never will.
func tookOf(ctx context.Context, j journal.Journal, row journal.Row) (t cost.Taken, err error) {
	events, err := j.Read(ctx, row.ID, 0, 0)
	if err != nil {
		return t, err
	}
	st, err := replay.Fold(events)
	if err != nil {
		return t, err
	}
	if st.Ended() {
		st.LoseOpen()
	}
	for s := range st.InOrder() {
		for i := range s.Attempts {
			t = t.Plus(s.Attempts[i].Took().Believed())
		}
	}
	return t, nil
}

// same reports whether sums are the same but for the noise of binary fractions.
func same(a, b cost.Sum) bool {
	if a.CostUSD != nil && b.CostUSD != nil && math.Abs(*a.CostUSD-*b.CostUSD) <= 1e-9*(1+*a.CostUSD) {
		a.CostUSD = b.CostUSD
	}
	return reflect.DeepEqual(a, b)
}

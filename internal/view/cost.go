package view

import (
	"context"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
)

// Costs adds up what the calls of all runs have taken.
func (v *View) Costs(ctx context.Context, q cost.Query) (cost.Report, error) {
	if err := q.Check(); err != nil {
		return cost.Report{}, err
	}
	k, ok := v.journal.(cost.Keeper)
	if !ok {
		return cost.Report{}, &pawl.Error{Kind: pawl.ErrInput, Message: "what keeps these runs does not add up what they cost"}
	}
	return k.Costs(ctx, q)
}

package journal

import (
	"context"
	"slices"

	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/limit"
)

// SetLimit implements limit.Keeper.
func (m *Memory) SetLimit(ctx context.Context, l limit.Limit) error {
	return m.change(ctx, "set limit", func() error {
		limits, err := m.limits.Set(l, m.now())
		if err != nil {
			return err
		}
		m.limits = limits
		return nil
	})
}

// RemoveLimit implements limit.Keeper.
func (m *Memory) RemoveLimit(ctx context.Context, n limit.Name) error {
	return m.change(ctx, "remove limit", func() error {
		limits, there := m.limits.Remove(n)
		if !there {
			return refusal.NoLimit(n)
		}
		m.limits = limits
		return nil
	})
}

// Limits implements limit.Keeper.
func (m *Memory) Limits(ctx context.Context) ([]limit.Tally, error) {
	return holding(ctx, m, "list limits", func() ([]limit.Tally, error) {
		return m.limits.At(m.now()), nil
	})
}

// settled returns the limits when calls of a run have ended, and what is still reserved for
// it then. It changes nothing.
func (m *Memory) settled(r *memoryRun, ended []limit.Ended) (limit.Tallies, []limit.Reservation) {
	limits, reserved := m.limits, slices.Clone(r.reserved)
	for _, e := range ended {
		i := slices.IndexFunc(reserved, func(v limit.Reservation) bool { return v.Key == e.Key && v.Number == e.Number })
		if i >= 0 {
			limits = limits.Settle(reserved[i], e.Took)
			reserved = slices.Delete(reserved, i, i+1)
		}
	}
	return limits, reserved
}

// lose has what a run has reserved be spent.
func (m *Memory) lose(r *memoryRun) {
	for _, v := range r.reserved {
		m.limits = m.limits.Settle(v, v.May)
	}
	r.reserved = nil
}

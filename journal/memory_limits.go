package journal

import (
	"context"
	"slices"

	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/limit"
)

// SetLimit implements limit.Keeper.
func (m *Memory) SetLimit(ctx context.Context, l limit.Limit) error {
	if err := m.begin(ctx, "set limit"); err != nil {
		return err
	}
	defer m.mu.Unlock()
	limits, err := m.limits.Set(l, m.now())
	if err != nil {
		return err
	}
	m.limits = limits
	m.commit()
	return nil
}

// RemoveLimit implements limit.Keeper.
func (m *Memory) RemoveLimit(ctx context.Context, n limit.Name) error {
	if err := m.begin(ctx, "remove limit"); err != nil {
		return err
	}
	defer m.mu.Unlock()
	limits, there := m.limits.Remove(n)
	if !there {
		return refusal.NoLimit(n)
	}
	m.limits = limits
	m.commit()
	return nil
}

// Limits implements limit.Keeper.
func (m *Memory) Limits(ctx context.Context) ([]limit.Tally, error) {
	if err := m.begin(ctx, "list limits"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	return m.limits.At(m.now()), nil
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

package journal

import (
	"context"
	"slices"

	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// SetLimit implements Limits.
func (m *Memory) SetLimit(ctx context.Context, l Limit) error {
	if err := m.begin(ctx, "set limit"); err != nil {
		return err
	}
	defer m.mu.Unlock()
	limits, err := m.limits.Set(copyTally(Tally{Limit: l}).Limit, m.now())
	if err != nil {
		return err
	}
	m.limits = limits
	m.commit()
	return nil
}

// RemoveLimit implements Limits.
func (m *Memory) RemoveLimit(ctx context.Context, flow string, per Period) error {
	if err := m.begin(ctx, "remove limit"); err != nil {
		return err
	}
	defer m.mu.Unlock()
	limits, there := m.limits.Remove(flow, per)
	if !there {
		return refusal.NoLimit(Limit{Flow: flow}.Whose(), string(per))
	}
	m.limits = limits
	m.commit()
	return nil
}

// Limits implements Limits.
func (m *Memory) Limits(ctx context.Context) ([]Tally, error) {
	if err := m.begin(ctx, "list limits"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	return m.limits.At(m.now()), nil
}

// settle takes in what calls of a run took.
func (m *Memory) settle(r *memoryRun, ended []EndedCall) {
	for _, e := range ended {
		i := slices.IndexFunc(r.reserved, func(v Reservation) bool { return v.Key == e.Key && v.Number == e.Number })
		if i >= 0 {
			m.limits = m.limits.Settle(r.reserved[i], e.Took)
			r.reserved = slices.Delete(r.reserved, i, i+1)
		}
	}
}

// lose has what a run has reserved be spent.
func (m *Memory) lose(r *memoryRun) {
	for _, v := range r.reserved {
		m.limits = m.limits.Settle(v, v.May)
	}
	r.reserved = nil
}

package journal

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/schedule"
	"github.com/pawlrun/pawl/schema"
)

// Schedules implements schedule.Keeper.
func (m *Memory) Schedules(ctx context.Context) ([]schedule.Schedule, error) {
	return holding(ctx, m, "list schedules", func() ([]schedule.Schedule, error) {
		list := []schedule.Schedule{}
		for _, s := range m.schedules {
			stored, err := copySchedule(s)
			if err != nil {
				return nil, err
			}
			list = append(list, stored)
		}
		return list, nil
	})
}

// AddSchedule implements schedule.Keeper.
func (m *Memory) AddSchedule(ctx context.Context, s schedule.Schedule) error {
	return m.change(ctx, "add schedule", func() error {
		at, there := m.findSchedule(s.Name)
		if there {
			return refusal.ScheduleExists(s.Name)
		}
		s, err := copySchedule(s)
		if err != nil {
			return err
		}
		s.Revision = 1
		m.schedules = slices.Insert(m.schedules, at, s)
		return nil
	})
}

// UpdateSchedule implements schedule.Keeper.
func (m *Memory) UpdateSchedule(ctx context.Context, s schedule.Schedule) (revision int64, err error) {
	return changing(ctx, m, "change schedule", func() (int64, error) {
		at, there := m.findSchedule(s.Name)
		switch {
		case !there:
			return 0, refusal.NoSchedule(s.Name)
		case m.schedules[at].Revision != s.Revision:
			return 0, refusal.ScheduleChanged(s.Name)
		}
		if s, err = copySchedule(s); err != nil {
			return 0, err
		}
		s.Revision++
		m.schedules[at] = s
		return s.Revision, nil
	})
}

// RemoveSchedule implements schedule.Keeper.
func (m *Memory) RemoveSchedule(ctx context.Context, name string) error {
	return m.change(ctx, "remove schedule", func() error {
		at, there := m.findSchedule(name)
		if !there {
			return refusal.NoSchedule(name)
		}
		m.schedules = slices.Delete(m.schedules, at, at+1)
		return nil
	})
}

// findSchedule returns the place of a schedule, and whether it is there.
func (m *Memory) findSchedule(name string) (at int, there bool) {
	return slices.BinarySearchFunc(m.schedules, name, func(s schedule.Schedule, name string) int { return cmp.Compare(s.Name, name) })
}

// copySchedule returns a schedule that shares nothing, as one that is stored comes back.
func copySchedule(s schedule.Schedule) (c schedule.Schedule, err error) {
	body, err := schema.Marshal(s)
	if err == nil {
		err = json.Unmarshal(body, &c)
	}
	if err != nil {
		return c, &pawl.Error{Kind: pawl.ErrInternal, Message: "store schedule: " + err.Error(), Err: err}
	}
	c.Revision = s.Revision
	return c, nil
}

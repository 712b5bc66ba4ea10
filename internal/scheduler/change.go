package scheduler

import (
	"context"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schedule"
)

// Change changes a schedule as it stands, again if somebody else was faster, and returns
// what is stored then. change reports whether there is something to store. A schedule that
// is not there is ErrNotFound.
func Change(ctx context.Context, k schedule.Keeper, name string, change func(schedule.Schedule) (schedule.Schedule, bool)) (schedule.Schedule, error) {
	for {
		s, err := Find(ctx, k, name)
		if err != nil {
			return s, err
		}
		next, changed := change(s)
		if !changed {
			return s, nil
		}
		next.Revision, err = k.UpdateSchedule(ctx, next)
		if !errors.Is(err, pawl.ErrConflict) {
			return next, err
		}
	}
}

// Find returns the schedule of that name; ErrNotFound if there is none.
func Find(ctx context.Context, k schedule.Keeper, name string) (schedule.Schedule, error) {
	all, err := k.Schedules(ctx)
	if err != nil {
		return schedule.Schedule{}, err
	}
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
	}
	return schedule.Schedule{}, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no schedule %q", name)}
}

// RunNow makes a run of a schedule at once, whatever its times and policies say and also
// while it is paused. From then on that is its last run. who is recorded as the one who
// started it.
func RunNow(ctx context.Context, e pawl.Engine, k schedule.Keeper, f pawl.Flow, s schedule.Schedule, at pawl.Time, who string) (pawl.RunID, error) {
	o := s.Start(at)
	o.ID, o.Who = pawl.NewRunID(), who
	id, err := e.Start(ctx, f, s.Input, o)
	if err != nil {
		return id, err
	}
	_, err = Change(ctx, k, s.Name, func(now schedule.Schedule) (schedule.Schedule, bool) {
		now.Last = &schedule.Last{Run: id, At: at, Now: true}
		return now, true
	})
	return id, err
}

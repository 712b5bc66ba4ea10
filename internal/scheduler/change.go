package scheduler

import (
	"cmp"
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
// while it is paused, under an id; empty: a new one. From then on that is its last run. who is
// recorded as the one who started it. Where an id is returned the run is made: an error beside
// it is that of [NoteNow].
func RunNow(ctx context.Context, e pawl.Engine, k schedule.Keeper, f pawl.Flow, s schedule.Schedule, id pawl.RunID, at pawl.Time, who string) (pawl.RunID, error) {
	o := s.Start(at)
	o.ID, o.Who = cmp.Or(id, pawl.NewRunID()), who
	id, err := e.Start(ctx, f, s.Input, o)
	if err != nil {
		return "", err
	}
	return id, NoteNow(ctx, k, s.Name, id, at)
}

// NoteNow keeps with a schedule that a run was made at once, unless a later one is its last.
// It is ErrNotFound where the schedule was removed meanwhile.
func NoteNow(ctx context.Context, k schedule.Keeper, name string, run pawl.RunID, at pawl.Time) error {
	_, err := Change(ctx, k, name, func(now schedule.Schedule) (schedule.Schedule, bool) {
		if now.Last != nil && (now.Last.Run == run || now.Last.At.After(at.Time)) {
			return now, false
		}
		now.Last = &schedule.Last{Run: run, At: at, Now: true}
		return now, true
	})
	return err
}

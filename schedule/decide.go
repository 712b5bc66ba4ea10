package schedule

import (
	"slices"
	"time"

	"github.com/pawlrun/pawl"
)

// maxCounted bounds how far missed times are counted.
const maxCounted = 10_000

// Decide returns the schedule as it is to be stored: what is to become of all times up to
// now has been decided, by the policies. over says that the last run, if there was one, is
// over. It reports whether anything has changed. A schedule that is paused does not change.
// The error is that of a cron expression or a zone that is not known here.
func (s Schedule) Decide(now time.Time, over bool) (Schedule, bool, error) {
	c, err := ParseCron(s.Cron, s.Zone)
	if err != nil || s.Paused {
		return s, false, err
	}
	due := c.Count(s.Until.Time, now, maxCounted)
	if due == 0 {
		return s, false, nil
	}
	chosen := c.Latest(s.most(), s.Until.Time, now)
	if late := now.Sub(chosen[len(chosen)-1]) > Grace; late && s.Missed == MissedNone {
		chosen = nil
	}
	if passed := due - len(chosen); passed > 0 {
		until := now
		if len(chosen) > 0 {
			until = chosen[0].Add(-1)
		}
		s.skip(c.Latest(1, s.Until.Time, until)[0], SkipMissed, passed)
	}
	s.Waiting = slices.Clone(s.Waiting)
	for _, at := range chosen {
		if s.Overlap == OverlapSkip && (!over || len(s.Waiting) > 0) || len(s.Waiting) == MaxWaiting {
			s.skip(at, SkipOverlap, 1)
			continue
		}
		s.Waiting = append(s.Waiting, pawl.At(at))
	}
	s.Until = pawl.At(c.Latest(1, s.Until.Time, now)[0])
	return s, true, nil
}

// most is of how many times that are due at once a run is made.
func (s Schedule) most() int {
	if s.Missed == MissedAll {
		return s.MissedLimit
	}
	return 1
}

func (s *Schedule) skip(at time.Time, why SkipReason, n int) {
	count := int64(n)
	if s.Skipped != nil {
		count += s.Skipped.Count
	}
	s.Skipped = &Skipped{At: pawl.At(at), Why: why, Count: count}
}

// Ready returns the waiting times whose runs are to be made now. over is as in Decide.
func (s Schedule) Ready(over bool) []pawl.Time {
	switch {
	case s.Paused || len(s.Waiting) == 0:
		return nil
	case s.Overlap == OverlapAllow:
		return s.Waiting
	case over:
		return s.Waiting[:1]
	}
	return nil
}

// Made returns the schedule after the run for a waiting time was made.
func (s Schedule) Made(at pawl.Time) Schedule {
	s.Waiting = slices.DeleteFunc(slices.Clone(s.Waiting), func(t pawl.Time) bool { return t.Equal(at.Time) })
	s.Last, s.Problem = &Last{Run: s.RunID(at), At: at}, ""
	return s
}

// Pause returns the schedule paused: nothing is made any more, also for times that wait.
func (s Schedule) Pause() Schedule {
	s.Paused = true
	return s
}

// Resume returns the schedule as it goes on from now: what came while it was paused is
// neither made nor counted as missed, and what waited then is passed over.
func (s Schedule) Resume(now pawl.Time) Schedule {
	if n := len(s.Waiting); n > 0 {
		s.skip(s.Waiting[n-1].Time, SkipOverlap, n)
	}
	s.Paused, s.Waiting, s.Problem = false, nil, ""
	if now.After(s.Until.Time) {
		s.Until = now
	}
	return s
}

// IsOver reports whether a run of this status is no longer under way: it has ended, or
// stands at a failure until somebody does something.
func IsOver(status pawl.Status) bool {
	switch status {
	case pawl.StatusDone, pawl.StatusCanceled, pawl.StatusFailed:
		return true
	}
	return false
}

// Waits reports whether the run for a time is still to be made.
func (s Schedule) Waits(at pawl.Time) bool {
	return slices.ContainsFunc(s.Waiting, func(t pawl.Time) bool { return t.Equal(at.Time) })
}

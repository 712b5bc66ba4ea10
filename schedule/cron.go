package schedule

import (
	"slices"
	"time"
)

// Cron is a parsed cron expression in a time zone. See [ParseCron] for what it may hold.
//
// It speaks of the clock on the wall, which a change of the zone sets forward or back. An
// expression that names hours comes once for each time that it names: one that the clock
// skips comes at the moment at which it is set forward, and one that the clock shows twice
// comes the first time. One whose hours begin with * is one of hours that pass: what the
// clock skips does not come, and what it shows twice comes twice.
type Cron struct {
	minutes, hours, days, months, weekdays uint64 // one bit for each value that is let through

	either     bool // a day may fit by its date or by its weekday: both fields name some
	namesHours bool
	zone       *time.Location
}

// Zone returns the time zone.
func (c *Cron) Zone() *time.Location { return c.zone }

// maxYears is how far a time may be off: from one leap day to the next, over the turn of a
// century.
const maxYears = 9

// Next returns the first time after a moment. It is zero where the expression fits no date
// any more that can be told.
func (c *Cron) Next(after time.Time) time.Time {
	for t := after.Add(1).In(c.zone); t.Year() <= after.Year()+maxYears; {
		begin, end := t.ZoneBounds() // between them the clock only goes forward
		_, offset := t.Zone()
		was := offset
		if !begin.IsZero() {
			_, was = begin.Add(-1).Zone()
		}
		if c.namesHours && t.Equal(begin) && was < offset {
			if wall := c.nextWall(onWall(begin, was)); !wall.IsZero() && wall.Before(onWall(begin, offset)) {
				return begin
			}
		}
		wall := onWall(t, offset)
		if seen := onWall(begin, was); c.namesHours && was > offset && wall.Before(seen) {
			wall = seen // the clock has shown all before
		}
		wall = c.nextWall(wall)
		if wall.IsZero() {
			return time.Time{}
		}
		if next := wall.Add(-time.Duration(offset) * time.Second); end.IsZero() || next.Before(end) {
			return next.In(c.zone)
		}
		t = end.In(c.zone)
	}
	return time.Time{}
}

// onWall is what the clock on the wall shows, written as a time in UTC.
func onWall(t time.Time, offset int) time.Time {
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// nextWall returns the first whole minute from t on that the expression lets through;
// zero: there is none in the years to come.
func (c *Cron) nextWall(t time.Time) time.Time {
	if whole := t.Truncate(time.Minute); whole.Before(t) {
		t = whole.Add(time.Minute)
	}
	for last := t.Year() + maxYears; t.Year() <= last; {
		year, month, day := t.Date()
		switch {
		case !has(c.months, int(month)):
			t = time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC)
		case !c.hasDay(t):
			t = time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC)
		case !has(c.hours, t.Hour()):
			t = time.Date(year, month, day, t.Hour()+1, 0, 0, 0, time.UTC)
		case !has(c.minutes, t.Minute()):
			t = t.Add(time.Minute)
		default:
			return t
		}
	}
	return time.Time{}
}

func (c *Cron) hasDay(t time.Time) bool {
	date, weekday := has(c.days, t.Day()), has(c.weekdays, int(t.Weekday()))
	if c.either {
		return date || weekday
	}
	return date && weekday
}

func has(set uint64, value int) bool { return set&(1<<value) != 0 }

// Latest returns the last times after one moment and up to another, at most n of them, in
// order. It does not go through those before.
func (c *Cron) Latest(n int, after, until time.Time) (times []time.Time) {
	for len(times) < n {
		last := c.last(after, until)
		if last.IsZero() {
			break
		}
		times = append(times, last)
		until = last.Add(-1)
	}
	slices.Reverse(times)
	return times
}

// last returns the last time after one moment and up to another; zero: there is none.
func (c *Cron) last(after, until time.Time) time.Time {
	comes := func(from time.Time) time.Time {
		if next := c.Next(from); !next.After(until) {
			return next // may be zero
		}
		return time.Time{}
	}
	found := comes(after)
	for lo, hi := after, until; !found.IsZero() && hi.Sub(lo) > time.Second; {
		middle := lo.Add(hi.Sub(lo) / 2)
		if next := comes(middle); next.IsZero() {
			hi = middle
		} else {
			lo, found = middle, next
		}
	}
	return found
}

// Count returns how many times there are after one moment and up to another; most stands
// for that many or more.
func (c *Cron) Count(after, until time.Time, most int) (n int) {
	for t := c.Next(after); n < most && !t.IsZero() && !t.After(until); t = c.Next(t) {
		n++
	}
	return n
}

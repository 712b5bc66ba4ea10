package journal

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
)

// Tallies are all limits of a journal. Its methods are what every filling does with them:
// they change the tallies, and whoever fills a journal stores what they have changed.
type Tallies []Tally

// Reservation is what a call in flight has reserved, and of which limits.
type Reservation struct {
	Key    pawl.Key `json:"-"`
	Number int      `json:"-"`
	May    Taken    `json:"may"`
	In     []int64  `json:"in"` // the windows of the limits
}

// Set returns the tallies with a limit that was set at a time.
func (ts Tallies) Set(l Limit, at pawl.Time) (Tallies, error) {
	if err := CheckLimit(l); err != nil {
		return nil, err
	}
	l.SetAt = at
	ts = slices.Clone(ts)
	i, there := ts.find(l.Flow, l.Per)
	if !there {
		ts = slices.Insert(ts, i, Tally{Window: rand.Int64(), Since: at})
	}
	t := &ts[i]
	t.begin(at) // by what it was
	t.Limit, t.Until = l, l.end(at)
	return ts, nil
}

// Remove returns the tallies without a limit, and whether it was there.
func (ts Tallies) Remove(flow string, per Period) (Tallies, bool) {
	i, there := ts.find(flow, per)
	if !there {
		return ts, false
	}
	return slices.Delete(slices.Clone(ts), i, i+1), true
}

// find returns the place of a limit, and whether it is there.
func (ts Tallies) find(flow string, per Period) (int, bool) {
	return slices.BinarySearchFunc(ts, Limit{Flow: flow, Per: per}, func(t Tally, l Limit) int {
		return cmp.Or(cmp.Compare(t.Flow, l.Flow), cmp.Compare(slices.Index(Periods, t.Per), slices.Index(Periods, l.Per)))
	})
}

// At returns the tallies as they stand at a time.
func (ts Tallies) At(at pawl.Time) Tallies {
	now := make(Tallies, len(ts))
	for i, t := range ts {
		t.begin(at)
		now[i] = copyTally(t)
	}
	return now
}

// copyTally returns a tally that shares nothing.
func copyTally(t Tally) Tally {
	for _, p := range []**int64{&t.Most.Calls, &t.Most.Tokens} {
		if *p != nil {
			*p = new(**p)
		}
	}
	if t.Most.USD != nil {
		t.Most.USD = new(*t.Most.USD)
	}
	return t
}

// Reserve returns the tallies with what calls of runs of a flow may take that leave at a
// time, and their reservations. The error is that of Append, and then nothing is reserved.
func (ts Tallies) Reserve(run pawl.RunID, flow string, calls []Call, at pawl.Time) (Tallies, []Reservation, error) {
	if len(ts) == 0 || len(calls) == 0 {
		return ts, nil, nil
	}
	ts = slices.Clone(ts)
	for i := range ts {
		ts[i].begin(at)
	}
	var over OverLimit
	var made []Reservation
	for _, c := range calls {
		if worst := ts.over(flow, c); worst != nil {
			over.Calls = append(over.Calls, *worst)
			continue
		}
		r := Reservation{Key: c.Key, Number: c.Number, May: c.Reserve.Taken()}
		for i := range ts {
			if ts[i].isOf(flow) {
				ts[i].Reserved = ts[i].Reserved.Plus(r.May)
				r.In = append(r.In, ts[i].Window)
			}
		}
		if r.In != nil {
			made = append(made, r)
		}
	}
	if over.Calls != nil {
		return nil, nil, over.refusal(run)
	}
	return ts, made, nil
}

// over returns what is in a call's way; nil: nothing is.
func (ts Tallies) over(flow string, c Call) (worst *Over) {
	if c.Reserve != nil && c.Reserve.Beyond {
		return nil
	}
	may := c.Reserve.Taken()
	for _, t := range ts {
		if !t.isOf(flow) || t.Spent.Plus(t.Reserved).Plus(may).Within(t.Most) {
			continue
		}
		least := t.Spent.Plus(may)
		least.Calls += t.Reserved.Calls
		is := &Over{Key: c.Key, Limit: copyTally(t), Waits: least.Within(t.Most) && t.Reserved.Unpriced == 0,
			Unpriced: t.Most.USD != nil && may.Unpriced+t.Spent.Unpriced+t.Reserved.Unpriced > 0}
		if worst == nil || is.outlasts(worst) {
			worst = is
		}
	}
	return worst
}

// outlasts reports whether o is in the way longer than other.
func (o *Over) outlasts(other *Over) bool {
	switch {
	case o.Waits != other.Waits:
		return other.Waits
	case o.Limit.Until.IsZero() || other.Limit.Until.IsZero():
		return o.Limit.Until.IsZero() && !other.Limit.Until.IsZero()
	}
	return o.Limit.Until.After(other.Limit.Until.Time)
}

// Settle takes in what a call took, in the place of what it had reserved. What was reserved
// of a time that is over by now changes nothing.
func (ts Tallies) Settle(r Reservation, took Taken) Tallies {
	ts = slices.Clone(ts)
	for i := range ts {
		if slices.Contains(r.In, ts[i].Window) {
			ts[i].Reserved, ts[i].Spent = ts[i].Reserved.Minus(r.May), ts[i].Spent.Plus(took)
		}
	}
	return ts
}

// isOf reports whether a limit counts the runs of a flow.
func (l Limit) isOf(flow string) bool { return l.Flow == "" || l.Flow == flow }

// begin begins a tally anew if the time for which it counted is over.
func (t *Tally) begin(at pawl.Time) {
	if t.Until.IsZero() || at.Before(t.Until.Time) {
		return
	}
	since := t.Until // of the time that at is in, if not more than one is over
	if next := t.end(since); !at.Before(next.Time) {
		since = at
	}
	t.Window, t.Since, t.Until = rand.Int64(), since, t.end(at)
	t.Spent, t.Reserved = Taken{}, Taken{}
}

// end is when the limit begins anew that counts at a time; zero: never.
func (l Limit) end(at pawl.Time) pawl.Time {
	zone, err := time.LoadLocation(l.Zone)
	if err != nil { // it was known when the limit was set
		zone = time.UTC
	}
	y, m, d := at.In(zone).Date()
	switch l.Per {
	case PerDay:
		d++
	case PerMonth:
		m, d = m+1, 1
	default:
		return pawl.Time{}
	}
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	end := time.Date(y, m, d, 0, 0, 0, 0, zone)
	for end.Day() != want.Day() { // there is no midnight that day: the clock is put forward
		end = end.Add(15 * time.Minute)
	}
	return pawl.At(end)
}

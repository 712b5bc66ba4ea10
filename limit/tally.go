package limit

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/pawlrun/pawl"
)

// Tally is a limit with what it has counted.
type Tally struct {
	Limit
	Window   int64     `json:"window"`         // names the time for which it counts: another for each
	Since    pawl.Time `json:"since"`          // from when on it has counted
	Until    pawl.Time `json:"until,omitzero"` // then it begins anew; zero: never
	Spent    Taken     `json:"spent"`          // by calls that have ended, and those whose outcome nobody will know
	Reserved Taken     `json:"reserved"`       // for calls in flight
}

// Tallies are all limits of a store, in the order of [Keeper.Limits]. Its methods are what
// every keeper does with them: they return changed ones, which the keeper is to store.
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
	if err := l.Check(); err != nil {
		return nil, err
	}
	l = copyTally(Tally{Limit: l}).Limit
	l.SetAt = at
	ts = slices.Clone(ts)
	i, there := ts.find(l.Name())
	if !there {
		ts = slices.Insert(ts, i, Tally{Window: rand.Int64(), Since: at})
	}
	t := &ts[i]
	t.begin(at) // by what it was
	if t.Most.USD == nil && l.Most.USD != nil {
		t.Spent.Unpriced = 0 // dollars begin at what is known
	}
	t.Limit, t.Until = l, l.end(at)
	return ts, nil
}

// Remove returns the tallies without a limit, and whether it was there.
func (ts Tallies) Remove(n Name) (Tallies, bool) {
	i, there := ts.find(n)
	if !there {
		return ts, false
	}
	return slices.Delete(slices.Clone(ts), i, i+1), true
}

// find returns the place of a limit, and whether it is there.
func (ts Tallies) find(n Name) (int, bool) {
	return slices.BinarySearchFunc(ts, n, func(t Tally, n Name) int {
		return cmp.Or(cmp.Compare(t.Flow, n.Flow), cmp.Compare(slices.Index(Periods(), t.Per), slices.Index(Periods(), n.Per)))
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
	var over Exceeded
	var made []Reservation
	for _, c := range calls {
		if worst := ts.over(flow, c); worst != nil {
			over.Calls = append(over.Calls, *worst)
			continue
		}
		r := Reservation{Key: c.Key, Number: c.Number, May: c.May}
		if c.Beyond { // somebody has answered for a price that is not known
			r.May.Unpriced = 0
		}
		for i := range ts {
			if ts[i].Name().Counts(flow) {
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
	if c.Beyond {
		return nil
	}
	for _, t := range ts {
		if !t.Name().Counts(flow) || t.Spent.Plus(t.Reserved).Plus(c.May).Within(t.Most) {
			continue
		}
		least := t.Spent.Plus(c.May)
		least.Calls += t.Reserved.Calls
		is := &Over{Key: c.Key, Limit: copyTally(t), Waits: least.Within(t.Most) && t.Reserved.Unpriced == 0,
			Unpriced: t.Most.USD != nil && c.May.Unpriced+t.Spent.Unpriced+t.Reserved.Unpriced > 0}
		if worst == nil || is.outlasts(worst) {
			worst = is
		}
	}
	return worst
}

// Settle takes in what a call took, in the place of what it had reserved. What was reserved
// of a time that is over by now changes nothing.
func (ts Tallies) Settle(r Reservation, took Taken) Tallies {
	ts = slices.Clone(ts)
	took.Unpriced = min(took.Unpriced, r.May.Unpriced)
	for i := range ts {
		if slices.Contains(r.In, ts[i].Window) {
			ts[i].Reserved, ts[i].Spent = ts[i].Reserved.Minus(r.May), ts[i].Spent.Plus(took)
		}
	}
	return ts
}

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

// Left is what is left of each thing that is limited; dollars are nil also where a price was
// missing.
func (t Tally) Left() (left pawl.Budget) {
	gone := t.Spent.Plus(t.Reserved)
	if m := t.Most.Calls; m != nil {
		left.Calls = new(max(0, *m-gone.Calls))
	}
	if m := t.Most.Tokens; m != nil {
		left.Tokens = new(max(0, *m-gone.Tokens))
	}
	if m := t.Most.USD; m != nil && gone.Unpriced == 0 {
		left.USD = new(max(0, neat(*m-gone.USD)))
	}
	return left
}

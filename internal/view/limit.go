package view

import (
	"context"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/limit"
)

// Limit is a limit of what the calls of models of many runs take together, as it stands.
type Limit struct {
	Flow     string        `json:"flow"`     // whose runs it counts; empty: all of the data directory
	Per      string        `json:"per"`      // in which time: day, month or total
	Zone     string        `json:"tz"`       // the time zone whose days and months count
	Limit    pawl.Budget   `json:"limit"`    // what they may take
	Spent    pawl.Spending `json:"spent"`    // by calls that have ended; of those whose outcome nobody will know, what they had reserved
	Reserved pawl.Spending `json:"reserved"` // for the calls in flight, as estimated
	Left     pawl.Budget   `json:"left"`     // of each thing that is limited; dollars are null also where a price was missing
	Since    pawl.Time     `json:"since"`    // from when on it has counted
	Until    *pawl.Time    `json:"until"`    // then it begins anew; null: never
	Who      string        `json:"who"`      // who set it; may be empty
	SetAt    pawl.Time     `json:"set_at"`   // when
}

// Limits returns all limits as they stand: that of all runs first, then by flow. A journal
// that keeps none has none.
func (v *View) Limits(ctx context.Context) ([]Limit, error) {
	list := []Limit{}
	j, ok := v.journal.(limit.Keeper)
	if !ok {
		return list, nil
	}
	all, err := j.Limits(ctx)
	for _, t := range all {
		list = append(list, LimitOf(t))
	}
	return list, err
}

// LimitOf is how a limit stands.
func LimitOf(t limit.Tally) Limit {
	l := Limit{Flow: t.Flow, Per: string(t.Per), Zone: t.Zone, Limit: t.Most, Spent: t.Spent.Spending(), Reserved: t.Reserved.Spending(), Left: t.Left(),
		Since: t.Since, Who: t.Who, SetAt: t.SetAt}
	if !t.Until.IsZero() {
		l.Until = &t.Until
	}
	return l
}

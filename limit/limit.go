package limit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
)

// Keeper keeps limits, and is what a journal offers that counts. Its methods behave like
// those of a journal.Journal.
//
// A limit counts the calls that leave while it is there: Append reserves what a call may
// take in the transaction that stores its intent, and refuses the batch with [Exceeded] if
// that does not fit; it puts what the call took in the place of that with its outcome. What
// a call had reserved whose outcome nobody will know, since its run was claimed anew,
// released or removed, is spent. To remove a run gives nothing back.
type Keeper interface {
	// SetLimit stores a limit, in the place of the one with the same name: what that had
	// counted still counts. The error is ErrInput if it is none, see Limit.Check.
	SetLimit(ctx context.Context, l Limit) error

	// RemoveLimit removes a limit and what it had counted; ErrNotFound if there is none.
	RemoveLimit(ctx context.Context, n Name) error

	// Limits lists the limits as they stand, that of the store first, then by flow, and
	// those of one flow from the shortest period to the longest.
	Limits(ctx context.Context) ([]Tally, error)
}

// Period is how long a limit counts before it begins anew.
type Period string

const (
	PerDay   Period = "day"   // a calendar day of its zone
	PerMonth Period = "month" // a calendar month of its zone
	PerTotal Period = "total" // it never begins anew
)

// Periods returns all periods, from the shortest to the longest.
func Periods() []Period { return []Period{PerDay, PerMonth, PerTotal} }

// Each says of what stands before it in which time: "a day", "a month", "in all".
func (p Period) Each() string {
	if p == PerTotal {
		return "in all"
	}
	return "a " + string(p)
}

// Name says which limit it is: there is one for each flow and period, and one of each
// period for the whole store.
type Name struct {
	Flow string `json:"flow,omitempty"` // whose runs it counts; empty: all of the store
	Per  Period `json:"per"`            // in which time
}

// Limit bounds what the calls of models of many runs take together.
type Limit struct {
	Flow  string      `json:"flow"`   // whose runs; empty: all of the store
	Per   Period      `json:"per"`    // in which time
	Zone  string      `json:"tz"`     // an IANA time zone, whose days and months count
	Most  pawl.Budget `json:"limit"`  // what they may take
	Who   string      `json:"who"`    // set it; may be empty
	SetAt pawl.Time   `json:"set_at"` // when; the keeper's to say
}

// Name is the limit's name.
func (l Limit) Name() Name { return Name{Flow: l.Flow, Per: l.Per} }

// Counts reports whether a limit counts the runs of a flow.
func (n Name) Counts(flow string) bool { return n.Flow == "" || n.Flow == flow }

// Whose says whose runs a limit counts.
func (n Name) Whose() string {
	if n.Flow == "" {
		return "all runs together"
	}
	return "flow " + n.Flow
}

// Check refuses a limit that is none: ErrInput, and it names the field.
func (l Limit) Check() error {
	wrong := func(format string, args ...any) error {
		return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf(format, args...)}
	}
	if !slices.Contains(Periods(), l.Per) {
		return wrong("per is %q, wants one of day, month, total", l.Per)
	}
	if !IsZone(l.Zone) {
		return wrong("time zone %q is not known; wants one as in Europe/Berlin, or UTC", l.Zone)
	}
	m := l.Most
	switch {
	case m == (pawl.Budget{}):
		return wrong("a limit wants usd, tokens or calls")
	case m.USD != nil && !(*m.USD >= 0 && *m.USD <= 1e12):
		return wrong("usd is %v, wants a number of 0 or more", *m.USD)
	case m.Tokens != nil && *m.Tokens < 0:
		return wrong("tokens is %d, wants 0 or more", *m.Tokens)
	case m.Calls != nil && *m.Calls < 0:
		return wrong("calls is %d, wants 0 or more", *m.Calls)
	}
	return nil
}

// end is when the limit begins anew that counts at a time; zero: never.
func (l Limit) end(at pawl.Time) pawl.Time {
	zone := zoneOf(l.Zone)
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

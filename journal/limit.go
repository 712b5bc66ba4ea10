package journal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
)

// Limits is what a Journal also offers to bound what the calls of models of all runs take
// together. Its methods behave like the Journal's.
//
// A limit counts the calls that leave while it is there: Append reserves what a call may
// take in the transaction that stores its intent, and refuses the batch with [OverLimit] if
// that does not fit; it puts what the call took in the place of that with its outcome. What
// a call had reserved whose outcome nobody will know, since its run was claimed anew,
// released or removed, is spent. To remove a run gives nothing back.
type Limits interface {
	// SetLimit stores a limit, in the place of the one for the same flow and period: what
	// that had counted still counts. The error is ErrInput if it is none, see CheckLimit.
	SetLimit(ctx context.Context, l Limit) error

	// RemoveLimit removes a limit and what it had counted; ErrNotFound if there is none.
	RemoveLimit(ctx context.Context, flow string, per Period) error

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

// Periods are all periods, from the shortest to the longest.
var Periods = []Period{PerDay, PerMonth, PerTotal}

// Limit bounds what the calls of models of many runs take together.
type Limit struct {
	Flow  string      `json:"flow"`   // whose runs; empty: all of the store
	Per   Period      `json:"per"`    // in which time
	Zone  string      `json:"tz"`     // an IANA time zone, whose days and months count
	Most  pawl.Budget `json:"limit"`  // what they may take
	Who   string      `json:"who"`    // set it; may be empty
	SetAt pawl.Time   `json:"set_at"` // when; the journal's to say
}

// Tally is a limit with what it has counted.
type Tally struct {
	Limit
	Window   int64     `json:"window"`         // names the time for which it counts: another for each
	Since    pawl.Time `json:"since"`          // from when on it has counted
	Until    pawl.Time `json:"until,omitzero"` // then it begins anew; zero: never
	Spent    Taken     `json:"spent"`          // by calls that have ended, and those whose outcome nobody will know
	Reserved Taken     `json:"reserved"`       // for calls in flight
}

// Call is a call of a model that leaves when its batch is stored.
type Call struct {
	Key     pawl.Key
	Number  int // of its attempt
	Reserve *Reserve
}

// EndedCall is such a call that has ended.
type EndedCall struct {
	Key    pawl.Key
	Number int
	Took   Taken
}

// OverLimit is why a batch was refused: calls in it do not fit limits beside those before
// them. Nothing of the batch is stored and the claim holds, so that it can be appended
// without them. It is found with errors.As.
type OverLimit struct {
	Calls []Over // in the order of the batch
}

// Over is a call that does not fit a limit: of several, the one that is in its way longest.
type Over struct {
	Key   pawl.Key
	Limit Tally // as it stands with the calls of the batch before this one

	// Waits: it would fit if the calls in flight took nothing, so that it may when they have
	// ended. Unpriced: the limit is in dollars, and what the call may cost, or what others
	// took before, is not known.
	Waits, Unpriced bool
}

func (o *OverLimit) Error() string {
	first := o.Calls[0]
	return fmt.Sprintf("%d calls do not fit what %s may take, first that of step %q", len(o.Calls), first.Limit.Whose(), first.Key)
}

// refusal is o as Append returns it.
func (o *OverLimit) refusal(run pawl.RunID) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Run: run, Step: o.Calls[0].Key, Message: o.Error(), Err: o}
}

// Whose says whose runs a limit is for.
func (l Limit) Whose() string {
	if l.Flow == "" {
		return "all runs together"
	}
	return "flow " + l.Flow
}

// CheckLimit refuses a limit that is none: ErrInput, and it names the field.
func CheckLimit(l Limit) error {
	wrong := func(format string, args ...any) error {
		return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf(format, args...)}
	}
	if !slices.Contains(Periods, l.Per) {
		return wrong("per is %q, wants one of day, month, total", l.Per)
	}
	if _, err := time.LoadLocation(l.Zone); err != nil || l.Zone == "" || l.Zone == "Local" {
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

package cost

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
)

// Keeper keeps sums, and is what a journal offers that counts. Its method behaves like those
// of a journal.Journal.
//
// Every event that a run here adds counts, and nothing else: what a run takes over from
// another was paid there, and what came from a file was paid elsewhere. To remove a run
// takes nothing off; which one it was, is forgotten.
type Keeper interface {
	// Costs adds up what calls took. The error is ErrInput if the query is none, see
	// Query.Check.
	Costs(ctx context.Context, q Query) (Report, error)
}

// By says what the sums are of.
type By string

const (
	ByFlow  By = "flow"  // the flow whose run made the call
	ByModel By = "model" // the model that was asked, provider/model
	ByDay   By = "day"   // a calendar day of the query's zone
)

// Ways returns all of them.
func Ways() []By { return []By{ByFlow, ByModel, ByDay} }

// Query says which calls are added up, and how. By day, Since goes back to where its day
// begins; otherwise to where its quarter of an hour does.
type Query struct {
	By    By
	Since time.Time // calls that ended before do not count; zero: all do
	Flow  string    // only calls of runs of this flow; empty: of all
	Zone  string    // an IANA time zone, whose days count; empty: UTC
}

// Report is what calls of models have taken.
type Report struct {
	By    By         `json:"by"`    // what each sum is of: flow, model or day
	Since *pawl.Time `json:"since"` // calls that ended before do not count; null: all do
	Flow  string     `json:"flow"`  // only its runs; empty: all of the data directory
	Zone  string     `json:"tz"`    // the time zone whose days count
	Total Sum        `json:"total"` // all of them together
	Sums  []Sum      `json:"sums"`  // by flow and by model what cost most first, by day the newest first
}

// Check refuses a query that is none: ErrInput, and it names the field.
func (q Query) Check() error {
	if !slices.Contains(Ways(), q.By) {
		return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("by is %q, wants one of flow, model, day", q.By)}
	}
	if _, err := time.LoadLocation(q.Zone); err != nil || q.Zone == "Local" {
		return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("time zone %q is not known; wants one as in Europe/Berlin, or UTC", q.Zone)}
	}
	return nil
}

// Location is the zone; UTC, if it is not known.
func (q Query) Location() *time.Location {
	if zone, err := time.LoadLocation(q.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// quarter is how many seconds a quarter of an hour has.
const quarter = 15 * 60

// QuarterOf returns in which quarter of an hour since 1970 a time is.
func QuarterOf(at pawl.Time) int64 {
	s := at.Unix()
	return (s - (s%quarter+quarter)%quarter) / quarter
}

// First returns the first quarter of an hour that counts.
func (q Query) First() int64 {
	if q.Since.IsZero() {
		return math.MinInt64
	}
	if q.By != ByDay {
		return QuarterOf(pawl.At(q.Since))
	}
	since := q.Since.In(q.Location())
	y, m, d := since.Date()
	first := QuarterOf(pawl.At(time.Date(y, m, d, 0, 0, 0, 0, q.Location())))
	// Where clocks are changed at midnight a day begins later, or has two of them.
	for day := since.Format(time.DateOnly); q.Day(first) < day; {
		first++
	}
	for q.Day(first-1) == q.Day(first) {
		first--
	}
	return first
}

// Day returns the day of a quarter of an hour, as sums name it.
func (q Query) Day(of int64) string {
	return time.Unix(of*quarter, 0).In(q.Location()).Format(time.DateOnly)
}

// Report returns the sums of the query in their order.
func (q Query) Report(total Sum, sums []Sum) Report {
	r := Report{By: q.By, Flow: q.Flow, Zone: cmp.Or(q.Zone, "UTC"), Total: total, Sums: sums}
	if !q.Since.IsZero() {
		r.Since = new(pawl.At(time.Unix(q.First()*quarter, 0)))
	}
	if sums == nil {
		r.Sums = []Sum{}
	}
	slices.SortFunc(r.Sums, func(a, b Sum) int {
		if q.By == ByDay {
			return cmp.Compare(b.Name, a.Name)
		}
		return cmp.Or(cmp.Compare(b.dollars(), a.dollars()), cmp.Compare(b.ModelCalls, a.ModelCalls), cmp.Compare(a.Name, b.Name))
	})
	return r
}

func (s Sum) dollars() float64 {
	if s.CostUSD == nil {
		return 0
	}
	return *s.CostUSD
}

package limit_test

import (
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/limit"
)

// A limit begins anew with the calendar of its zone, also where clocks change at midnight,
// and never twice for one day.
func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		per            limit.Period
		zone, at, ends string
	}{
		{limit.PerDay, "UTC", "2026-11-29T23:59:59.999Z", "2026-11-30T00:00:00Z"},
		{limit.PerDay, "UTC", "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"},
		{limit.PerDay, "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T23:00:00Z"},     // 25 hours
		{limit.PerDay, "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-29T22:00:00Z"},     // 23 hours
		{limit.PerDay, "America/Sao_Paulo", "2018-11-04T02:30:00Z", "2018-11-04T03:00:00Z"}, // the next day begins at 01:00
		{limit.PerDay, "America/Havana", "2026-03-08T04:30:00Z", "2026-03-08T05:00:00Z"},
		{limit.PerMonth, "Asia/Tokyo", "2026-12-31T14:00:00Z", "2026-12-31T15:00:00Z"},
		{limit.PerMonth, "UTC", "2028-01-31T14:00:00Z", "2028-02-01T00:00:00Z"},
		{limit.PerTotal, "UTC", "2026-11-29T23:59:59Z", ""},
	} {
		at := func(s string) pawl.Time {
			v, err := time.Parse(time.RFC3339, s)
			if err != nil {
				t.Fatal(err)
			}
			return pawl.At(v)
		}
		ts, err := limit.Tallies(nil).Set(limit.Limit{Per: c.per, Zone: c.zone, Most: pawl.Budget{Calls: new(int64(1))}}, at(c.at))
		if err != nil {
			t.Fatal(err)
		}
		if c.ends == "" {
			if !ts[0].Until.IsZero() {
				t.Errorf("%s ends at %s", c.per, ts[0].Until)
			}
			continue
		}
		if end := at(c.ends); ts[0].Until != end {
			t.Errorf("%s in %s at %s ends at %s, want %s", c.per, c.zone, c.at, ts[0].Until, c.ends)
		}
		call := []limit.Call{{Key: "a", Number: 1, May: limit.Taken{Calls: 1, Tokens: 1}}}
		ts, made, err := ts.Reserve("r", "f", call, at(c.at))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := ts.Reserve("r", "f", call, pawl.At(at(c.ends).Add(-time.Millisecond))); err == nil {
			t.Errorf("%s in %s: a second call fits before the end", c.per, c.zone)
		}
		next, _, err := ts.Reserve("r", "f", call, at(c.ends))
		if err != nil {
			t.Fatalf("%s in %s: %v", c.per, c.zone, err)
		}
		if next = next.Settle(made[0], limit.Taken{Calls: 1}); next[0].Spent.Calls != 0 || next[0].Reserved.Calls != 1 || next[0].Since != at(c.ends) {
			t.Errorf("a call of the time before is counted: %+v", next[0])
		}
		if _, _, err := next.Reserve("r", "f", call, at(c.at)); err == nil {
			t.Errorf("%s in %s: it begins anew when the clock is set back", c.per, c.zone)
		}
	}
}

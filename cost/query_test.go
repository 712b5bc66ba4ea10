package cost_test

import (
	"testing"
	"time"

	"github.com/pawlrun/pawl/cost"
)

// A day begins with its first quarter of an hour, also where clocks are changed at midnight.
func TestFirstOfDay(t *testing.T) {
	for _, tt := range []struct{ zone, since, first string }{
		{"", "2018-11-04T12:20:00Z", "2018-11-04T00:00:00Z"},
		{"Asia/Kathmandu", "2018-11-04T12:20:00Z", "2018-11-03T18:15:00Z"},
		{"America/Sao_Paulo", "2018-11-04T12:20:00Z", "2018-11-04T03:00:00Z"}, // it begins at 1
		{"Africa/Cairo", "2024-04-26T12:20:00Z", "2024-04-25T22:00:00Z"},      // likewise
		{"Asia/Beirut", "2022-03-27T12:20:00Z", "2022-03-26T22:00:00Z"},       // likewise
		{"America/Havana", "2018-11-04T12:20:00Z", "2018-11-04T04:00:00Z"},    // it has two midnights
		{"America/Havana", "2018-11-04T04:20:00Z", "2018-11-04T04:00:00Z"},
		{"America/Havana", "2018-11-04T05:20:00Z", "2018-11-04T04:00:00Z"},
	} {
		since, err := time.Parse(time.RFC3339, tt.since)
		if err != nil {
			t.Fatal(err)
		}
		q := cost.Query{By: cost.ByDay, Zone: tt.zone, Since: since}
		if got := time.Unix(q.First()*15*60, 0).UTC().Format(time.RFC3339); got != tt.first {
			t.Errorf("in %s the day of %s begins at %s, want %s", tt.zone, tt.since, got, tt.first)
		}
	}
}

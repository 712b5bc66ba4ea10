package page

import (
	"time"

	"github.com/pawlrun/pawl"
)

// Notice says what has become of telling somebody that a run came to rest.
func Notice(zone *time.Location, n pawl.Notice) string {
	rest := string(n.Status) + " of " + n.At.In(zone).Format(time.DateTime)
	why := ""
	if n.Problem != "" {
		why = " (" + n.Problem + ")"
	}
	switch {
	case n.ToldAt != nil:
		return rest + " at " + n.ToldAt.In(zone).Format(time.DateTime) + " to " + n.To
	case n.GaveUpAt != nil:
		return rest + " not to " + n.To + ": given up at " + n.GaveUpAt.In(zone).Format(time.DateTime) + why
	case n.Since != nil:
		return rest + " not yet to " + n.To + ": tried in vain since " + n.Since.In(zone).Format(time.DateTime) + why
	}
	return rest + " not yet to " + n.To
}

package limit

import (
	"time"

	"github.com/pawlrun/pawl"
)

// IsZone reports whether a limit may be in a time zone: one of the IANA database, by its name.
func IsZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local"
}

// zoneOf is a time zone, or UTC where this machine does not know it: it was known where the
// limit was set.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// When is a time as people of a time zone write it.
func When(at pawl.Time, zone string) string {
	return at.In(zoneOf(zone)).Format("2006-01-02 15:04 MST")
}

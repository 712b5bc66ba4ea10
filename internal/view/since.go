package view

import (
	"strconv"
	"strings"
	"time"
)

// SetSince sets Since to what a person says: a point in time, as RFC 3339 or a date, which
// is of that zone, or an age that it had, as in 90m, 12h or 2d. False: it is none of them.
func (s *Selection) SetSince(text string, now time.Time, zone *time.Location) (ok bool) {
	at, ok := pointInTime(text, now, zone)
	if ok {
		s.Since = at
	}
	return ok
}

func pointInTime(s string, now time.Time, zone *time.Location) (time.Time, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n < 1e5 {
			return now.AddDate(0, 0, -n), true
		}
	}
	if age, err := time.ParseDuration(s); err == nil && age >= 0 {
		return now.Add(-age), true
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

package pawl

import (
	"crypto/rand"
	"strings"
	"time"
)

// RunID names a run: 12 characters of 0-9 a-v, random. A person may write a
// unique prefix of it.
type RunID string

// NewRunID returns a new random id (60 bits).
func NewRunID() RunID {
	const digits = "0123456789abcdefghijklmnopqrstuv"
	var b [12]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	for i := range b {
		b[i] = digits[b[i]&31]
	}
	return RunID(b[:])
}

// Key names a step within its run, as a path: "outline", "review#2",
// "sections[3]/write", "checks/tone/score". See docs/journal.md for the grammar.
type Key string

// Name returns the key's last name without its repeat number:
// "sections[3]/write#2" gives "write".
func (k Key) Name() string {
	s := string(k)
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	if i := strings.IndexAny(s, "#["); i >= 0 {
		s = s[:i]
	}
	return s
}

// Seq is an event's place in its run: 1 for the first, then without gaps.
type Seq int64

// Time is a point in time as records show it: RFC 3339, UTC, milliseconds.
type Time struct{ time.Time }

// At returns t in UTC, cut to milliseconds.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

const timeLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON writes the time with exactly three decimals.
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(t.UTC().Format(`"` + timeLayout + `"`)), nil
}

package pawl

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
)

// RunID names a run: 12 characters of 0-9 a-v. A person may write a
// unique prefix of it.
type RunID string

// NewRunID returns a new random id (60 bits).
func NewRunID() RunID {
	var b [12]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return runID(b)
}

// RunIDOf returns the id that belongs to these parts: the same for the same
// parts in the same order, and otherwise another one.
func RunIDOf(parts ...string) RunID {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d %s", len(p), p)
	}
	return runID([12]byte(h.Sum(nil)))
}

const idDigits = "0123456789abcdefghijklmnopqrstuv"

func runID(b [12]byte) RunID {
	for i := range b {
		b[i] = idDigits[b[i]&31]
	}
	return RunID(b[:])
}

// Valid reports whether id has the form of a run's id.
func (id RunID) Valid() bool {
	return len(id) == 12 && strings.Trim(string(id), idDigits) == ""
}

// Key names a step within its run, as a path: "outline", "review#2",
// "sections[3]/write", "checks/tone/score". See docs/reference/journal.md for the grammar.
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

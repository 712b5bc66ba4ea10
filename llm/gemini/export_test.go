package gemini

import "time"

// ShortenGrace has streams that stay open be given up after d. It returns what puts back
// how long it was.
func ShortenGrace(d time.Duration) (restore func()) {
	before := endGrace
	endGrace = d
	return func() { endGrace = before }
}

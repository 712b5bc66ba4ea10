package wire

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is the longest delay that is believed. A longer one is ignored, as
// is a negative one or nonsense: the caller then waits as long as it would without.
const maxRetryAfter = time.Hour

// retryAfter reads how long the server asks us to wait; 0 if it does not say.
func retryAfter(h http.Header) time.Duration {
	if d := delay(h.Get("Retry-After-Ms"), time.Millisecond); d > 0 {
		return d
	}
	value := h.Get("Retry-After")
	if d := delay(value, time.Second); d > 0 {
		return d
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return believable(at.Sub(clockOf(h)))
}

// clockOf is the server's own clock, where it tells it: that spares us the difference.
func clockOf(h http.Header) time.Time {
	if now, err := http.ParseTime(h.Get("Date")); err == nil {
		return now
	}
	return time.Now()
}

func delay(value string, unit time.Duration) time.Duration {
	n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || math.IsNaN(n) || n > float64(maxRetryAfter/unit) {
		return 0
	}
	return believable(time.Duration(n * float64(unit)))
}

func believable(d time.Duration) time.Duration {
	if d <= 0 || d > maxRetryAfter {
		return 0
	}
	return d
}

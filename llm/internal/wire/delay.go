package wire

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// maxSentence is as much of a sentence as is searched for a delay.
const maxSentence = 4 << 10

// waits are the words before a delay in a sentence.
var waits = []string{
	"try again in ",    // OpenAI, Groq: "Please try again in 42.5s", "in 6m0s", "in 20ms"
	"try again after ", // gateways
	"retry in ",        // Gemini: "Please retry in 39.6s."
	"retry after ",     // Azure: "Please retry after 27 seconds."
	"reset after ",     // Gemini Code Assist: "Your quota will reset after 2h7m23s."
	"please wait ",     // gateways
}

var units = map[string]time.Duration{
	"ms": time.Millisecond, "millisecond": time.Millisecond, "milliseconds": time.Millisecond,
	"s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second,
	"m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hrs": time.Hour, "hour": time.Hour, "hours": time.Hour,
}

// limits are the headers that say what is left of a limit, and when it is full again.
var limits = []struct{ remaining, reset string }{
	{"X-Ratelimit-Remaining-Requests", "X-Ratelimit-Reset-Requests"}, // OpenAI, Groq: "6m0s", "120ms"
	{"X-Ratelimit-Remaining-Tokens", "X-Ratelimit-Reset-Tokens"},
	{"X-Ratelimit-Remaining", "X-Ratelimit-Reset"},                                           // OpenRouter: milliseconds since 1970
	{"Anthropic-Ratelimit-Requests-Remaining", "Anthropic-Ratelimit-Requests-Reset"},         // RFC 3339
	{"Anthropic-Ratelimit-Input-Tokens-Remaining", "Anthropic-Ratelimit-Input-Tokens-Reset"}, // gateways pass them on
	{"Anthropic-Ratelimit-Output-Tokens-Remaining", "Anthropic-Ratelimit-Output-Tokens-Reset"},
}

// delayOf returns how long a server that has no Retry-After asks us to wait: what
// stands beside its sentence or in it, else when the limit is full again that is used
// up; 0 if it does not say.
func delayOf(h http.Header, kind llm.ErrorKind, w wireError) time.Duration {
	if d := believable(w.Delay); d > 0 {
		return d
	}
	message := strings.ToLower(w.Message[:min(len(w.Message), maxSentence)])
	for _, words := range waits {
		if _, rest, ok := strings.Cut(message, words); ok {
			if d := readDelay(rest); d > 0 {
				return d
			}
		}
	}
	var longest time.Duration
	if kind != llm.RateLimit {
		return 0
	}
	for _, l := range limits {
		if h.Get(l.remaining) == "0" { // unknown is missing, or below zero (Azure)
			longest = max(longest, readReset(h.Get(l.reset), h))
		}
	}
	return longest
}

// readDelay reads the delay that s begins with, in lower case: "42.5s", "6m0s", "27
// seconds", "1 minute and 5 seconds". One that is not believable is 0.
func readDelay(s string) time.Duration {
	var sum time.Duration
	for {
		s = strings.TrimPrefix(strings.TrimLeft(s, " ,"), "and ")
		digits := len(s) - len(strings.TrimLeft(s, "0123456789."))
		n, err := strconv.ParseFloat(s[:digits], 64)
		rest := strings.TrimLeft(s[digits:], " ")
		letters := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz"))
		unit := units[rest[:letters]]
		if err != nil || unit == 0 {
			return believable(sum)
		}
		if n > float64(maxRetryAfter/unit) {
			return 0
		}
		sum += time.Duration(n * float64(unit))
		s = rest[letters:]
	}
}

// readReset reads when a limit is full again: a delay with its unit or in seconds, or
// a moment.
func readReset(value string, h http.Header) time.Duration {
	if d := readDelay(strings.ToLower(value)); d > 0 {
		return d
	}
	if d := delay(value, time.Second); d > 0 {
		return d
	}
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return believable(at.Sub(clockOf(h)))
	}
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil:
		return 0
	case n > 1e12:
		return believable(time.UnixMilli(n).Sub(clockOf(h)))
	}
	return believable(time.Unix(n, 0).Sub(clockOf(h)))
}

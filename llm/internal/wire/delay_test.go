package wire

import (
	"net/http"
	"testing"
	"time"

	"github.com/pawlrun/pawl/llm"
)

func TestDelaysInWords(t *testing.T) {
	for words, want := range map[string]time.Duration{
		"42.5s. Visit": 42500 * time.Millisecond, "6m0s.": 6 * time.Minute, "20ms": 20 * time.Millisecond, "27 seconds": 27 * time.Second,
		"1 minute and 5 seconds": 65 * time.Second, "1h": time.Hour, "59m, 59s": time.Hour - time.Second, "1m0.5s": 60500 * time.Millisecond,
		"": 0, "soon": 0, "s": 0, ".": 0, "1.2.3s": 0, "5": 0, "5 minutes5": 5 * time.Minute, "5 messages": 0, "1h1s": 0, "2 days": 0,
		"-5s": 0, "0s": 0, "99999999999999999999s": 0, "59m59m59m": 0,
	} {
		if got := readDelay(words); got != want {
			t.Errorf("%q is %v, wants %v", words, got, want)
		}
	}
}

func TestLimitsThatAreUsedUp(t *testing.T) {
	const date = "Sun, 22 Nov 2026 10:00:00 GMT"
	for _, tt := range []struct {
		remaining, reset, value string
		want                    time.Duration
	}{
		{"X-RateLimit-Remaining", "X-RateLimit-Reset", "1795341630000", 30 * time.Second}, // OpenRouter
		{"X-RateLimit-Remaining", "X-RateLimit-Reset", "1795341630", 30 * time.Second},
		{"X-RateLimit-Remaining", "X-RateLimit-Reset", "30", 30 * time.Second},
		{"anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset", "2026-11-22T10:00:30Z", 30 * time.Second},
		{"X-RateLimit-Remaining-Tokens", "X-RateLimit-Reset-Tokens", "120ms", 120 * time.Millisecond},
		{"X-RateLimit-Remaining-Tokens", "X-RateLimit-Reset-Tokens", "later", 0},
		{"X-RateLimit-Remaining-Tokens", "X-RateLimit-Reset-Tokens", "99999999999999999999", 0},
		{"X-RateLimit-Remaining", "X-RateLimit-Reset", "-9223372036854775808", 0},
	} {
		h := http.Header{}
		h.Set("Date", date)
		h.Set(tt.remaining, "0")
		h.Set(tt.reset, tt.value)
		if got := delayOf(h, llm.RateLimit, wireError{}); got != tt.want {
			t.Errorf("%s %s: %v, wants %v", tt.reset, tt.value, got, tt.want)
		}
		if got := delayOf(h, llm.Overloaded, wireError{}); got != 0 {
			t.Errorf("%s is obeyed although no limit was reached: %v", tt.reset, got)
		}
	}
}

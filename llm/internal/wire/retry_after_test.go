package wire

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	const date = "Sun, 22 Nov 2026 10:00:00 GMT"
	for _, tt := range []struct {
		name, ms, after, date string
		want                  time.Duration
	}{
		{"nothing", "", "", "", 0},
		{"seconds", "", "20", "", 20 * time.Second},
		{"part of a second", "", "0.5", "", 500 * time.Millisecond},
		{"spaces", "", " 20 ", "", 20 * time.Second},
		{"milliseconds first", "250", "20", "", 250 * time.Millisecond},
		{"bad milliseconds, good seconds", "-1", "20", "", 20 * time.Second},
		{"milliseconds with a unit", "20ms", "", "", 0},
		{"zero", "0", "0", "", 0},
		{"negative", "", "-20", "", 0},
		{"an hour", "", "3600", "", time.Hour},
		{"more than an hour", "", "3601", "", 0},
		{"more than a number holds", "", "99999999999999999999999", "", 0},
		{"infinite", "Inf", "+Inf", "", 0},
		{"not a number", "NaN", "nan", "", 0},
		{"date by the server's clock", "", "Sun, 22 Nov 2026 10:00:30 GMT", date, 30 * time.Second},
		{"date gone by", "", "Sun, 22 Nov 2026 09:59:00 GMT", date, 0},
		{"date of another day", "", "Mon, 23 Nov 2026 10:00:00 GMT", date, 0},
		{"words", "", "soon", date, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			for k, v := range map[string]string{"Retry-After-Ms": tt.ms, "Retry-After": tt.after, "Date": tt.date} {
				if v != "" {
					h.Set(k, v)
				}
			}
			if got := retryAfter(h); got != tt.want {
				t.Errorf("retryAfter = %v, wants %v", got, tt.want)
			}
		})
	}
}

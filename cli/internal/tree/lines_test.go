package tree

import (
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

// A long wait says that nobody need sit through it.
func TestLongWait(t *testing.T) {
	var err strings.Builder
	l := &Lines{Out: &err, Zone: time.UTC, Now: time.Now, Mask: func(s string) string { return s }, Learn: func(pawl.Event) {}}
	for wait, want := range map[time.Duration]bool{time.Minute: false, 2 * time.Minute: true} {
		err.Reset()
		now := pawl.At(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
		until := now.Add(wait).Format("2006-01-02T15:04:05.000Z")
		body := `{"number":1,"outcome":"failed","error":{"kind":"rate_limit","message":"slow down"},"retry_at":"` + until + `"}`
		if e := l.Event(pawl.Event{Version: 1, Type: pawl.EventAttempt, Key: "say", At: now, Body: []byte(body)}); e != nil {
			t.Fatal(e)
		}
		if got := strings.Contains(err.String(), "Ctrl-C"); got != want {
			t.Errorf("waiting %s: %s", wait, err.String())
		}
	}
}

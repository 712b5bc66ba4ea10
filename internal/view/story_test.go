package view

import (
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

func TestTimes(t *testing.T) {
	at := func(typ pawl.EventType, seconds int) pawl.Event {
		return pawl.Event{Type: typ, At: pawl.At(time.Unix(int64(seconds), 0))}
	}
	for want, events := range map[Times][]pawl.Event{
		{}: nil,
		{Executed: 5 * time.Second, Over: 5 * time.Second}: {at(pawl.EventCreated, 1), at(pawl.EventClaimed, 1), at(pawl.EventDone, 6)},
		{Executed: 6 * time.Second, Over: time.Hour + 9*time.Second, Resumed: true}: {
			at(pawl.EventCreated, 1), at(pawl.EventClaimed, 1), at(pawl.EventReleased, 5), at(pawl.EventClaimed, 3608), at(pawl.EventDone, 3610)},
	} {
		if got := times(events); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// What was in flight is what was announced since the last claim and has not ended;
// only a model's calls may have been billed.
func TestCut(t *testing.T) {
	ev := func(typ pawl.EventType, key pawl.Key, body string) pawl.Event {
		return pawl.Event{Version: 1, Type: typ, Key: key, Body: []byte(body)}
	}
	ask, do := `{"number":1,"model":"m"}`, `{"number":1}`
	got := cut([]pawl.Event{
		ev(pawl.EventIntent, "lost", ask), ev(pawl.EventClaimed, "", `{}`),
		ev(pawl.EventIntent, "a", ask), ev(pawl.EventIntent, "b", do), ev(pawl.EventIntent, "c", ask), ev(pawl.EventAttempt, "c", `{}`),
	})
	if got != (Cut{Calls: 1, Steps: 1}) {
		t.Errorf("%+v", got)
	}
}

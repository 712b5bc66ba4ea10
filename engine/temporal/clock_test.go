package temporal

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestServersClock: the server's time is what it says of somebody who shows himself, however far this
// machine's is away; it is asked once for as long as that holds, and again when it may have been set.
func TestServersClock(t *testing.T) {
	for _, ahead := range []time.Duration{0, 2 * time.Hour, -2 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			m := &matching{ahead: ahead}
			k := stubbed(t, m)
			reads := func(when string, want time.Duration) {
				t.Helper()
				hasty, done := context.WithTimeout(t.Context(), 3*time.Second)
				defer done()
				got := time.Until(k.now(hasty, time.Time{}))
				if got > want || got < want-time.Second || m.short {
					t.Errorf("ahead by %s, %s: the server's clock is read as ahead by %s, want %s; asked for too short %v", ahead, when, got, want, m.short)
				}
			}
			asked := func(want int) {
				t.Helper()
				if n := len(m.seen("test-clock")); n != want {
					t.Errorf("ahead by %s: the server was asked %d times, want %d", ahead, n, want)
				}
			}
			reads("at first", ahead)
			time.Sleep(rereadClock - time.Second)
			reads("later", ahead)
			asked(1)
			m.ahead += time.Hour // somebody sets it
			reads("set, and not read again", ahead)
			time.Sleep(2 * time.Second)
			reads("set", ahead+time.Hour)
			asked(2)
		})
	}
}

// TestClockUnsaid: a server that does not say when somebody showed himself is asked again after a
// while, and costs no more than a moment.
func TestClockUnsaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &matching{refuses: true}
		k := stubbed(t, m)
		last := time.Now().Add(-time.Hour)
		began := time.Now()
		for range 3 {
			if at := k.now(t.Context(), last); !at.Equal(last) {
				t.Errorf("it is %s by the server's clock, want %s", at, last)
			}
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %s", took)
		}
		if n := len(m.seen("test-clock")); n != 1 {
			t.Errorf("asked %d times at once", n)
		}
		m.refuses = false
		time.Sleep(retryClock + time.Second)
		if at := k.now(t.Context(), last); time.Since(at) > time.Second {
			t.Errorf("it is %s, want about %s", at, time.Now())
		}
	})
}

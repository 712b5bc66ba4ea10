package local

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl/engine/internal/exec"
)

var (
	answered = exec.Came{Answered: true}
	refused  = exec.Came{Refused: true, RetryAfter: 10 * time.Second}
)

// take takes a slot that must be there.
func take(t *testing.T, l *limiter) exec.Slot {
	t.Helper()
	s, ok := l.Try()
	if !ok {
		t.Fatal("no slot is to be had")
	}
	return s
}

// Those who wait get their slots in the order in which they came, nobody passes them,
// and who gives up leaves no gap.
func TestLimiterIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPool(0).limiter(1)
		held := take(t, l)
		var order []int
		ctx, cancel := context.WithCancel(t.Context())
		for i := range 10 {
			of := t.Context()
			if i%3 == 0 {
				of = ctx
			}
			go func() {
				s, err := l.Wait(of)
				if err != nil {
					return
				}
				order = append(order, i) // one holds the slot at a time
				time.Sleep(time.Second)
				s(exec.Came{})
			}()
			synctest.Wait()
		}
		cancel()
		synctest.Wait()
		held(exec.Came{})
		if _, ok := l.Try(); ok {
			t.Error("a slot went to who did not wait")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []int{1, 2, 4, 5, 7, 8}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		take(t, l)
	})
}

// After a refusal nothing leaves until the provider's delay is over, then no more than
// it took, and more with each answer.
func TestLimiterFindsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPool(0).limiter(maxInFlight)
		var burst []exec.Slot
		for range 16 {
			burst = append(burst, take(t, l))
		}
		for i, s := range burst {
			if i < 3 {
				s(answered)
			} else {
				s(refused)
			}
		}
		time.Sleep(9 * time.Second)
		if _, ok := l.Try(); ok {
			t.Error("one left within the delay")
		}
		time.Sleep(time.Second)
		var left []exec.Slot
		for range 3 {
			left = append(left, take(t, l))
		}
		if _, ok := l.Try(); ok {
			t.Error("more left than were taken")
		}
		for range 100 {
			for _, s := range left {
				s(answered)
			}
			left = left[:0]
			for s, ok := l.Try(); ok; s, ok = l.Try() {
				left = append(left, s)
			}
		}
		if n := len(left); n != maxInFlight {
			t.Errorf("after many answers %d may be in flight, want %d", n, maxInFlight)
		}
	})
}

// One that leaves after the delay finds out whether the provider takes calls again,
// however long others take that left before.
func TestLimiterProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPool(0).limiter(maxInFlight)
		for range 10 {
			take(t, l) // and takes long
		}
		take(t, l)(refused)
		time.Sleep(10 * time.Second)
		take(t, l)(exec.Came{}) // was not made
		probe := take(t, l)
		if _, ok := l.Try(); ok {
			t.Error("two left")
		}
		probe(refused)
		time.Sleep(9 * time.Second)
		if _, ok := l.Try(); ok {
			t.Error("one left within the second delay")
		}
	})
}

// Without word from the provider the delay grows until a call is answered.
func TestLimiterBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPool(0).limiter(maxInFlight)
		delay := func() time.Duration {
			begin := time.Now()
			s, err := l.Wait(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer s(exec.Came{Refused: true})
			return time.Since(begin)
		}
		delay()
		for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60} {
			want *= time.Second
			if d := delay(); d < want*8/10 || d > min(want*12/10, time.Minute) {
				t.Errorf("held back for %v, want about %v", d, want)
			}
		}
		s, _ := l.Wait(t.Context())
		s(answered)
		take(t, l)(exec.Came{Refused: true})
		if d := delay(); d > 1200*time.Millisecond {
			t.Errorf("after an answer held back for %v", d)
		}
	})
}

func TestAnsweredSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPool(0).limiter(2)
		begin := time.Now()
		if l.AnsweredSince(time.Time{}) {
			t.Error("nothing was asked")
		}
		take(t, l)(refused)
		time.Sleep(10 * time.Second)
		if l.AnsweredSince(begin) {
			t.Error("nothing was answered")
		}
		take(t, l)(answered)
		if !l.AnsweredSince(begin) || !l.AnsweredSince(time.Now()) || l.AnsweredSince(time.Now().Add(1)) {
			t.Error("one was answered, now")
		}
	})
}

package replay_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// At every event of the story, walking the steps says of them what the record
// says.
func TestInOrder(t *testing.T) {
	events, _ := story(t)
	st := &replay.State{}
	for _, ev := range events {
		if err := st.Apply(ev); err != nil {
			t.Fatal(err)
		}
		rec := st.Record()
		if d := cmp.Diff(rec.Usage, st.Usage()); d != "" {
			t.Fatalf("event %d: usage (-record +walk):\n%s", ev.Seq, d)
		}
		i := 0
		for s, status := range st.InOrder() {
			want := rec.Steps[i]
			if s.Key != want.Key || status != want.Status {
				t.Fatalf("event %d: step %d is %s, %s, want %s, %s", ev.Seq, i, s.Key, status, want.Key, want.Status)
			}
			var took time.Duration
			calls := int64(0)
			for _, at := range want.Attempts {
				if at.EndedAt != nil {
					took += at.EndedAt.Sub(at.StartedAt.Time)
				}
				if at.Model != "" {
					calls++
				}
			}
			if s.Open != nil && s.Open.Model != "" {
				calls++
			}
			if got := s.Took(ev.At.Time); s.Open == nil && got != took {
				t.Fatalf("event %d: %s took %s, want %s", ev.Seq, s.Key, got, took)
			}
			if got := s.Usage().ModelCalls; got != calls {
				t.Fatalf("event %d: %s made %d calls, want %d", ev.Seq, s.Key, got, calls)
			}
			i++
		}
		if i != len(rec.Steps) {
			t.Fatalf("event %d: %d steps, want %d", ev.Seq, i, len(rec.Steps))
		}
		for _, b := range rec.Blockers {
			if !st.Blocked(b.Key) {
				t.Fatalf("event %d: %q is not blocked", ev.Seq, b.Key)
			}
		}
		if len(rec.Blockers) == 0 && (st.Blocked("") || st.Blocked("draft") || st.Blocked("title")) {
			t.Fatalf("event %d: something is blocked by nothing", ev.Seq)
		}
	}
}

// A step in flight takes until now, one that is waited for says until when, and
// what nobody saw the end of is not counted.
func TestTook(t *testing.T) {
	begun := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	st := &replay.State{}
	seq := pawl.Seq(0)
	add := func(typ pawl.EventType, key, body string, after time.Duration) *replay.Step {
		t.Helper()
		seq++
		if err := st.Apply(pawl.Event{Version: 1, Seq: seq, Type: typ, Key: pawl.Key(key), At: pawl.At(begun.Add(after)), Body: json.RawMessage(body)}); err != nil {
			t.Fatal(err)
		}
		return st.Steps["say"]
	}
	add(pawl.EventCreated, "", `{"flow":"f","input":{}}`, 0)
	s := add(pawl.EventIntent, "say", `{"step":{"kind":"ask"},"number":1,"try":1,"of":3,"model":"m"}`, time.Second)
	if got := s.Took(begun.Add(5 * time.Second)); got != 4*time.Second {
		t.Errorf("in flight it took %s", got)
	}
	if got := s.Took(begun); got != 0 {
		t.Errorf("on a clock that is behind it took %s", got)
	}
	add(pawl.EventAttempt, "say", `{"number":1,"outcome":"failed","model":"m","error":{"kind":"overloaded","message":"busy"},"started_at":"2026-01-02T03:04:06.000Z","retry_at":"2026-01-02T03:04:15.000Z"}`, 3*time.Second)
	if at, ok := s.RetryAt(); !ok || !at.Equal(begun.Add(10*time.Second)) {
		t.Errorf("the next attempt is at %s, %t", at, ok)
	}
	if got := s.Took(begun.Add(time.Hour)); got != 2*time.Second {
		t.Errorf("between attempts it took %s", got)
	}
	add(pawl.EventIntent, "say", `{"step":{"kind":"ask"},"number":2,"try":2,"of":3,"model":"m"}`, 10*time.Second)
	if _, ok := s.RetryAt(); ok {
		t.Error("an attempt in flight is waited for")
	}
	add(pawl.EventReleased, "", `{"status":"paused"}`, 20*time.Second)
	if got := s.Took(begun.Add(time.Hour)); got != 2*time.Second {
		t.Errorf("with an unknown attempt it took %s", got)
	}
}

package notice_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/notice"
)

var rested = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// How long a try waits for the next, at the least and at the most.
func TestWait(t *testing.T) {
	for tries, most := range map[int]time.Duration{
		0: 2 * time.Second, 1: 2 * time.Second, 2: 4 * time.Second, 5: 32 * time.Second, 11: 2048 * time.Second, 12: time.Hour, 1000: time.Hour,
	} {
		if got := notice.Wait(tries, 1); got != most {
			t.Errorf("after %d tries %v at the most, want %v", tries, got, most)
		}
		if got := notice.Wait(tries, 0); got != most/2 {
			t.Errorf("after %d tries %v at the least, want %v", tries, got, most/2)
		}
	}
}

func TestAfter(t *testing.T) {
	at := rested.Add(time.Hour)
	for name, test := range map[string]struct {
		answer notice.Answer
		at     time.Time
		due    time.Duration // after the try; 0: never
		told   bool
		gaveUp bool
	}{
		"200":                {notice.Answer{Status: 200}, at, 0, true, false},
		"204":                {notice.Answer{Status: 204}, at, 0, true, false},
		"410":                {notice.Answer{Status: 410}, at, 0, false, true},
		"404":                {notice.Answer{Status: 404}, at, 2 * time.Second, false, false},
		"308":                {notice.Answer{Status: 308}, at, 2 * time.Second, false, false},
		"none":               {notice.Answer{Problem: "refused"}, at, 2 * time.Second, false, false},
		"429":                {notice.Answer{Status: 429}, at, 2 * time.Second, false, false},
		"429, soon":          {notice.Answer{Status: 429, RetryAfter: "1"}, at, 2 * time.Second, false, false},
		"429, later":         {notice.Answer{Status: 429, RetryAfter: "90"}, at, 90 * time.Second, false, false},
		"429, tomorrow":      {notice.Answer{Status: 429, RetryAfter: "86400"}, at, time.Hour, false, false},
		"429, at a time":     {notice.Answer{Status: 429, RetryAfter: "Sun, 01 Mar 2026 13:10:00 GMT"}, at, 10 * time.Minute, false, false},
		"429, in the past":   {notice.Answer{Status: 429, RetryAfter: "Sun, 01 Mar 2020 13:10:00 GMT"}, at, 2 * time.Second, false, false},
		"429, nonsense":      {notice.Answer{Status: 429, RetryAfter: "\x1b[2J"}, at, 2 * time.Second, false, false},
		"500, later":         {notice.Answer{Status: 500, RetryAfter: "90"}, at, 2 * time.Second, false, false},
		"at the end of it":   {notice.Answer{Status: 503, RetryAfter: "3600"}, rested.Add(notice.Day - time.Minute), time.Minute, false, false},
		"told late, and 200": {notice.Answer{Status: 200}, rested.Add(notice.Day), 0, true, false},
	} {
		n := notice.Notice{Run: "r", Rested: pawl.At(rested), Due: pawl.At(at.Add(time.Minute))}.After(test.answer, test.at, 1)
		due := time.Duration(0)
		if !n.Due.IsZero() {
			due = n.Due.Sub(test.at)
		}
		if due != test.due || n.Told.IsZero() == test.told || n.GaveUp.IsZero() == test.gaveUp || (n.Tries == 0) != test.told || (n.Problem == "") != test.told || n.Since.IsZero() != test.told {
			t.Errorf("%s: due after %v, %+v", name, due, n)
		}
	}
}

// A notice has its first failure's time until it is told, and is not owed for longer than a
// day.
func TestDay(t *testing.T) {
	n, tries := notice.Notice{Rested: pawl.At(rested), Due: pawl.At(rested)}, 0
	for at := rested; ; at = n.Due.Time {
		if given, is := n.Expired(at); is {
			if !at.Equal(rested.Add(notice.Day)) || !given.Due.IsZero() || !given.GaveUp.Equal(at) || given.Problem != "it answers 500 Internal Server Error" {
				t.Errorf("expired at %v: %+v", at, given)
			}
			break
		}
		n = n.After(notice.Answer{Status: 500}, at, 0.5)
		if tries++; n.Tries != tries || !n.Since.Equal(rested) || tries > 100 {
			t.Fatalf("after %d tries: %+v", tries, n)
		}
	}
	if tries < 24 || tries > 48 {
		t.Errorf("%d tries", tries)
	}
	if told := n.After(notice.Answer{Status: 200}, rested, 0); told.Problem != "" || told.Tries != tries || !told.Due.IsZero() {
		t.Errorf("told: %+v", told)
	}
}

func TestPause(t *testing.T) {
	for _, test := range []struct {
		answer notice.Answer
		failed int
		want   time.Duration
	}{
		{notice.Answer{Status: 500}, 1, 2 * time.Second},
		{notice.Answer{Problem: "refused"}, 4, 16 * time.Second},
		{notice.Answer{Problem: "refused"}, 400, time.Minute},
		{notice.Answer{Status: 503, RetryAfter: "600"}, 1, 10 * time.Minute},
		{notice.Answer{Status: 503, RetryAfter: "1"}, 400, time.Minute},
	} {
		if got := test.answer.Pause(test.failed, rested, 1); got != test.want {
			t.Errorf("%+v after %d: %v, want %v", test.answer, test.failed, got, test.want)
		}
	}
}

func TestIDs(t *testing.T) {
	if got := notice.ID("0123456789ab", 17, "sha256:89abcdef0123"); got != "0123456789ab-17-89abcdef" || strings.ContainsAny(got, ".:") {
		t.Error(got)
	}
	ids := map[string]bool{notice.IDOf("a", "b"): true, notice.IDOf("ab", ""): true, notice.IDOf("", "ab"): true, notice.IDOf("a", "c"): true}
	if len(ids) != 4 {
		t.Error("two receivers have one id")
	}
}

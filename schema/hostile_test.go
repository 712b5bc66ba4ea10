package schema

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Large values cost time in proportion to their size, whatever they hold.
func TestHostileValuesAreCheap(t *testing.T) {
	s := mustFor[checked](t)
	var names strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&names, `"n%d":1,`, i)
	}
	values := map[string]string{
		"a long number":         `{"count":` + strings.Repeat("9", 100_000) + `}`,
		"a long fraction":       `{"score":0.` + strings.Repeat("9", 100_000) + `}`,
		"a large exponent":      `{"count":1e` + strings.Repeat("9", 100_000) + `}`,
		"a long name":           `{"` + strings.Repeat("title", 40_000) + `":1}`,
		"many unknown names":    `{` + names.String() + `"title":"x"}`,
		"one name many times":   `{` + strings.Repeat(`"title":"x",`, 10_000) + `"title":"x"}`,
		"many wrong elements":   `{"sections":[` + strings.Repeat(`{"name":1},`, 10_000) + `{}]}`,
		"a long sensitive text": `{"code":"` + strings.Repeat("x", 100_000) + `"}`,
	}
	for name, raw := range values {
		start := time.Now()
		_, err := s.Check([]byte(raw))
		if err == nil {
			t.Errorf("%s: no error", name)
		} else if len(err.Error()) > 20_000 {
			t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
		}
		s.Mask([]byte(raw))
		_, _ = Canonical([]byte(raw))
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("%s: took %s", name, took)
		}
	}
}

func TestDateTime(t *testing.T) {
	s := mustFor[time.Time](t)
	for raw, want := range map[string]string{
		`"2026-01-02T15:04:05Z"`:           "",
		`"2026-01-02T15:04:05.123+02:00"`:  "",
		`"2026-01-02T15:04:05-23:59"`:      "",
		`"0000-01-02T15:04:05Z"`:           "",
		`"2026-01-02T15:04:05+24:00"`:      `is "2026-01-02T15:04:05+24:00", wants a date and time such as 2026-01-02T15:04:05Z`,
		`"2026-01-02T15:04:05+23:60"`:      `is "2026-01-02T15:04:05+23:60", wants a date and time such as 2026-01-02T15:04:05Z`,
		`"2026-01-02T3:04:05Z"`:            `is "2026-01-02T3:04:05Z", wants a date and time such as 2026-01-02T15:04:05Z`,
		`"2026-01-02T03:04:05,5Z"`:         `is "2026-01-02T03:04:05,5Z", wants a date and time such as 2026-01-02T15:04:05Z`,
		`"2026-01-02T03:04:60Z"`:           `is "2026-01-02T03:04:60Z", wants a date and time such as 2026-01-02T15:04:05Z`,
		`"12026-01-02T15:04:05Z"`:          `is "12026-01-02T15:04:05Z", wants a date and time such as 2026-01-02T15:04:05Z`,
		`"2026-01-02"`:                     `is "2026-01-02", wants a date and time such as 2026-01-02T15:04:05Z`,
		`"2026-02-30T15:04:05Z"`:           `is "2026-02-30T15:04:05Z", wants a date and time such as 2026-01-02T15:04:05Z`,
		`1767366245`:                       `is 1767366245, wants a date and time such as 2026-01-02T15:04:05Z`,
		`{"$date":"2026-01-02T15:04:05Z"}`: `is an object, wants a date and time such as 2026-01-02T15:04:05Z`,
	} {
		_, err := s.Check([]byte(raw))
		if got := fmt.Sprint(err); err == nil && want != "" || err != nil && got != want {
			t.Errorf("%s: got %v, want %s", raw, err, want)
		}
		var v time.Time // what is decoded without a schema is held to the same
		if err := Unmarshal([]byte(raw), &v); (err == nil) != (want == "") {
			t.Errorf("decode %s: %v", raw, err)
		} else if _, again := Marshal(v); again != nil {
			t.Errorf("%s cannot be written again: %v", raw, again)
		}
	}
}

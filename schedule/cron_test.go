package schedule_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schedule"
)

// TestCron: the times after a moment, as the clock on the wall shows them there.
func TestCron(t *testing.T) {
	for _, test := range []struct {
		name, cron, zone, from string
		want                   []string // RFC 3339
	}{
		{"a week", "0 7 * * 1", "Europe/Berlin", "2026-02-02T07:00:00+01:00", []string{"2026-02-09T07:00:00+01:00", "2026-02-16T07:00:00+01:00"}},
		{"strictly after", "0 7 * * *", "", "2026-02-02T06:59:59.999Z", []string{"2026-02-02T07:00:00Z", "2026-02-03T07:00:00Z"}},
		{"within a minute", "* * * * *", "", "2026-02-02T06:59:00.001Z", []string{"2026-02-02T07:00:00Z", "2026-02-02T07:01:00Z"}},
		{"lists, ranges, steps", "5,10-20/5 8-9 * * *", "", "2026-02-02T08:12:00Z", []string{"2026-02-02T08:15:00Z", "2026-02-02T08:20:00Z", "2026-02-02T09:05:00Z"}},
		{"names", "0 0 * FEB-mar Tue", "", "2026-02-24T00:00:00Z", []string{"2026-03-03T00:00:00Z"}},
		{"Sunday is 7 too", "0 3 * * 7", "", "2026-02-01T03:00:00Z", []string{"2026-02-08T03:00:00Z"}},
		{"up to Sunday", "0 3 * * FRI-SUN", "", "2026-02-05T03:00:00Z", []string{"2026-02-06T03:00:00Z", "2026-02-07T03:00:00Z", "2026-02-08T03:00:00Z", "2026-02-13T03:00:00Z"}},
		{"macro", "@monthly", "", "2026-02-05T03:00:00Z", []string{"2026-03-01T00:00:00Z"}},
		{"a leap day", "0 0 29 2 *", "", "2026-02-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		{"over a century that has none", "0 0 29 2 *", "", "2096-03-01T00:00:00Z", []string{"2104-02-29T00:00:00Z"}},
		{"months of 31 days", "0 0 31 * *", "", "2026-03-31T00:00:00Z", []string{"2026-05-31T00:00:00Z"}},
		{"either day", "0 0 13 * 5", "", "2026-02-01T00:00:00Z", []string{"2026-02-06T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z"}},
		{"a step of all days names none", "0 0 */2 * 1", "", "2026-02-01T00:00:00Z", []string{"2026-02-09T00:00:00Z", "2026-02-23T00:00:00Z"}},

		{"Berlin skips it", "30 2 * * *", "Europe/Berlin", "2026-03-28T02:30:00+01:00", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"Berlin skips several", "0,15,30 2 * * *", "Europe/Berlin", "2026-03-28T02:30:00+01:00", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}},
		{"Berlin skips up to a time that comes itself", "0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00+01:00", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}},
		{"from the last moment before it", "30 2 * * *", "Europe/Berlin", "2026-03-29T00:59:59.999999999Z", []string{"2026-03-29T03:00:00+02:00"}},
		{"from the change itself", "30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", []string{"2026-03-30T02:30:00+02:00"}},
		{"Berlin shows it twice", "30 2 * * *", "Europe/Berlin", "2026-10-24T02:30:00+02:00", []string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"between the two", "30 2 * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00", []string{"2026-10-26T02:30:00+01:00"}},
		{"within the second", "45 2 * * *", "Europe/Berlin", "2026-10-25T02:10:00+01:00", []string{"2026-10-26T02:45:00+01:00"}},
		{"behind the second", "15 2,3 * * *", "Europe/Berlin", "2026-10-25T02:15:00+02:00", []string{"2026-10-25T03:15:00+01:00"}},
		{"hours that pass, forward", "*/30 * * * *", "Europe/Berlin", "2026-03-29T01:00:00+01:00", []string{"2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"}},
		{"hours that pass, back", "*/30 * * * *", "Europe/Berlin", "2026-10-25T01:30:00+02:00", []string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"an hour of which the half passes", "30 * * * *", "Europe/Berlin", "2026-03-29T01:30:00+01:00", []string{"2026-03-29T03:30:00+02:00"}},

		{"Havana skips midnight", "0 0 * * *", "America/Havana", "2026-03-07T00:00:00-05:00", []string{"2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"}},
		{"Havana shows midnight twice", "15 0 * * *", "America/Havana", "2026-10-31T12:00:00-04:00", []string{"2026-11-01T00:15:00-04:00", "2026-11-02T00:15:00-05:00"}},
		{"the Azores go back into the day before", "30 23,0 * * *", "Atlantic/Azores", "2026-10-24T22:30:00Z", []string{"2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T23:30:00-01:00"}},
		{"Lord Howe skips half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T03:00:00+10:30", []string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"Samoa skips a day", "0 7 30 12 *", "Pacific/Apia", "2011-01-01T00:00:00Z", []string{"2011-12-31T00:00:00+14:00", "2012-12-30T07:00:00+14:00"}},
		{"south of the equator", "30 2 * * *", "Australia/Sydney", "2026-10-03T02:30:00+10:00", []string{"2026-10-04T03:00:00+11:00", "2026-10-05T02:30:00+11:00"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := schedule.ParseCron(test.cron, test.zone)
			if err != nil {
				t.Fatal(err)
			}
			from := at(t, test.from)
			now := from
			for i, want := range test.want {
				if now = c.Next(now); !now.Equal(at(t, want)) {
					t.Fatalf("time %d is %s, want %s", i+1, now.Format(time.RFC3339), want)
				}
			}
			n := len(test.want)
			if got := c.Count(from, now, 100); got != n {
				t.Errorf("counts %d up to the last, want %d", got, n)
			}
			latest := c.Latest(2, from, now.Add(time.Second))
			for i, got := range latest {
				if want := at(t, test.want[n-len(latest)+i]); !got.Equal(want) {
					t.Errorf("of the latest, %d is %s, want %s", i+1, got, want)
				}
			}
			if len(latest) != min(2, n) {
				t.Errorf("%d are the latest two of %d", len(latest), n)
			}
		})
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestCronAgainstMinutes: what Next says is what one finds by going through all minutes,
// for expressions of hours that pass, in zones of all sorts.
func TestCronAgainstMinutes(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Antarctica/Troll"} {
		for _, cron := range []string{"*/7 * * * *", "13 */3 * * *", "0 * 1-7 * *", "59 * * * 0"} {
			c, err := schedule.ParseCron(cron, zone)
			if err != nil {
				t.Fatal(err)
			}
			for _, begin := range []string{"2026-03-07T00:00:00Z", "2026-03-28T00:00:00Z", "2026-10-03T00:00:00Z", "2026-10-24T00:00:00Z", "2026-10-31T00:00:00Z"} {
				now := at(t, begin).Add(-time.Minute)
				next := c.Next(now)
				for range 4 * 24 * 60 {
					now = now.Add(time.Minute)
					wall, fits := now.In(c.Zone()), false
					switch cron {
					case "*/7 * * * *":
						fits = wall.Minute()%7 == 0
					case "13 */3 * * *":
						fits = wall.Minute() == 13 && wall.Hour()%3 == 0
					case "0 * 1-7 * *":
						fits = wall.Minute() == 0 && wall.Day() <= 7
					case "59 * * * 0":
						fits = wall.Minute() == 59 && wall.Weekday() == time.Sunday
					}
					if fits != next.Equal(now) {
						t.Fatalf("%s in %s at %s: fits is %v, and the next is %s", cron, zone, wall, fits, next)
					}
					if fits {
						next = c.Next(now)
					}
				}
			}
		}
	}
}

// TestCronEachDay: an expression that names an hour comes on each day, once, whatever the
// clock does.
func TestCronEachDay(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "America/New_York", "Africa/Casablanca", "Antarctica/Troll", "America/Santiago", "Asia/Beirut"} {
		for _, cron := range []string{"0 0 * * *", "30 0 * * *", "30 1 * * *", "15 2 * * *", "0 3 * * *", "30 23 * * *"} {
			c, err := schedule.ParseCron(cron, zone)
			if err != nil {
				t.Fatal(err)
			}
			now := time.Date(2025, 1, 1, 12, 0, 0, 0, c.Zone())
			for day := 2; day < 2+3*365; day++ {
				next := c.Next(now)
				if want := time.Date(2025, 1, day, 12, 0, 0, 0, c.Zone()); cron != "30 23 * * *" && next.YearDay() != want.YearDay() || next.Sub(now) > 36*time.Hour || next.Sub(now) < 12*time.Hour && day > 2 {
					t.Fatalf("%s in %s: after %s comes %s", cron, zone, now, next)
				}
				now = next
			}
		}
	}
}

// TestLatestIsFast: what was missed in a hundred years is not gone through.
func TestLatestIsFast(t *testing.T) {
	c, err := schedule.ParseCron("* * * * *", "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := at(t, "2126-01-01T00:00:30Z")
	got := c.Latest(3, now.AddDate(-100, 0, 0), now)
	if len(got) != 3 || !got[2].Equal(at(t, "2126-01-01T00:00:00Z")) || !got[0].Equal(at(t, "2125-12-31T23:58:00Z")) {
		t.Errorf("latest are %v", got)
	}
	if n := c.Count(now.AddDate(-100, 0, 0), now, 1000); n != 1000 {
		t.Errorf("counts %d", n)
	}
}

func TestParseCronRefuses(t *testing.T) {
	for _, test := range []struct{ cron, zone, says string }{
		{"", "", "has 0 fields, wants five"},
		{"0 7 * *", "", "has 4 fields"},
		{"0 0 7 * * 1", "", "has 6 fields"},
		{"@reboot", "", "has 1 fields"},
		{"60 7 * * *", "", `minute: "60" is none; wants a number from 0 to 59`},
		{"0 24 * * *", "", `hour: "24"`},
		{"0 0 0 * *", "", `day of the month: "0"`},
		{"0 0 * 13 *", "", "month: \"13\" is none; wants a number from 1 to 12, or JAN to DEC"},
		{"0 0 * * 8", "", "or SUN to SAT"},
		{"0 0 * * monday", "", `day of the week: "monday"`},
		{"-1 7 * * *", "", `minute: "" is none`},
		{"+1 7 * * *", "", `minute: "+1" is none`},
		{"1, 7 * * *", "", `minute: "" is none`},
		{"*/0 7 * * *", "", `minute: step "0" is none`},
		{"*/99 7 * * *", "", `minute: step "99" is none`},
		{"5/15 7 * * *", "", `write 5-59/15`},
		{"50-10 7 * * *", "", "ends before it begins"},
		{"0 0 L * *", "", `day of the month: "L" is none`},
		{"0 0 ? * 1", "", `day of the month: "?" is none`},
		{"0 0 30 2 *", "", "no month has that day"},
		{"0 0 31 4,6,9,11 *", "", "no month has that day"},
		{"0 7 * * 1", "Mars/Olympus", `time zone "Mars/Olympus" is not known`},
		{"0 7 * * 1", "Local", `time zone "Local" is not known`},
		{"0 7 * * 1", "../../etc/passwd", "is not known"},
		{"\x1b[2J 7 * * 1", "", `\x1b`},
	} {
		_, err := schedule.ParseCron(test.cron, test.zone)
		if !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q in %q: %v, want one that says %s", test.cron, test.zone, err, test.says)
		}
	}
}

func FuzzParseCron(f *testing.F) {
	for _, seed := range []string{"0 7 * * 1", "*/5 1-3,7 29 FEB sun", "@daily", "5/15 * * * *", "0 0 30 2 *"} {
		f.Add(seed)
	}
	from := time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := schedule.ParseCron(text, "Europe/Berlin")
		if err != nil {
			return
		}
		if next := c.Next(from); next.IsZero() || !next.After(from) || next.Second() != 0 {
			t.Errorf("%q: after %s comes %s", text, from, next)
		}
	})
}

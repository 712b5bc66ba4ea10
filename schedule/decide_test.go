package schedule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schedule"
)

// hourly is a schedule of each hour, about which all until noon of the second of March is
// decided.
func hourly(change func(*schedule.Schedule)) schedule.Schedule {
	s := schedule.Schedule{Name: "report", Flow: "report", Cron: "0 * * * *", Missed: schedule.MissedLatest, MissedLimit: 3, Overlap: schedule.OverlapSkip,
		CreatedAt: noon(0), Until: noon(0)}
	if change != nil {
		change(&s)
	}
	return s
}

func noon(after time.Duration) pawl.Time {
	return pawl.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC).Add(after))
}

// state writes what has become of a schedule: what waits, until when all is decided and
// what was passed over.
func state(s schedule.Schedule) string {
	text := []string{}
	for _, at := range s.Waiting {
		text = append(text, at.Format("15:04"))
	}
	text = append(text, "until", s.Until.Format("15:04"))
	if k := s.Skipped; k != nil {
		text = append(text, fmt.Sprintf("%s %s %d", k.Why, k.At.Format("15:04"), k.Count))
	}
	return strings.Join(text, " ")
}

func TestDecide(t *testing.T) {
	all := func(o schedule.Overlap) func(*schedule.Schedule) {
		return func(s *schedule.Schedule) { s.Missed, s.Overlap = schedule.MissedAll, o }
	}
	none := func(s *schedule.Schedule) { s.Missed = schedule.MissedNone }
	for _, test := range []struct {
		name   string
		change func(*schedule.Schedule)
		after  time.Duration
		busy   bool // the last run is under way
		want   string
	}{
		{"nothing is due", nil, 59*time.Minute + 59*time.Second, false, "until 12:00"},
		{"one is, to the second", nil, time.Hour, false, "13:00 until 13:00"},
		{"and late", nil, 119 * time.Minute, false, "13:00 until 13:00"},
		{"the latest of a week", nil, 7*24*time.Hour + time.Minute*30, false, "12:00 until 12:00 missed 11:00 167"},
		{"none of two", none, 150 * time.Minute, false, "until 14:00 missed 14:00 2"},
		{"none, but on time", none, 2*time.Hour + schedule.Grace, false, "14:00 until 14:00 missed 13:00 1"},
		{"none, a moment too late", none, 2*time.Hour + schedule.Grace + 1, false, "until 14:00 missed 14:00 2"},
		{"all, one after another", all(schedule.OverlapQueue), 150 * time.Minute, false, "13:00 14:00 until 14:00"},
		{"all, up to the limit", all(schedule.OverlapQueue), 5*time.Hour + time.Second, false, "15:00 16:00 17:00 until 17:00 missed 14:00 2"},
		{"all at once", all(schedule.OverlapAllow), 150 * time.Minute, true, "13:00 14:00 until 14:00"},
		{"the last one is under way", nil, time.Hour, true, "until 13:00 overlap 13:00 1"},
		{"and some were missed", nil, 3 * time.Hour, true, "until 15:00 overlap 15:00 3"},
		{"the last one's run is not made yet", func(s *schedule.Schedule) { s.Waiting = []pawl.Time{noon(0)} }, time.Hour, false, "12:00 until 13:00 overlap 13:00 1"},
		{"it queues", func(s *schedule.Schedule) { s.Overlap = schedule.OverlapQueue }, time.Hour, true, "13:00 until 13:00"},
		{"the queue is full", func(s *schedule.Schedule) {
			s.Overlap, s.Waiting = schedule.OverlapQueue, make([]pawl.Time, schedule.MaxWaiting)
			for i := range s.Waiting {
				s.Waiting[i] = noon(0)
			}
		}, time.Hour, true, strings.Repeat("12:00 ", schedule.MaxWaiting) + "until 13:00 overlap 13:00 1"},
		{"it adds up", func(s *schedule.Schedule) {
			s.Skipped = &schedule.Skipped{At: noon(0), Why: schedule.SkipOverlap, Count: 5}
		}, 2 * time.Hour, false, "14:00 until 14:00 missed 13:00 6"},
		{"paused", func(s *schedule.Schedule) { s.Paused = true }, 48 * time.Hour, false, "until 12:00"},
		{"a clock that was set back", nil, -48 * time.Hour, false, "until 12:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := hourly(test.change)
			before := state(s)
			got, changed, err := s.Decide(noon(0).Add(test.after), !test.busy)
			if err != nil || state(got) != test.want || changed != (state(got) != before) {
				t.Errorf("%v, %v: %s\nwant %s", changed, err, state(got), test.want)
			}
			if state(s) != before {
				t.Errorf("it changed what it was given: %s", state(s))
			}
			if again, changed, _ := got.Decide(noon(0).Add(test.after), true); changed {
				t.Errorf("once more: %s", state(again))
			}
		})
	}
}

// TestDecideAtDST: where a time comes twice its run is made once, and where it is skipped
// it is made then; missed or not.
func TestDecideAtDST(t *testing.T) {
	for _, test := range []struct{ zone, cron, until, now, want string }{
		{"Europe/Berlin", "30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:30Z", "01:00 until 01:00"},
		{"Europe/Berlin", "30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:01Z", "until 00:30"},
		{"America/New_York", "30 2 * * *", "2026-03-07T12:00:00Z", "2026-03-08T12:00:00Z", "07:00 until 07:00"},
		{"America/New_York", "30 1 * * *", "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z", "05:30 until 05:30"},
		{"America/New_York", "30 * * * *", "2026-11-01T05:00:00Z", "2026-11-01T06:30:01Z", "06:30 until 06:30 missed 05:30 1"},
	} {
		s := hourly(func(s *schedule.Schedule) {
			s.Zone, s.Cron, s.Until = test.zone, test.cron, pawl.At(at(t, test.until))
		})
		got, _, err := s.Decide(at(t, test.now), true)
		if err != nil || state(got) != test.want {
			t.Errorf("%+v: %s, %v", test, state(got), err)
		}
	}
}

func TestReadyAndMade(t *testing.T) {
	waiting := []pawl.Time{noon(0), noon(time.Hour)}
	for _, test := range []struct {
		overlap schedule.Overlap
		paused  bool
		over    bool
		want    int
	}{
		{schedule.OverlapAllow, false, false, 2}, {schedule.OverlapQueue, false, true, 1}, {schedule.OverlapQueue, false, false, 0},
		{schedule.OverlapSkip, false, true, 1}, {schedule.OverlapSkip, false, false, 0}, {schedule.OverlapAllow, true, true, 0},
	} {
		s := hourly(func(s *schedule.Schedule) { s.Waiting, s.Overlap, s.Paused = waiting, test.overlap, test.paused })
		if got := s.Ready(test.over); len(got) != test.want || len(got) > 0 && got[0] != waiting[0] {
			t.Errorf("%+v: ready are %v", test, got)
		}
	}
	s := hourly(func(s *schedule.Schedule) { s.Waiting, s.Problem = waiting, "no model" })
	made := s.Made(waiting[0])
	if len(made.Waiting) != 1 || made.Waiting[0] != waiting[1] || made.Problem != "" || made.Last.Run != s.RunID(waiting[0]) || made.Last.At != waiting[0] || len(s.Waiting) != 2 {
		t.Errorf("made is %+v", made)
	}
}

func TestPauseAndResume(t *testing.T) {
	s := hourly(func(s *schedule.Schedule) { s.Overlap, s.Waiting = schedule.OverlapQueue, []pawl.Time{noon(0)} }).Pause()
	week := noon(7*24*time.Hour + time.Minute)
	s = s.Resume(week)
	if s.Paused || state(s) != "until 12:01 overlap 12:00 1" {
		t.Errorf("resumed: %s", state(s))
	}
	if s, changed, _ := s.Decide(week.Add(30*time.Minute), true); changed {
		t.Errorf("it makes up for the pause: %s", state(s))
	}
}

// TestRunID: one id for each schedule and time, which other versions must not change.
func TestRunID(t *testing.T) {
	s := hourly(nil)
	if got := s.RunID(noon(time.Hour)); got != "p1mm424oqupu" {
		t.Errorf("id is %s: runs of times that are under way would be made twice", got)
	}
	ids := map[pawl.RunID]bool{}
	again := hourly(func(s *schedule.Schedule) { s.CreatedAt = noon(time.Millisecond) })
	other := hourly(func(s *schedule.Schedule) { s.Name = "other" })
	for _, s := range []schedule.Schedule{s, again, other} {
		ids[s.RunID(noon(0))], ids[s.RunID(noon(time.Hour))] = true, true
	}
	if len(ids) != 6 {
		t.Errorf("%d ids of 6", len(ids))
	}
	o := s.Start(noon(0))
	if o.ID != s.RunID(noon(0)) || o.Who != "schedule report" || o.Schedule != "report" || !o.Queue || o.Checked {
		t.Errorf("started with %+v", o)
	}
}

func TestCheckRefuses(t *testing.T) {
	for says, change := range map[string]func(*schedule.Schedule){
		"":                           nil,
		"the name wants":             func(s *schedule.Schedule) { s.Name = "" },
		`schedule "a b"`:             func(s *schedule.Schedule) { s.Name = "a b" },
		`schedule "\x1b[2J"`:         func(s *schedule.Schedule) { s.Name = "\x1b[2J" },
		"the name wants 1 to 64":     func(s *schedule.Schedule) { s.Name = strings.Repeat("a", 65) },
		"wants five":                 func(s *schedule.Schedule) { s.Cron = "x" },
		"is not known":               func(s *schedule.Schedule) { s.Zone = "x" },
		`missed times "x"`:           func(s *schedule.Schedule) { s.Missed = "x" },
		`overlap "x"`:                func(s *schedule.Schedule) { s.Overlap = "x" },
		"limit is 0":                 func(s *schedule.Schedule) { s.Missed, s.MissedLimit = schedule.MissedAll, 0 },
		"limit is 101":               func(s *schedule.Schedule) { s.Missed, s.MissedLimit = schedule.MissedAll, 101 },
		"all but the first would be": func(s *schedule.Schedule) { s.Missed = schedule.MissedAll },
	} {
		err := hourly(change).Check()
		if says == "" && err != nil || says != "" && (!errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %v", says, err)
		}
	}
}

func TestIsOver(t *testing.T) {
	over := map[pawl.Status]bool{pawl.StatusDone: true, pawl.StatusCanceled: true, pawl.StatusFailed: true}
	for _, s := range []pawl.Status{pawl.StatusQueued, pawl.StatusRunning, pawl.StatusWaiting, pawl.StatusPausing, pawl.StatusPaused, pawl.StatusCanceling, pawl.StatusCanceled, pawl.StatusFailed, pawl.StatusDone} {
		if schedule.IsOver(s) != over[s] {
			t.Errorf("%s is over: %v", s, !over[s])
		}
	}
}

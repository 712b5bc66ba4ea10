package journaltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schedule"
)

func (b bench) keeper() schedule.Keeper { return b.j.(schedule.Keeper) }

func (b bench) schedules() []schedule.Schedule {
	b.t.Helper()
	list, err := b.keeper().Schedules(b.ctx())
	if err != nil {
		b.t.Fatalf("list schedules: %v", err)
	}
	return list
}

func (b bench) addSchedule(s schedule.Schedule) {
	b.t.Helper()
	if err := b.keeper().AddSchedule(b.ctx(), s); err != nil {
		b.t.Fatalf("add schedule: %v", err)
	}
}

// daily has all that a schedule can have.
func daily() schedule.Schedule {
	dollars := 2.5
	return schedule.Schedule{
		Name: "daily", Flow: "article", Program: "press", Cron: "0 7 * * *", Zone: "Europe/Berlin",
		Input: json.RawMessage(`{"topic":"<tides> \u2028 \u0000"}`), Model: "offline", Fallback: []string{"a", "b"}, Budget: &pawl.Budget{USD: &dollars},
		Missed: schedule.MissedAll, MissedLimit: 7, Overlap: schedule.OverlapQueue, Who: "ada \x1b", CreatedAt: start,
		Paused: true, Until: start, Waiting: []pawl.Time{start, start}, Last: &schedule.Last{Run: "r1", At: start, Now: true},
		Skipped: &schedule.Skipped{At: start, Why: schedule.SkipMissed, Count: 3}, Problem: "no",
	}
}

func schedules(t *testing.T, b bench) {
	if got := b.schedules(); got == nil || len(got) != 0 {
		t.Errorf("at first there are %#v", got)
	}
	mark, err := b.j.Changes(b.ctx(), 0)
	if err != nil {
		t.Fatal(err)
	}
	one := daily()
	b.addSchedule(one)
	if _, err := b.j.Changes(b.ctx(), mark); err != nil { // a schedule is a change
		t.Fatal(err)
	}
	one.Revision, one.Fallback[0] = 1, "changed"
	want := daily()
	want.Revision = 1
	b.equal("the schedule", b.schedules(), []schedule.Schedule{want})

	b.want(b.keeper().AddSchedule(b.ctx(), schedule.Schedule{Name: "daily"}), pawl.ErrConflict)
	b.addSchedule(schedule.Schedule{Name: "Zeta"})
	b.addSchedule(schedule.Schedule{Name: "alpha"})
	var names []string
	for _, s := range b.schedules() {
		names = append(names, s.Name)
	}
	b.equal("names in order", names, []string{"Zeta", "alpha", "daily"})

	b.want(b.keeper().RemoveSchedule(b.ctx(), "none"), pawl.ErrNotFound)
	if err := b.keeper().RemoveSchedule(b.ctx(), "daily"); err != nil {
		t.Fatal(err)
	}
	b.want(b.keeper().RemoveSchedule(b.ctx(), "daily"), pawl.ErrNotFound)
	if got := b.schedules(); len(got) != 2 {
		t.Errorf("left are %+v", got)
	}
	b.addSchedule(want) // the name is free again
	ended, cancel := context.WithCancel(b.ctx())
	cancel()
	b.want(b.keeper().AddSchedule(ended, schedule.Schedule{Name: "late"}), pawl.ErrStorage)
}

func scheduleChanged(t *testing.T, b bench) {
	b.addSchedule(daily())
	read := b.schedules()[0]
	stale := read
	read.Paused, read.Problem = false, ""
	revision, err := b.keeper().UpdateSchedule(b.ctx(), read)
	if err != nil || revision <= read.Revision {
		t.Fatalf("revision %d after %d, %v", revision, read.Revision, err)
	}
	read.Revision = revision
	b.equal("changed", b.schedules(), []schedule.Schedule{read})
	_, err = b.keeper().UpdateSchedule(b.ctx(), stale)
	b.want(err, pawl.ErrConflict)
	b.equal("after a stale change", b.schedules(), []schedule.Schedule{read})
	if _, err = b.keeper().UpdateSchedule(b.ctx(), read); err != nil {
		t.Errorf("as it was read: %v", err)
	}
	read.Name = "none"
	_, err = b.keeper().UpdateSchedule(b.ctx(), read)
	b.want(err, pawl.ErrNotFound)
}

func scheduleRace(t *testing.T, b bench) {
	b.addSchedule(daily())
	var all sync.WaitGroup
	var mu sync.Mutex
	won := 0
	read := b.schedules()[0]
	for i := range 8 {
		all.Go(func() {
			s := read
			s.Problem = fmt.Sprint(i)
			_, err := b.keeper().UpdateSchedule(b.ctx(), s)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case !errors.Is(err, pawl.ErrConflict):
				t.Errorf("change %d: %v", i, err)
			}
		})
	}
	all.Wait()
	if won != 1 {
		t.Errorf("%d changes of one revision won", won)
	}
}

func ofSchedule(t *testing.T, b bench) {
	for id, name := range map[pawl.RunID]string{"r1": "daily", "r2": "", "r3": "weekly", "r4": "daily"} {
		run := newRun(id)
		run.Schedule = name
		if _, err := b.j.Create(b.ctx(), run, []journal.Draft{created()}); err != nil {
			t.Fatal(err)
		}
		if got := b.row(id).Schedule; got != name {
			t.Errorf("run %s is of schedule %q, want %q", id, got, name)
		}
	}
	for _, test := range []struct {
		f    pawl.RunFilter
		want int
	}{{pawl.RunFilter{Schedule: "daily"}, 2}, {pawl.RunFilter{Schedule: "daily", Flow: "article"}, 2}, {pawl.RunFilter{Schedule: "daily", Prefix: "r4"}, 1}, {pawl.RunFilter{Schedule: "none"}, 0}, {pawl.RunFilter{}, 4}} {
		if got := b.runs(test.f); len(got) != test.want {
			t.Errorf("%d runs for %+v, want %d", len(got), test.f, test.want)
		}
	}
}

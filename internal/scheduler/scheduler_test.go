package scheduler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/scheduler"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/schedule"
)

type topic struct {
	Topic string `json:"topic"`
}

var report = pawl.New("report", "Report.", func(_ *pawl.Run, in topic) (topic, error) { return in, nil })

// place is a journal with schedules, in a bubble whose clock begins on 1 January 2000, a
// Saturday, at midnight.
type place struct {
	t *testing.T
	j journal.Journal
	schedule.Keeper
}

func memory(t *testing.T) place {
	m := journal.NewMemory()
	return place{t, m, m}
}

// engine opens an engine on the journal.
func (p place) engine() *local.Engine {
	return local.New(&local.Options{Journal: p.j, Flows: []pawl.Flow{report}, Program: "press"})
}

// start starts a scheduler on the journal that writes what it makes into a list.
func (p place) start(made *[]string, change func(*scheduler.Options)) *scheduler.Scheduler {
	o := scheduler.Options{Engine: p.engine(), Keeper: p.Keeper, Flows: []pawl.Flow{report}, Program: "press",
		Made: func(s schedule.Schedule, at pawl.Time, run pawl.RunID) {
			if run != s.RunID(at) {
				p.t.Errorf("run %s is made for %s, want %s", run, at, s.RunID(at))
			}
			*made = append(*made, at.Format("02 15:04")+" at "+time.Now().UTC().Format("02 15:04:05"))
		}}
	if change != nil {
		change(&o)
	}
	s := scheduler.New(o)
	s.Start(p.t.Context())
	return s
}

func (p place) add(change func(*schedule.Schedule)) schedule.Schedule {
	p.t.Helper()
	s := schedule.Schedule{Name: "daily", Flow: "report", Cron: "0 7 * * *", Input: json.RawMessage(`{"topic":"tides"}`),
		Missed: schedule.MissedLatest, MissedLimit: 10, Overlap: schedule.OverlapAllow, CreatedAt: pawl.At(time.Now()), Until: pawl.At(time.Now())}
	if change != nil {
		change(&s)
	}
	if err := errors.Join(s.Check(), p.AddSchedule(p.t.Context(), s)); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p place) runs() []pawl.RunSummary {
	p.t.Helper()
	runs, err := p.engine().List(p.t.Context(), pawl.RunFilter{Schedule: "daily"})
	if err != nil {
		p.t.Fatal(err)
	}
	return runs
}

func (p place) find() schedule.Schedule {
	p.t.Helper()
	s, err := scheduler.Find(p.t.Context(), p.Keeper, "daily")
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p place) want(made []string, want ...string) {
	p.t.Helper()
	if strings.Join(made, ", ") != strings.Join(want, ", ") {
		p.t.Errorf("made are %s\nwant %s", strings.Join(made, ", "), strings.Join(want, ", "))
	}
}

func TestScheduler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := memory(t)
		var made []string
		s := p.start(&made, nil)
		s.Start(t.Context()) // again: it does nothing
		p.add(nil)
		time.Sleep(49 * time.Hour)
		s.Stop()
		s.Stop()
		p.want(made, "01 07:00 at 01 07:00:00", "02 07:00 at 02 07:00:00")
		runs := p.runs()
		if len(runs) != 2 || runs[0].Status != pawl.StatusQueued || runs[0].Schedule != "daily" || runs[0].Program != "press" {
			t.Fatalf("runs %+v", runs)
		}
		rec, err := p.engine().Get(t.Context(), runs[0].ID)
		if err != nil || rec.Who != "schedule daily" || rec.Schedule != "daily" || string(rec.Input) != `{"topic":"tides"}` {
			t.Errorf("record %+v, %v", rec, err)
		}
		time.Sleep(24 * time.Hour)
		p.want(made, "01 07:00 at 01 07:00:00", "02 07:00 at 02 07:00:00")
		s.Start(t.Context()) // it may be started anew
		time.Sleep(time.Second)
		s.Stop()
		p.want(made[2:], "03 07:00 at 04 01:00:00")
	})
}

// TestMissed: a week in which nobody works is made up for by the policy, whoever comes
// first then.
func TestMissed(t *testing.T) {
	for policy, want := range map[schedule.Missed]string{
		schedule.MissedLatest: "07 07:00 at 08 00:00:00",
		schedule.MissedNone:   "",
		schedule.MissedAll:    "05 07:00 at 08 00:00:00, 06 07:00 at 08 00:00:00, 07 07:00 at 08 00:00:00",
	} {
		synctest.Test(t, func(t *testing.T) {
			p := memory(t)
			p.add(func(s *schedule.Schedule) { s.Missed, s.MissedLimit = policy, 3 })
			time.Sleep(7 * 24 * time.Hour)
			var made []string
			s := p.start(&made, nil)
			time.Sleep(time.Minute)
			s.Stop()
			if got := strings.Join(made, ", "); got != want {
				t.Errorf("%s: made are %s, want %s", policy, got, want)
			}
			if k := p.find().Skipped; k == nil || k.Why != schedule.SkipMissed || int(k.Count) != 7-len(made) {
				t.Errorf("%s: skipped %+v", policy, k)
			}
		})
	}
}

// TestOverlap: while the last run is under way.
func TestOverlap(t *testing.T) {
	for policy, want := range map[schedule.Overlap]string{
		schedule.OverlapSkip:  "01:00 at 01 01:00:00, 04:00 at 01 04:00:00, 05:00 at 01 05:00:00",
		schedule.OverlapQueue: "01:00 at 01 01:00:00, 02:00 at 01 03:30:00, 03:00 at 01 03:30:05, 04:00 at 01 04:00:00, 05:00 at 01 05:00:00",
		schedule.OverlapAllow: "01:00 at 01 01:00:00, 02:00 at 01 02:00:00, 03:00 at 01 03:00:00, 04:00 at 01 04:00:00, 05:00 at 01 05:00:00",
	} {
		synctest.Test(t, func(t *testing.T) {
			p := memory(t)
			p.add(func(s *schedule.Schedule) { s.Cron, s.Overlap = "0 * * * *", policy })
			var made []string
			s := p.start(&made, nil)
			end := func() { // of all that are under way
				for _, r := range p.runs() {
					if r.Status == pawl.StatusQueued {
						if err := p.engine().Direct(t.Context(), r.ID, pawl.Directive{What: pawl.DirectCancel}); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			time.Sleep(3*time.Hour + 30*time.Minute - time.Second)
			end()
			for range 12 * 60 * 2 { // from now on they end at once
				time.Sleep(3 * time.Second)
				end()
			}
			time.Sleep(31 * time.Minute)
			s.Stop()
			for i := range made {
				made[i] = strings.TrimPrefix(made[i], "01 ")
			}
			if got := strings.Join(made, ", "); got != want {
				t.Errorf("%s: made are\n%s, want\n%s", policy, got, want)
			}
			if k := p.find().Skipped; policy == schedule.OverlapSkip && (k == nil || k.Why != schedule.SkipOverlap || k.Count != 2) {
				t.Errorf("%s: skipped %+v", policy, k)
			}
		})
	}
}

// TestTwoOnOneFile: two processes on one database make each time once.
func TestTwoOnOneFile(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		open := func() place {
			db, err := sqlite.Open(t.Context(), dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			return place{t, db, db}
		}
		one, other := open(), open()
		one.add(func(s *schedule.Schedule) { s.Cron = "* * * * *" })
		var made, also []string
		a, b := one.start(&made, nil), other.start(&also, nil)
		time.Sleep(30*time.Minute + time.Second)
		a.Stop()
		time.Sleep(30 * time.Minute)
		b.Stop()
		if n := len(one.runs()); n != 60 || len(made)+len(also) != 60 {
			t.Errorf("%d runs, told were %d and %d; want 60 in all", n, len(made), len(also))
		}
		if err := errors.Join(one.j.Close(), other.j.Close()); err != nil {
			t.Error(err)
		}
	})
}

// dying is an engine whose process dies at a start: before it, or just behind.
type dying struct {
	pawl.Engine
	before bool
	died   atomic.Bool
	die    context.CancelFunc
}

func (d *dying) Start(ctx context.Context, f pawl.Flow, in json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	if !d.before {
		if _, err := d.Engine.Start(ctx, f, in, o); err != nil {
			return "", err
		}
	}
	d.died.Store(true)
	d.die()
	return "", errors.New("died")
}

// TestKilled: who dies between the decision and the run, or between the run and its note
// in the schedule, leaves a time that the next one makes once.
func TestKilled(t *testing.T) {
	for _, before := range []bool{true, false} {
		for _, overlap := range []schedule.Overlap{schedule.OverlapSkip, schedule.OverlapQueue, schedule.OverlapAllow} {
			synctest.Test(t, func(t *testing.T) {
				p := memory(t)
				p.add(func(s *schedule.Schedule) { s.Overlap = overlap })
				var made []string
				ctx, die := context.WithCancel(t.Context())
				d := &dying{Engine: p.engine(), before: before, die: die}
				scheduler.New(scheduler.Options{Engine: d, Keeper: p.Keeper, Flows: []pawl.Flow{report}}).Start(ctx)
				time.Sleep(8 * time.Hour)
				if waiting := p.find().Waiting; !d.died.Load() || len(waiting) != 1 || len(p.runs()) == 0 != before {
					t.Fatalf("died: %v, waiting %v, runs %v", d.died.Load(), waiting, p.runs())
				}
				s := p.start(&made, nil)
				time.Sleep(time.Hour)
				s.Stop()
				p.want(made, "01 07:00 at 01 08:00:00")
				is := p.find()
				if runs := p.runs(); len(runs) != 1 || is.Last == nil || is.Last.Run != runs[0].ID || len(is.Waiting) != 0 || is.Skipped != nil {
					t.Errorf("runs %+v, schedule %+v", runs, is)
				}
			})
		}
	}
}

func TestPausedAndResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := memory(t)
		p.add(nil)
		var made []string
		s := p.start(&made, nil)
		defer s.Stop()
		change := func(how func(schedule.Schedule) schedule.Schedule) {
			if _, err := scheduler.Change(t.Context(), p.Keeper, "daily", func(s schedule.Schedule) (schedule.Schedule, bool) { return how(s), true }); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(8 * time.Hour)
		change(schedule.Schedule.Pause)
		time.Sleep(24 * time.Hour)
		change(func(s schedule.Schedule) schedule.Schedule { return s.Resume(pawl.At(time.Now())) })
		time.Sleep(24 * time.Hour)
		p.want(made, "01 07:00 at 01 07:00:00", "03 07:00 at 03 07:00:00")
	})
}

func TestRunNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := memory(t)
		sched := p.add(func(s *schedule.Schedule) { s.Overlap, s.Paused = schedule.OverlapSkip, true })
		id, err := scheduler.RunNow(t.Context(), p.engine(), p.Keeper, report, sched, "", pawl.At(time.Now()), "ada")
		if err != nil {
			t.Fatal(err)
		}
		rec, err := p.engine().Get(t.Context(), id)
		is := p.find()
		if err != nil || rec.Who != "ada" || rec.Schedule != "daily" || is.Last == nil || is.Last.Run != id || !is.Last.Now || !is.Paused {
			t.Errorf("record %+v, schedule %+v, %v", rec, is, err)
		}
	})
}

// TestNotFired: a schedule whose flow is of another program or not there, or whose input
// does not fit, makes no run and loses no time; what stands against it is said once.
func TestNotFired(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*schedule.Schedule)
		says   string
	}{
		"no flow":       {func(s *schedule.Schedule) { s.Flow = "gone" }, ""},
		"other program": {func(s *schedule.Schedule) { s.Program = "other" }, ""},
		"input":         {func(s *schedule.Schedule) { s.Input = json.RawMessage(`{"topic":7}`) }, "topic"},
		"zone":          {func(s *schedule.Schedule) { s.Zone = "Mars/Olympus" }, "Mars/Olympus"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := memory(t)
			s := schedule.Schedule{Name: "daily", Flow: "report", Program: "press", Cron: "0 7 * * *", Input: json.RawMessage(`{"topic":"x"}`), Until: pawl.At(time.Now())}
			test.change(&s)
			if err := p.AddSchedule(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			var made []string
			var log bytes.Buffer
			sch := p.start(&made, func(o *scheduler.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			time.Sleep(8 * time.Hour)
			sch.Stop()
			is := p.find()
			if len(made)+len(p.runs()) != 0 || !is.Until.Equal(s.Until.Time) || is.Revision != 1 {
				t.Errorf("%s: made %v, schedule %+v", name, made, is)
			}
			if n := strings.Count(log.String(), "\n"); test.says == "" && n != 0 || test.says != "" && (n != 1 || !strings.Contains(log.String(), test.says)) {
				t.Errorf("%s: logged are %s", name, log.String())
			}
		})
	}
}

// refusing is an engine that starts nothing for a while.
type refusing struct {
	pawl.Engine
	refuse atomic.Bool
}

func (r *refusing) Start(ctx context.Context, f pawl.Flow, in json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	if r.refuse.Load() {
		return "", &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("model %q is not known", o.Model)}
	}
	return r.Engine.Start(ctx, f, in, o)
}

// TestProblem: a run that cannot be made waits, the schedule says why, and it is made when
// nothing stands against it.
func TestProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := memory(t)
		p.add(func(s *schedule.Schedule) { s.Model = "gone" })
		e := &refusing{Engine: p.engine()}
		e.refuse.Store(true)
		var made []string
		s := p.start(&made, func(o *scheduler.Options) { o.Engine = e })
		time.Sleep(8*time.Hour - time.Second)
		if is := p.find(); is.Problem != `model "gone" is not known` || len(is.Waiting) != 1 || is.Revision != 3 {
			t.Errorf("schedule %+v", is)
		}
		_, err := scheduler.Change(t.Context(), p.Keeper, "daily", func(s schedule.Schedule) (schedule.Schedule, bool) {
			s.Model = ""
			return s, true
		})
		if err != nil {
			t.Fatal(err)
		}
		e.refuse.Store(false)
		time.Sleep(time.Minute)
		s.Stop()
		p.want(made, "01 07:00 at 01 08:00:00")
		if is := p.find(); is.Problem != "" || len(is.Waiting) != 0 {
			t.Errorf("schedule %+v", is)
		}
	})
}

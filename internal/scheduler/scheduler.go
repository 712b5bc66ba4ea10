package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schedule"
)

// Options are what a Scheduler is made of. Engine and Keeper stand on the same journal.
type Options struct {
	Engine  pawl.Engine
	Keeper  schedule.Keeper
	Flows   []pawl.Flow // whose schedules it looks after
	Program string      // its name; schedules of other programs are left alone; empty: none is

	// Logger is told what goes wrong, once for each thing. Nil: nobody is.
	Logger *slog.Logger

	// Made is told of each run that this Scheduler has made, for which time. Nil: nobody
	// is. Calls do not overlap.
	Made func(s schedule.Schedule, at pawl.Time, run pawl.RunID)

	// Now and After are the clock that schedules go by. Nil: the machine's, time.Now and
	// time.After.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

// lookEvery is how often a Scheduler looks at all schedules: others add and change some, a
// run that one waits for comes to its end, and the clock may be set.
const lookEvery = 5 * time.Second

// Scheduler makes the runs of schedules. Its methods may be called concurrently.
type Scheduler struct {
	o Options

	mu   sync.Mutex // guards stop and done
	stop context.CancelFunc
	done chan struct{}

	said map[string]string // what was logged last of a schedule, by name; only the loop uses it
}

// New returns a Scheduler that does nothing yet.
func New(o Options) *Scheduler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	return &Scheduler{o: o, said: map[string]string{}}
}

// Start begins to look after schedules, until Stop is called or ctx ends. It does not
// block; starting one that is started does nothing.
func (s *Scheduler) Start(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done != nil {
		return
	}
	ctx, s.stop = context.WithCancel(ctx)
	done := make(chan struct{})
	s.done = done
	go func() {
		defer close(done)
		s.work(ctx)
	}()
}

// Stop ends that and returns when nothing is under way any more. What was begun and not
// finished the next one finishes. Stopping twice, or what was not started, does nothing.
func (s *Scheduler) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil {
		return
	}
	s.stop()
	<-s.done
	s.stop, s.done = nil, nil
}

func (s *Scheduler) work(ctx context.Context) {
	for ctx.Err() == nil {
		next := s.look(ctx)
		select {
		case <-s.o.After(min(max(next.Sub(s.o.Now()), 0), lookEvery)):
		case <-ctx.Done():
		}
	}
}

// look makes what is due, and returns when something will be.
func (s *Scheduler) look(ctx context.Context) (next time.Time) {
	next = s.o.Now().Add(lookEvery)
	all, err := s.o.Keeper.Schedules(ctx)
	if s.say(ctx, "", err); err != nil {
		return next
	}
	for _, sched := range all {
		f := sched.FlowOf(s.o.Program, s.o.Flows)
		if f == nil || sched.Paused || ctx.Err() != nil {
			continue
		}
		err := s.lookAfter(ctx, f, sched)
		s.say(ctx, sched.Name, err)
		if c, err := schedule.ParseCron(sched.Cron, sched.Zone); err == nil {
			if at := c.Next(s.o.Now()); at.Before(next) && !at.IsZero() {
				next = at
			}
		}
	}
	return next
}

// say logs what stands against a schedule, or all of them, when that is something else
// than before. That somebody else was faster, or has removed it, is nothing.
func (s *Scheduler) say(ctx context.Context, name string, err error) {
	is := ""
	if err != nil && ctx.Err() == nil && !errors.Is(err, pawl.ErrConflict) && !errors.Is(err, pawl.ErrNotFound) {
		is = err.Error()
	}
	if is != "" && is != s.said[name] {
		s.o.Logger.Error("schedule makes no run", "schedule", name, "error", err)
	}
	s.said[name] = is
}

// lookAfter decides what is to become of the times of a schedule that have come, and makes
// the runs that are to be made. Where its input does not fit the flow nothing is decided:
// the times count as missed when it does again.
func (s *Scheduler) lookAfter(ctx context.Context, f pawl.Flow, sched schedule.Schedule) error {
	if _, err := f.CheckInput(sched.Input); err != nil {
		return err
	}
	over, err := isOver(ctx, s.o.Engine, sched.Last)
	if err != nil {
		return err
	}
	decided, changed, err := sched.Decide(s.o.Now(), over)
	if err != nil {
		return err
	}
	if changed {
		if decided.Revision, err = s.o.Keeper.UpdateSchedule(ctx, decided); err != nil {
			return err
		}
	}
	for _, at := range decided.Ready(over) {
		if err := s.make(ctx, f, decided, at); err != nil {
			return err
		}
	}
	return nil
}

// isOver reports whether the last run of a schedule, if there was one and it is still
// there, is over.
func isOver(ctx context.Context, e pawl.Engine, last *schedule.Last) (bool, error) {
	if last == nil {
		return true, nil
	}
	runs, err := e.List(ctx, pawl.RunFilter{Prefix: last.Run, Limit: 1})
	if err != nil || len(runs) == 0 {
		return true, err
	}
	return schedule.IsOver(runs[0].Status), nil
}

// make makes the run for a time that waits, and says so in the schedule.
func (s *Scheduler) make(ctx context.Context, f pawl.Flow, sched schedule.Schedule, at pawl.Time) error {
	id := sched.RunID(at)
	_, err := s.o.Engine.Start(ctx, f, sched.Input, sched.Start(at))
	if errors.Is(err, pawl.ErrConflict) { // it is there, made by a build that took the input otherwise
		err = nil
	}
	if err != nil {
		return errors.Join(err, s.note(ctx, sched, err))
	}
	recorded := false
	_, err = Change(ctx, s.o.Keeper, sched.Name, func(now schedule.Schedule) (schedule.Schedule, bool) {
		recorded = now.Waits(at) && now.CreatedAt.Equal(sched.CreatedAt.Time)
		return now.Made(at), recorded
	})
	if recorded && err == nil && s.o.Made != nil {
		s.o.Made(sched, at, id)
	}
	return err
}

// note stores why a run could not be made, for whoever looks at the schedule.
func (s *Scheduler) note(ctx context.Context, sched schedule.Schedule, why error) error {
	if ctx.Err() != nil || errors.Is(why, pawl.ErrStorage) {
		return nil
	}
	text := pawl.AsError(why, pawl.ErrInternal).Message
	_, err := Change(ctx, s.o.Keeper, sched.Name, func(now schedule.Schedule) (schedule.Schedule, bool) {
		changed := now.Problem != text && len(now.Waiting) > 0
		now.Problem = text
		return now, changed
	})
	return err
}

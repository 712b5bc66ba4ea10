package schedule

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
)

// Missed says what becomes of times that were missed: nobody worked on the data directory,
// or something stood against it, until more than [Grace] later.
type Missed string

const (
	MissedLatest Missed = "latest" // the latest one is made up for, once; the default
	MissedNone   Missed = "none"   // none is
	MissedAll    Missed = "all"    // all are, the latest MissedLimit of them
)

// Overlap says what becomes of a time that comes while the last run of the schedule is
// still under way: it has not ended, and does not stand at a failure.
type Overlap string

const (
	OverlapSkip  Overlap = "skip"  // it is passed over; the default
	OverlapQueue Overlap = "queue" // its run is made when that one is over
	OverlapAllow Overlap = "allow" // its run is made at once
)

const (
	// Grace is how late a run may be made without its time counting as missed.
	Grace = time.Minute

	// MaxWaiting is how many times may wait for the last run to be over, and how many
	// missed ones may be made up for at most.
	MaxWaiting = 100
)

// Schedule is a flow that is run by itself at the times of a cron expression. What one
// chooses stands first and is never changed; what has become of it stands behind.
type Schedule struct {
	Name    string `json:"name"`    // 1 to 64 of a-z, A-Z, 0-9, - _ .
	Flow    string `json:"flow"`    // by name
	Program string `json:"program"` // whose processes run it; empty: any that has the flow
	Cron    string `json:"cron"`    // expression, see ParseCron
	Zone    string `json:"tz"`      // of the IANA database; empty: UTC

	Input    json.RawMessage `json:"input"`    // of each run, defaults filled in
	Model    string          `json:"model"`    // provider/model for every question; empty: that of whoever executes a run
	Fallback []string        `json:"fallback"` // further models, asked where the ones before cannot answer
	Budget   *pawl.Budget    `json:"budget"`   // of each run; null: no limit

	Missed      Missed  `json:"missed"`       // what becomes of times that were missed
	MissedLimit int     `json:"missed_limit"` // of how many of them runs are made if of all: 1 to 100
	Overlap     Overlap `json:"overlap"`      // what becomes of a time while the last run is under way

	Who       string    `json:"who"`        // added it
	CreatedAt pawl.Time `json:"created_at"` // when it was added

	Paused  bool        `json:"paused"`  // until somebody resumes it; what comes meanwhile is not missed
	Until   pawl.Time   `json:"until"`   // what is to become of all times up to this one has been decided
	Waiting []pawl.Time `json:"waiting"` // times whose runs are still to be made, in order
	Last    *Last       `json:"last"`    // the last run; null: there was none
	Skipped *Skipped    `json:"skipped"` // what was passed over; null: nothing

	// Problem is why the run of the first waiting time could not be made; empty: nothing
	// stood against it.
	Problem string `json:"problem"`

	// Revision grows with every change that a Keeper stores. It is not part of the JSON form.
	Revision int64 `json:"-"`
}

// Last is a run that a schedule has made.
type Last struct {
	Run pawl.RunID `json:"run"` // the run's id
	At  pawl.Time  `json:"at"`  // the time that it is for
	Now bool       `json:"now"` // somebody had it made at once: it is for no time of the expression
}

// Skipped are times for which no run was or will be made.
type Skipped struct {
	At    pawl.Time  `json:"at"`    // the latest of them
	Why   SkipReason `json:"why"`   // of that one
	Count int64      `json:"count"` // since the schedule was added; of one absence it counts 10,000 at most
}

// SkipReason is why a time was passed over.
type SkipReason string

const (
	SkipMissed  SkipReason = "missed"  // nobody worked then, and it is not made up for
	SkipOverlap SkipReason = "overlap" // the last run was still under way, or too many wait for it
)

// Keeper keeps schedules. Its methods behave like those of a journal.Journal.
type Keeper interface {
	// Schedules lists all, by name.
	Schedules(ctx context.Context) ([]Schedule, error)

	// AddSchedule stores a new one. A name that exists is ErrConflict.
	AddSchedule(ctx context.Context, s Schedule) error

	// UpdateSchedule stores a changed one and returns its revision. It is ErrConflict if it
	// was changed since it was read, ErrNotFound if it is not there any more.
	UpdateSchedule(ctx context.Context, s Schedule) (revision int64, err error)

	// RemoveSchedule deletes one; ErrNotFound if it is not there. Its runs stay.
	RemoveSchedule(ctx context.Context, name string) error
}

// WithDefaults returns the schedule with what was left open: its flow's name, and the
// policies.
func (s Schedule) WithDefaults() Schedule {
	s.Name = cmp.Or(s.Name, s.Flow)
	s.Missed = cmp.Or(s.Missed, MissedLatest)
	if s.Overlap == "" && s.Missed == MissedAll {
		s.Overlap = OverlapQueue
	}
	s.Overlap = cmp.Or(s.Overlap, OverlapSkip)
	return s
}

// Check refuses a new schedule whose name, times or policies are none, with ErrInput.
func (s Schedule) Check() error {
	_, err := ParseCron(s.Cron, s.Zone)
	switch {
	case !isName(s.Name):
		return wrong("schedule %q: the name wants 1 to 64 letters, digits, -, _ and .", s.Name)
	case err != nil:
		return err
	case !slices.Contains([]Missed{MissedLatest, MissedNone, MissedAll}, s.Missed):
		return wrong("missed times %q: wants one of %s, %s and %s", s.Missed, MissedLatest, MissedNone, MissedAll)
	case s.Missed == MissedAll && (s.MissedLimit < 1 || s.MissedLimit > MaxWaiting):
		return wrong("missed times: the limit is %d, wants 1 to %d", s.MissedLimit, MaxWaiting)
	case !slices.Contains([]Overlap{OverlapSkip, OverlapQueue, OverlapAllow}, s.Overlap):
		return wrong("overlap %q: wants one of %s, %s and %s", s.Overlap, OverlapSkip, OverlapQueue, OverlapAllow)
	case s.Missed == MissedAll && s.Overlap == OverlapSkip:
		return wrong("of several missed times all but the first would be skipped, since its run is under way: have them %s or %s", OverlapQueue, OverlapAllow)
	}
	return nil
}

func isName(s string) bool {
	return len(s) >= 1 && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}

func wrong(format string, args ...any) error {
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf(format, args...)}
}

// RunID is the id of the run for a time of the schedule. A schedule that is removed and
// added again under its name is another one.
func (s Schedule) RunID(at pawl.Time) pawl.RunID {
	return pawl.RunIDOf("schedule", s.Name, s.CreatedAt.Format(time.RFC3339Nano), at.Format(time.RFC3339Nano))
}

// FlowOf returns the schedule's flow if it is one of a program's; nil: the program has
// nothing to do with the schedule.
func (s Schedule) FlowOf(program string, flows []pawl.Flow) pawl.Flow {
	if s.Program != "" && program != "" && s.Program != program {
		return nil
	}
	for _, f := range flows {
		if f.Name() == s.Flow {
			return f
		}
	}
	return nil
}

// Actor is who starts the runs of a schedule, as records name it.
func (s Schedule) Actor() string { return "schedule " + s.Name }

// Start is how the run for a time of the schedule is started.
func (s Schedule) Start(at pawl.Time) *pawl.StartOptions {
	return &pawl.StartOptions{
		ID: s.RunID(at), Who: s.Actor(), Schedule: s.Name,
		Model: s.Model, Fallback: s.Fallback, Budget: s.Budget, Queue: true,
	}
}

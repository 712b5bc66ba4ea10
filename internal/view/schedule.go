package view

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schedule"
)

// Schedules returns all schedules as they stand at a time, by name. program is the name of
// the one that shows them. A journal that keeps none has none.
func (v *View) Schedules(ctx context.Context, program string, now time.Time) ([]schedule.Record, error) {
	k, ok := v.journal.(schedule.Keeper)
	if !ok {
		return []schedule.Record{}, nil
	}
	all, err := k.Schedules(ctx)
	if err != nil {
		return nil, err
	}
	offers := []journal.Offer{}
	if q, ok := v.journal.(journal.Queue); ok {
		if offers, err = q.Offers(ctx); err != nil {
			return nil, err
		}
	}
	list := make([]schedule.Record, len(all))
	for i, s := range all {
		list[i] = v.schedule(s, program, now)
		for _, o := range offers {
			list[i].Attended = list[i].Attended || o.Has(s.Flow, s.Program)
		}
		if list[i].Last, err = v.scheduled(ctx, s.Last); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// schedule is a schedule without what is to be known from elsewhere.
func (v *View) schedule(s schedule.Schedule, program string, now time.Time) schedule.Record {
	shown := schedule.Record{Schedule: s}
	m, input := v.maskInput(s.Flow, s.Input)
	shown.Input, shown.Schedule.Last = input, nil
	f, fits := s.FlowOf(program, v.flows), true
	c, err := schedule.ParseCron(s.Cron, s.Zone)
	switch {
	case f == nil && v.Flow(s.Flow) != nil:
		shown.Problem = fmt.Sprintf("it is of the program %s, whose workers run it", s.Program)
	case f == nil:
		shown.Problem = fmt.Sprintf("this program has no flow %s", s.Flow)
	case err != nil:
		shown.Problem = pawl.AsError(err, pawl.ErrInput).Message
	default:
		if _, err := f.CheckInput(s.Input); err != nil {
			fits, shown.Problem = false, "its input does not fit the flow any more: "+pawl.AsError(err, pawl.ErrInput).Message
		}
		shown.Problem = m.Line(shown.Problem)
	}
	if err != nil || s.Paused || !fits {
		return shown
	}
	if latest := c.Latest(1, s.Until.Time, now.Add(-schedule.Grace)); len(latest) > 0 {
		due := pawl.At(latest[0])
		shown.Due = &due
	}
	next := pawl.At(c.Next(now))
	shown.Next = &next
	return shown
}

// InputError returns what speaks against a run of a flow with an input, as it may be shown.
func (v *View) InputError(flow string, input json.RawMessage, err error) error {
	m, _ := v.maskInput(flow, input)
	return masked(m, err)
}

// maskInput returns what hides the sensitive values of an input, and the input as it may be
// shown.
func (v *View) maskInput(flow string, input json.RawMessage) (*mask.Mask, json.RawMessage) {
	rec := pawl.RunRecord{Flow: flow, Input: input}
	m := v.mask(rec)
	return m, m.Record(rec).Input
}

// scheduled is how the last run of a schedule stands.
func (v *View) scheduled(ctx context.Context, last *schedule.Last) (*schedule.LastRun, error) {
	if last == nil {
		return nil, nil
	}
	shown := &schedule.LastRun{Last: *last}
	rec, err := v.Run(ctx, last.Run)
	if errors.Is(err, pawl.ErrNotFound) || errors.Is(err, pawl.ErrDatabase) {
		return shown, nil
	}
	shown.Status, shown.Reason = rec.Status, rec.Reason
	return shown, err
}

package view

import (
	"context"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/journal"
)

// View shows the runs of an engine.
type View struct {
	engine  pawl.Engine
	journal journal.Reader
	flows   []pawl.Flow
	starts  keyed
	usages  usages
}

// New returns the view of an engine's runs. The journal is the one that the engine
// stands on; flows say what is sensitive.
func New(e pawl.Engine, j journal.Reader, flows []pawl.Flow) *View {
	return &View{engine: e, journal: j, flows: flows}
}

// Run returns a run's record.
func (v *View) Run(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	rec, err := v.run(ctx, id, forecasts{})
	if err == nil {
		err = v.addNotices(ctx, &rec)
	}
	return rec, err
}

func (v *View) run(ctx context.Context, id pawl.RunID, known forecasts) (pawl.RunRecord, error) {
	rec, _, err := v.masked(ctx, id, known)
	return rec, err
}

// masked is run, with the mask that has learned from the record.
func (v *View) masked(ctx context.Context, id pawl.RunID, known forecasts) (pawl.RunRecord, *mask.Mask, error) {
	rec, err := v.engine.Get(ctx, id)
	if err == nil {
		rec, err = v.explained(ctx, rec)
	}
	if err == nil {
		rec, err = v.proposed(ctx, rec, known)
	}
	rec, m := v.record(rec)
	return rec, m, err
}

// Record returns a record that an engine gave as it may be shown.
func (v *View) Record(rec pawl.RunRecord) pawl.RunRecord {
	rec, _ = v.record(rec)
	return rec
}

func (v *View) record(rec pawl.RunRecord) (pawl.RunRecord, *mask.Mask) {
	rec.Begun.Changed = v.changed(rec)
	m := v.mask(rec)
	return m.Record(rec), m
}

// Decision returns a decision on a blocker of a run as it may be shown.
func (v *View) Decision(b *Blocker, d pawl.Decision) pawl.Decision {
	m := v.mask(b.Run)
	m.Record(b.recorded)
	return m.Decision(d, b.Sensitive)
}

// Error returns what an engine says against something that was asked of a run, as
// it may be shown. An error that is none of the engine's stays as it is.
func (v *View) Error(ctx context.Context, id pawl.RunID, err error) error {
	var e *pawl.Error
	if !errors.As(err, &e) {
		return err
	}
	rec, gone := v.engine.Get(ctx, id)
	if gone != nil {
		return err // there is no run, or none that can be read, to hide anything of
	}
	m := v.mask(rec)
	m.Record(rec)
	return masked(m, err)
}

// masked is an error with its texts as they may be shown.
func masked(m *mask.Mask, err error) *pawl.Error {
	e := *pawl.AsError(err, pawl.ErrConflict)
	e.Message, e.Hint = m.Line(e.Message), m.Line(e.Hint)
	return &e
}

// Reason returns a summary's reason as it may be shown. What is to be hidden may
// stand anywhere in the run's history: if that cannot be read, nothing is shown.
func (v *View) Reason(ctx context.Context, r pawl.RunSummary) string {
	if r.Reason == "" {
		return ""
	}
	rec, err := v.engine.Get(ctx, r.ID)
	if err != nil {
		return ""
	}
	rec.Reason = r.Reason
	return v.Record(rec).Reason
}

// Flow returns the flow of that name; nil: this program does not have it.
func (v *View) Flow(name string) pawl.Flow {
	for _, f := range v.flows {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

// mask hides what of a run must not be shown. What is sensitive of an imported one its
// file has withheld, so that it can be shown where nobody has its flow.
func (v *View) mask(run pawl.RunRecord) *mask.Mask {
	f := v.Flow(run.Flow)
	if f == nil && run.Imported {
		return mask.Open()
	}
	return mask.Of(f)
}

// Knows reports whether it is known what of a run is sensitive.
func (v *View) Knows(run pawl.RunRecord) bool { return run.Imported || v.Flow(run.Flow) != nil }

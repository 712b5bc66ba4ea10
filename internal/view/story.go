package view

import (
	"context"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Story is a run with what its record leaves out.
type Story struct {
	Run   pawl.RunRecord
	Times Times
	Notes []Note   // none if the flow is not known: they may hold what is sensitive
	Stack []string // the calls of the flow's last panic, see Calls; none: it has gone on since, or there was none
	Cut   Cut
	Own   map[string]bool // prompts that the run keeps, by name, whose text is the flow's own

	Based []pawl.RunSummary // runs that have it as their base, without reasons, the newest first
}

// Times says how long a run took.
type Times struct {
	Executed time.Duration // without the time in which nobody executed it
	Over     time.Duration // from its first event to its last
	Resumed  bool          // it was executed more than once
}

// Note is a line that a flow left for the readers of its run.
type Note struct {
	At    pawl.Time
	Text  string
	Steps int // that had begun before it
}

// Cut counts the attempts that the run's last process left in flight.
type Cut struct {
	Calls int // of models: they may have been billed
	Steps int // others: they may have had their effect
}

// Story returns a run's story.
func (v *View) Story(ctx context.Context, id pawl.RunID) (Story, error) {
	rec, err := v.engine.Get(ctx, id)
	if err != nil {
		return Story{}, err
	}
	if rec, err = v.explained(ctx, rec); err != nil {
		return Story{}, err
	}
	if rec, err = v.proposed(ctx, rec, forecasts{}); err != nil {
		return Story{}, err
	}
	events, err := v.journal.Read(ctx, id, 0, 0)
	if err != nil {
		return Story{}, err
	}
	m := v.mask(rec)
	rec.Begun.Changed = v.changed(rec)
	s := Story{Run: m.Record(rec), Times: times(events), Cut: cut(events)}
	if f := v.Flow(rec.Flow); f != nil {
		s.Own = ownPrompts(f, rec.Prompts)
	}
	if v.Knows(rec) {
		if s.Notes, err = notes(events); err != nil {
			return s, err
		}
	}
	for i := range s.Notes {
		s.Notes[i].Text = m.Line(s.Notes[i].Text)
	}
	if s.Stack, err = stack(events); err != nil {
		return s, err
	}
	if s.Based, err = v.Summaries(ctx, pawl.RunFilter{Base: id}); err != nil {
		return s, err
	}
	return s, v.addNotices(ctx, &s.Run)
}

// Ended returns how long a run took and what its last process left in flight, as
// far as that is to be had: zeros from a journal that fails.
func (v *View) Ended(ctx context.Context, id pawl.RunID) (Times, Cut) {
	events, _ := v.journal.Read(ctx, id, 0, 0) // what is good to know, beside a result
	return times(events), cut(events)
}

// InFlight names the steps of a run that is executed which are under way, as far
// as that is to be had.
func (v *View) InFlight(ctx context.Context, id pawl.RunID) []pawl.Key {
	events, _ := v.journal.Read(ctx, id, 0, 0)
	var keys []pawl.Key
	for _, f := range inFlight(events) {
		keys = append(keys, f.key)
	}
	return keys
}

// Claimant names the process that has claimed the run since a record of it, or
// else the one that holds it; empty: it is at rest again.
func (v *View) Claimant(ctx context.Context, rec pawl.RunRecord) (by string, err error) {
	events, err := v.journal.Read(ctx, rec.ID, rec.LastSeq, 0)
	if err != nil {
		return "", err
	}
	for _, ev := range events {
		if ev.Type != pawl.EventClaimed {
			continue
		}
		c, err := journal.Decode[journal.Claimed](ev)
		if err != nil {
			return "", err
		}
		by = c.By
	}
	if by != "" {
		return by, nil
	}
	rows, err := v.journal.Runs(ctx, pawl.RunFilter{Prefix: rec.ID, Limit: 1})
	if err != nil || len(rows) == 0 || rows[0].ID != rec.ID {
		return "", err
	}
	return rows[0].Holder, nil
}

// times leaves out the time between the last event of one process and the claim of
// the next.
func times(events []pawl.Event) (t Times) {
	if len(events) == 0 {
		return t
	}
	first, last := events[0].At, events[len(events)-1].At
	begun, claims := first, 0
	for i, ev := range events {
		if ev.Type != pawl.EventClaimed {
			continue
		}
		if claims++; claims > 1 {
			t.Executed += events[i-1].At.Sub(begun.Time)
			begun = ev.At
		}
	}
	t.Executed += last.Sub(begun.Time)
	t.Over, t.Resumed = last.Sub(first.Time), claims > 1
	return t
}

// flight is an attempt that is under way.
type flight struct {
	key   pawl.Key
	model bool // it asks a model
}

// inFlight returns the attempts that were announced since the last claim and have
// not ended, in that order.
func inFlight(events []pawl.Event) []flight {
	var all []flight
	for _, ev := range events {
		switch ev.Type {
		case pawl.EventClaimed:
			all = nil
		case pawl.EventIntent:
			in, err := journal.Decode[journal.Intent](ev)
			all = append(all, flight{ev.Key, err == nil && in.Model != ""})
		case pawl.EventAttempt:
			rest := all[:0]
			for _, f := range all {
				if f.key != ev.Key {
					rest = append(rest, f)
				}
			}
			all = rest
		}
	}
	return all
}

func cut(events []pawl.Event) (c Cut) {
	for _, f := range inFlight(events) {
		if f.model {
			c.Calls++
		} else {
			c.Steps++
		}
	}
	return c
}

func notes(events []pawl.Event) ([]Note, error) {
	var all []Note
	begun := map[pawl.Key]bool{}
	for _, ev := range events {
		switch {
		case ev.Type == pawl.EventNote:
			n, err := journal.Decode[journal.Note](ev)
			if err != nil {
				return nil, err
			}
			all = append(all, Note{ev.At, n.Text, len(begun)})
		case ev.Key != "":
			begun[ev.Key] = true
		}
	}
	return all, nil
}

// stack returns the calls of a flow's last panic, if it has not gone on since.
func stack(events []pawl.Event) ([]string, error) {
	var calls []string
	for _, ev := range events {
		switch {
		case ev.Type == pawl.EventDecision || ev.Type == pawl.EventDirective:
			calls = nil
		case ev.Type == pawl.EventFailed && ev.Key == "":
			f, err := journal.Decode[journal.Failed](ev)
			if err != nil {
				return nil, err
			}
			calls = Calls(f.Error.Stack)
		}
	}
	return calls, nil
}

// ownPrompts returns which of the prompts that a run keeps have the text of the flow's own.
func ownPrompts(f pawl.Flow, kept []pawl.Replaced) map[string]bool {
	own := map[string]bool{}
	for _, p := range f.Describe().Prompts {
		digest := journal.Digest([]byte(p.Text))
		for _, r := range kept {
			if r.Name == p.Name && r.Digest == digest {
				own[p.Name] = true
			}
		}
	}
	return own
}

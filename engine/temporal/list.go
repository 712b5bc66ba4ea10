package temporal

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	workflowpb "go.temporal.io/api/workflow/v1"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// maxText is how much of an input is kept with the list, to be searched.
const maxText = 1 << 10

// searchText is what a search looks at of a run's first event.
func searchText(created pawl.Event) string {
	c, err := journal.Decode[journal.Created](created)
	if err != nil {
		return ""
	}
	return cut(string(c.Input), maxText)
}

// item is a run of a list.
type item struct {
	journal.Row
	open int
	text string
	cut  bool // see isCut
}

// Runs implements journal.Journal. One run is read as it stands; a list is Temporal's, which
// may lag behind.
func (k *keeper) Runs(ctx context.Context, f pawl.RunFilter) ([]journal.Row, error) {
	if f.Prefix.Valid() {
		return k.one(ctx, f)
	}
	list, err := k.matching(ctx, f)
	if err != nil {
		return nil, err
	}
	rows := []journal.Row{}
	for _, it := range list {
		rows = append(rows, it.Row)
		if len(rows) == f.Limit {
			break
		}
	}
	return rows, nil
}

// one is Runs for a filter that names one run.
func (k *keeper) one(ctx context.Context, f pawl.RunFilter) ([]journal.Row, error) {
	run, err := k.read(ctx, f.Prefix)
	if e := pawl.AsError(err, pawl.ErrStorage); err != nil && e.Kind == pawl.ErrNotFound {
		return []journal.Row{}, nil
	}
	if err != nil {
		return nil, err
	}
	it := item{Row: run.row(), text: searchText(run.events[0])}
	if len(narrowed([]item{it}, f)) == 0 {
		return []journal.Row{}, nil
	}
	return []journal.Row{it.Row}, nil
}

// narrowed returns the runs of a list, the newest first, that a filter lets through.
func narrowed(all []item, f pawl.RunFilter) []item {
	text, passed := strings.ToLower(f.Text), f.After == ""
	var out []item
	for _, r := range all {
		ok := passed && strings.HasPrefix(string(r.ID), string(f.Prefix)) && (f.Flow == "" || f.Flow == r.Flow) &&
			(f.Program == "" || r.Program == "" || f.Program == r.Program) && (f.Base == "" || f.Base == r.Base) &&
			(f.Schedule == "" || f.Schedule == r.Schedule) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.Summary.Status)) &&
			!r.CreatedAt.Before(f.Since) && !(f.Current && r.SupersededBy != "") &&
			(text == "" || slices.ContainsFunc([]string{string(r.ID), r.Model, r.Summary.Reason, r.text}, func(s string) bool { return strings.Contains(strings.ToLower(s), text) }))
		if passed = passed || r.ID == f.After; ok {
			out = append(out, r)
		}
	}
	return out
}

// item is what the list of workflows says of a run.
func (k *keeper) item(info *workflowpb.WorkflowExecutionInfo) (item, bool) {
	var raw rawValue
	var l listed
	p := info.GetMemo().GetFields()[memoKey]
	id, _ := strings.CutPrefix(info.GetExecution().GetWorkflowId(), k.prefix)
	if p == nil || !pawl.RunID(id).Valid() { // of a queue whose name begins like ours
		return item{}, false
	}
	if err := cmp.Or(k.converter.FromPayload(p, &raw), unpack(raw, &l)); err != nil {
		k.unlisted.Do(func() {
			k.settings.log.Warn("a run cannot be listed, and perhaps others", "run", id, "error", err.Error())
		})
		return item{}, false
	}
	it := item{Row: journal.Row{ID: pawl.RunID(id), Flow: l.Flow, Model: l.Model, Program: l.Program, Base: l.Base, Schedule: l.Schedule, Summary: l.Summary,
		CreatedAt: l.Created, UpdatedAt: l.Updated, LastSeq: l.Seq, LastHash: l.Hash, Imported: l.Imported,
		Held: l.Held && info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING}, open: l.Open, text: l.Text, cut: isCut(info.GetStatus())}
	if it.Held {
		it.Holder = "Temporal"
	}
	return it, true
}

// leaveOut says that a run is left out where several are looked at. One that was removed
// meanwhile is nothing to say.
func (k *keeper) leaveOut(id pawl.RunID, err error) {
	if !errors.Is(err, pawl.ErrNotFound) {
		k.settings.log.Warn("a run cannot be read and is left out", "run", id, "error", err.Error())
	}
}

// OpenBlockers implements journal.Journal: of the runs that have not ended those are read that
// the list has with open blockers, or in execution.
func (k *keeper) OpenBlockers(ctx context.Context, f pawl.RunFilter) ([]journal.OpenBlocker, error) {
	within := k.within(f)
	within.open = true
	list, err := k.standing(ctx, f, within)
	if err != nil {
		return nil, err
	}
	open := []journal.OpenBlocker{}
	for _, it := range list {
		if it.open == 0 && !it.Held {
			continue
		}
		run, err := k.read(ctx, it.ID)
		switch {
		case ctx.Err() != nil:
			return nil, err
		case err != nil: // it is gone, or damaged: the others are to be seen
			k.leaveOut(it.ID, err)
			continue
		}
		st, err := replay.Fold(run.events)
		if err != nil {
			k.leaveOut(it.ID, err)
			continue
		}
		for _, b := range st.Blockers() {
			if ev, ok := opened(run.events, b); ok {
				open = append(open, journal.OpenBlocker{Flow: it.Flow, Event: ev})
			}
		}
	}
	slices.SortFunc(open, func(a, b journal.OpenBlocker) int {
		return cmp.Or(a.Event.At.Compare(b.Event.At.Time), cmp.Compare(a.Event.Run, b.Event.Run), cmp.Compare(a.Event.Seq, b.Event.Seq))
	})
	if f.Limit > 0 && len(open) > f.Limit {
		open = open[:f.Limit]
	}
	return open, nil
}

// opened returns the event that opened a blocker which is in inboxes.
func opened(events []pawl.Event, b pawl.Blocker) (pawl.Event, bool) {
	if b.Kind == pawl.BlockerEvent {
		return pawl.Event{}, false
	}
	for _, ev := range slices.Backward(events) {
		if ev.Key == b.Key && (ev.Type == pawl.EventBlocker || ev.Type == pawl.EventFailed) {
			return ev, true
		}
	}
	return pawl.Event{}, false
}

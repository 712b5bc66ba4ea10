package view

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Listed is a run in a list, in the form in which it is printed as JSON.
type Listed struct {
	pawl.RunSummary
	Input json.RawMessage   `json:"input"` // as it may be shown; null: its history is damaged, or was not read
	Usage *pawl.UsageRecord `json:"usage"` // null: it cannot be read, or was not, see [View.AddUsage]
	About string            `json:"-"`     // the first text of its input; empty: none that may be shown
}

// AddUsage adds to runs what each took. It reads their histories, and keeps what it has read
// until a run has another event.
func (v *View) AddUsage(ctx context.Context, list []Listed) error {
	for i, r := range list {
		if r.Input == nil {
			continue
		}
		if kept := v.usages.of(r.RunSummary); kept != nil {
			list[i].Usage = kept
			continue
		}
		if rec, err := v.engine.Get(ctx, r.ID); err == nil {
			list[i].Usage = &rec.Usage
			v.usages.keep(rec)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// listed adds to runs what is to be shown of them. Of their histories it reads no more
// than how they began, unless a reason is to be masked.
func (v *View) listed(ctx context.Context, runs []pawl.RunSummary) ([]Listed, error) {
	list := make([]Listed, len(runs))
	ids := make([]pawl.RunID, len(runs))
	for i, r := range runs {
		list[i].RunSummary, ids[i] = r, r.ID
	}
	created, err := v.created(ctx, ids)
	if err != nil {
		return nil, err
	}
	offers, err := v.offers(ctx, runs)
	if err != nil {
		return nil, err
	}
	for i, r := range runs {
		began, ok := created[r.ID]
		if !ok { // a damaged history: what is to be hidden is lost
			list[i].Reason = ""
			continue
		}
		rec := v.Record(pawl.RunRecord{Flow: r.Flow, Imported: r.Imported, Input: began.Input})
		r.Reason = v.standing(r, began.Program, offers)
		list[i].Reason, list[i].Input, list[i].About = v.Reason(ctx, r), rec.Input, v.about(r.Flow, rec.Input)
	}
	return list, nil
}

// Summaries returns the runs that the filter lets through, the newest first, without
// what would have to be masked: for those who want no more than ids. It reads no
// history.
func (v *View) Summaries(ctx context.Context, f pawl.RunFilter) ([]pawl.RunSummary, error) {
	runs, err := v.engine.List(ctx, f)
	for i := range runs {
		runs[i].Reason = ""
	}
	return runs, err
}

// created returns how runs began: in one query if the journal can do that. A run
// whose history is damaged is left out.
func (v *View) created(ctx context.Context, ids []pawl.RunID) (map[pawl.RunID]journal.Created, error) {
	if j, ok := v.journal.(interface {
		Created(context.Context, []pawl.RunID) (map[pawl.RunID]journal.Created, error)
	}); ok {
		if all, err := j.Created(ctx, ids); !errors.Is(err, pawl.ErrDatabase) {
			return all, err
		} // else some are damaged, and the others are read one by one
	}
	all := make(map[pawl.RunID]journal.Created, len(ids))
	for _, id := range ids {
		events, err := v.journal.Read(ctx, id, 0, 1)
		var began journal.Created
		if err == nil && len(events) > 0 {
			began, err = journal.Decode[journal.Created](events[0])
		}
		switch {
		case err == nil && len(events) > 0:
			all[id] = began
		case err != nil && !isDamaged(err):
			return nil, err
		}
	}
	return all, nil
}

// isDamaged reports whether an error is about one run's history and not about the
// journal as a whole.
func isDamaged(err error) bool {
	return errors.Is(err, pawl.ErrDatabase) || errors.Is(err, pawl.ErrNotFound)
}

// about returns the first text field of an input.
func (v *View) about(flow string, input json.RawMessage) string {
	f := v.Flow(flow)
	var values map[string]json.RawMessage
	if f == nil || json.Unmarshal(input, &values) != nil {
		return ""
	}
	for _, in := range f.Describe().Input.Fields() {
		var text string
		if in.Node.Type == "string" && in.Node.Enum == nil && json.Unmarshal(values[in.Name], &text) == nil {
			return text
		}
	}
	return ""
}

// Last stands for the newest run in [View.Find].
const Last = "last"

// maxCandidates is how many runs an error lists.
const maxCandidates = 10

// Find returns the run that a person means, without its reason: an id, a unique
// prefix of one, or [Last], which is of the runs of that program. If there is none the error is ErrNotFound, if there are several ErrInput,
// and it lists them.
func (v *View) Find(ctx context.Context, name, program string) (pawl.RunSummary, error) {
	filter := pawl.RunFilter{Prefix: pawl.RunID(name), Limit: maxCandidates + 1}
	if name == Last {
		filter = pawl.RunFilter{Limit: 1, Program: program}
	}
	var runs []pawl.RunSummary
	if name != "" {
		var err error
		if runs, err = v.Summaries(ctx, filter); err != nil {
			return pawl.RunSummary{}, err
		}
	}
	for _, r := range runs {
		if len(runs) == 1 || string(r.ID) == name {
			return r, nil
		}
	}
	if len(runs) == 0 {
		return pawl.RunSummary{}, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no run %q; wants an id, the beginning of one, or %s", name, Last)}
	}
	return pawl.RunSummary{}, &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("run %q is ambiguous: it could be %s", name, candidates(runs))}
}

func candidates(runs []pawl.RunSummary) string {
	s := ""
	for i, r := range runs {
		switch {
		case i == maxCandidates:
			return s + " or others"
		case i > 0:
			s += ", "
		}
		s += fmt.Sprintf("%s (%s, %s)", r.ID, r.Flow, r.Status)
	}
	return s
}

package view

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Remove removes a run for good. One that is executed is ErrConflict, and so is the base
// of one that has not ended: that takes over what is there.
func (v *View) Remove(ctx context.Context, id pawl.RunID) error {
	remover, ok := v.journal.(journal.Remover)
	if !ok {
		return &pawl.Error{Kind: pawl.ErrInput, Message: "the journal of this program does not remove runs"}
	}
	rows, err := v.journal.Runs(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	if err != nil {
		return err
	}
	run, err := v.engine.List(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	if err != nil {
		return err
	}
	if len(rows) == 0 || len(run) == 0 || rows[0].ID != id || run[0].ID != id {
		return &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Message: fmt.Sprintf("no run %q", id)}
	}
	if err := v.MayRemove(run[0]); err != nil {
		return err
	}
	based, err := v.journal.Runs(ctx, pawl.RunFilter{Base: id})
	if err != nil {
		return err
	}
	for _, row := range based {
		if err := v.MayRemoveBase(row); err != nil {
			return err
		}
	}
	done, err := remover.Remove(ctx, journal.Shown{Run: id, Seq: rows[0].LastSeq})
	if err == nil && len(done.Kept) > 0 {
		err = done.Kept[0]
	}
	return err
}

// MayRemove refuses a run that is executed.
func (v *View) MayRemove(run pawl.RunSummary) error {
	switch run.Status {
	case pawl.StatusRunning, pawl.StatusPausing, pawl.StatusCanceling:
		return &pawl.Error{Kind: pawl.ErrConflict, Run: run.ID, Hint: "cancel it first",
			Message: fmt.Sprintf("run %s %s; nothing was removed", run.ID, Standing(run.Status))}
	}
	return nil
}

// MayRemoveBase refuses the base of a run that has not ended.
func (v *View) MayRemoveBase(row journal.Row) error {
	if row.Base == "" || row.Summary.Ended() {
		return nil
	}
	return &pawl.Error{Kind: pawl.ErrConflict, Run: row.Base, Hint: "finish or cancel that run first, or remove both",
		Message: fmt.Sprintf("run %s is the base of run %s, which has not ended: it takes over what is there", row.Base, row.ID)}
}

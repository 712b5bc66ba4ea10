package cli

import (
	"cmp"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/llm"
)

// liftCommand is the command that goes on with a run that rests: it lifts the
// oldest blocker that a person has to decide on, or else resumes. rec is as it may
// be shown.
func (a *app) liftCommand(rec pawl.RunRecord) string {
	if rec.Status == pawl.StatusWaiting {
		blockers := slices.Clone(rec.Blockers)
		slices.SortStableFunc(blockers, func(a, b pawl.Blocker) int { // what a program is to answer comes last
			return cmp.Compare(rank(a), rank(b))
		})
		for _, b := range blockers {
			if len(b.Actions) > 0 && b.Actions[0].Name != pawl.DecideRetry {
				return b.Actions[0].Command
			}
		}
	}
	return a.goOnCommand(rec)
}

// goOnCommand is the command that goes on with a run: it is resumed, or, if it was
// imported and cannot be, begun anew with what it came to.
func (a *app) goOnCommand(rec pawl.RunRecord) string {
	if rec.Imported {
		return a.command("rerun", string(rec.ID))
	}
	return a.resumeCommand(rec.ID)
}

func rank(b pawl.Blocker) int {
	if page.AsksPerson(b) {
		return 0
	}
	return 1
}

// failedCommand is the command that goes on with a run that has failed. Where what is
// recorded does not fit the code, to resume would only look again: a person says what
// counts.
func (a *app) failedCommand(rec pawl.RunRecord) string {
	if rec.Imported {
		return a.goOnCommand(rec)
	}
	for _, b := range rec.Blockers {
		if b.Kind == pawl.BlockerMismatch && b.Key != "" {
			return a.command("show", string(rec.ID))
		}
	}
	if a.calls.timeout > 0 && rec.Error != nil && rec.Error.Kind == pawl.ErrorKind(llm.Timeout) && failedModel(rec) != "" {
		return a.command("resume", string(rec.ID), "--timeout", a.moreTime()) // the same would not do
	}
	return a.goOnCommand(rec)
}

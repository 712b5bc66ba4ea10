package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

// get returns a run's record as this program shows it.
func (a *app) get(ctx context.Context, s *store, id pawl.RunID) (pawl.RunRecord, error) {
	rec, err := s.view.Run(ctx, id)
	return a.withCommands(rec), err
}

// record is get of the run that a person means.
func (a *app) record(ctx context.Context, s *store, name string) (pawl.RunRecord, error) {
	run, err := a.find(ctx, s, name)
	if err != nil {
		return pawl.RunRecord{}, err
	}
	return a.get(ctx, s, run.ID)
}

// view is what may be seen of runs where no store is open.
func (a *app) view() *view.View { return view.New(nil, nil, a.flows) }

// withCommands adds to a record that may be shown the command lines that lift its
// blockers.
func (a *app) withCommands(rec pawl.RunRecord) pawl.RunRecord {
	rec.Blockers = slices.Clone(rec.Blockers)
	for i := range rec.Blockers {
		rec.Blockers[i] = a.withCommand(rec.ID, rec.Blockers[i])
	}
	return rec
}

func (a *app) withCommand(run pawl.RunID, b pawl.Blocker) pawl.Blocker {
	b.Actions = slices.Clone(b.Actions)
	for i := range b.Actions {
		b.Actions[i].Command = a.actionCommand(run, b, b.Actions[i])
	}
	return b
}

// questions are what blockers of any kind but failure ask, each with the steps
// that it is asked of.
func questions(blockers []pawl.Blocker) []question {
	var all []question
	for _, b := range blockers {
		if b.Kind == pawl.BlockerFailure {
			continue
		}
		i := slices.IndexFunc(all, func(q question) bool { return q.text == b.Question })
		if i < 0 {
			i, all = len(all), append(all, question{text: b.Question})
		}
		if b.Key != "" {
			all[i].steps = append(all[i].steps, string(b.Key))
		}
	}
	return all
}

// question is something that a person is asked.
type question struct {
	text  string
	steps []string // empty: of the run as a whole
}

func (q question) String() string {
	if len(q.steps) == 0 {
		return q.text
	}
	return strings.Join(q.steps, ", ") + ": " + q.text
}

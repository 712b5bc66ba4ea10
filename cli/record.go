package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

// mask hides what must not be shown of a flow's runs.
func (a *app) mask(flow string) *mask.Mask { return mask.Of(a.flow(flow)) }

// shown returns a record as this program shows it: without what must not be
// seen, and with commands that name this program and its data.
func (a *app) shown(rec pawl.RunRecord) pawl.RunRecord {
	rec = a.mask(rec.Flow).Record(rec)
	for i := range rec.Blockers { // Record has copied them
		b := &rec.Blockers[i]
		b.Actions = slices.Clone(b.Actions)
		for j := range b.Actions {
			b.Actions[j].Command = a.actionCommand(rec.ID, *b, b.Actions[j])
		}
	}
	return rec
}

// reason is a run's reason as it may be shown. What is to be hidden may stand
// anywhere in its history: if that cannot be read, nothing is shown.
func (a *app) reason(ctx context.Context, s *store, r pawl.RunSummary) string {
	if r.Reason == "" {
		return ""
	}
	rec, err := s.engine.Get(ctx, r.ID)
	if err != nil {
		return ""
	}
	rec.Reason = r.Reason
	return a.shown(rec).Reason
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

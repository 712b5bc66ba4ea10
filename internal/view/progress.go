package view

import (
	"context"

	"github.com/pawlrun/pawl"
)

// Progress is how far a run has come, for whoever looks again and again: the steps are only
// those that have changed since, and without what they sent and were answered.
type Progress struct {
	Seq   pawl.Seq       `json:"seq"`   // the run's last event: since which to ask the next time
	Run   pawl.RunRecord `json:"run"`   // its record; its steps are left out
	Steps []StepSummary  `json:"steps"` // those with an event since, in the order of their first
}

// StepSummary is a step in a list of many.
type StepSummary struct {
	Key        pawl.Key          `json:"key"`         // names the step within its run
	Name       string            `json:"name"`        // the last name of the key, without its number
	Kind       pawl.Kind         `json:"kind"`        // what sort of step it is
	Boundary   pawl.Boundary     `json:"boundary"`    // who acts in it
	Purpose    string            `json:"purpose"`     // why it exists, in a line
	Source     string            `json:"source"`      // the line of flow code that called for it; empty: not known
	Status     pawl.StepStatus   `json:"status"`      // where it stands
	Stale      bool              `json:"stale"`       // its request has changed since the result was recorded
	Unused     bool              `json:"unused"`      // recorded, but the finished flow no longer asked for it
	ReusedFrom *string           `json:"reused_from"` // RUN/KEY that the result was taken over from; null: it was not
	Saved      *pawl.UsageRecord `json:"saved"`       // what that took there, and not here; null: nothing was taken over, or of code
	Attempts   int               `json:"attempts"`    // those that have ended
	Rejected   int               `json:"rejected"`    // of those, answers that did not pass
	Model      string            `json:"model"`       // that the last attempt asked, provider/model; empty: none
	Usage      *pawl.UsageRecord `json:"usage"`       // what all attempts took; null: no model was asked
	StartedAt  *pawl.Time        `json:"started_at"`  // when it began; null: it has not
	EndedAt    *pawl.Time        `json:"ended_at"`    // when it had its result; null: it has none
}

// Progress returns how far a run has come, with the steps that have changed since an event; 0:
// with all.
func (v *View) Progress(ctx context.Context, id pawl.RunID, since pawl.Seq) (Progress, error) {
	rec, err := v.Run(ctx, id)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Seq: rec.LastSeq, Run: rec, Steps: []StepSummary{}}
	p.Run.Steps = []pawl.StepRecord{}
	changed, all, err := v.changedSince(ctx, id, since)
	if err != nil {
		return Progress{}, err
	}
	for _, s := range rec.Steps {
		if all || changed[s.Key] {
			p.Steps = append(p.Steps, summaryOf(s))
		}
	}
	return p, nil
}

// changedSince names the steps with an event since one. All may have changed if something
// happened to the run itself: that it rests makes open scopes wait, that it is taken up makes
// them run, and that it is done leaves steps unused.
func (v *View) changedSince(ctx context.Context, id pawl.RunID, since pawl.Seq) (keys map[pawl.Key]bool, all bool, err error) {
	if since == 0 {
		return nil, true, nil
	}
	events, err := v.journal.Read(ctx, id, since, 0)
	keys = map[pawl.Key]bool{}
	for _, ev := range events {
		keys[ev.Key] = true
	}
	return keys, keys[""], err
}

func summaryOf(s pawl.StepRecord) StepSummary {
	sum := StepSummary{Key: s.Key, Name: s.Name, Kind: s.Kind, Boundary: s.Boundary, Purpose: s.Purpose, Source: s.Source, Status: s.Status,
		Stale: s.Stale, Unused: s.Unused, ReusedFrom: s.ReusedFrom, Saved: s.Saved, Attempts: len(s.Attempts), StartedAt: s.StartedAt, EndedAt: s.EndedAt}
	for _, at := range s.Attempts {
		if at.Outcome == pawl.OutcomeRejected {
			sum.Rejected++
		}
		if at.Model != "" {
			sum.Model = at.Model
		}
	}
	sum.Usage = usageOf(s)
	return sum
}

// usageOf adds up what those attempts of a step took that have told. What one of them has not
// told is not known of all.
func usageOf(s pawl.StepRecord) *pawl.UsageRecord {
	var sum *pawl.UsageRecord
	for _, at := range s.Attempts {
		switch {
		case at.Usage == nil:
		case sum == nil:
			sum = new(*at.Usage)
		default:
			sum = new(sum.Plus(*at.Usage))
		}
	}
	return sum
}

package view

import (
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

// CheckInput refuses another input for a run that was made from what is shown of its own
// and has lost what is not. rec is the run as it is recorded.
func (v *View) CheckInput(rec pawl.RunRecord, input json.RawMessage) error {
	return blank(rec, "", mask.Blank(rec.Input, v.mask(rec).Record(rec).Input, input))
}

// CheckResult is CheckInput for what a step of the run is to come to instead.
func (v *View) CheckResult(rec pawl.RunRecord, at pawl.Key, result json.RawMessage) error {
	shown := v.mask(rec).Record(rec)
	for i, step := range rec.Steps {
		if step.Key == at {
			return blank(rec, at, mask.Blank(step.Output, shown.Steps[i].Output, result))
		}
	}
	return nil
}

func blank(rec pawl.RunRecord, at pawl.Key, err error) error {
	if err == nil {
		return nil
	}
	what := "input"
	if at != "" {
		what = fmt.Sprintf("result of step %q", at)
	}
	return &pawl.Error{Kind: pawl.ErrInput, Run: rec.ID, Step: at, Message: fmt.Sprintf("the %s is not accepted: %v", what, err), Err: err}
}

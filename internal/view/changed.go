package view

import (
	"maps"
	"slices"

	"github.com/pawlrun/pawl"
)

// WholeFlow is named as changed where it is not known what of the flow has.
const WholeFlow = "flow"

// changed are the parts of a run's flow that are others in this program than those that
// it was begun with; nil: the program does not have the flow.
func (v *View) changed(rec pawl.RunRecord) []string {
	f := v.Flow(rec.Flow)
	if f == nil {
		return nil
	}
	now, was := f.Describe(), rec.Begun
	changed := []string{}
	if was.Fingerprint == now.Fingerprint {
		return changed
	}
	for _, name := range slices.Sorted(maps.Keys(was.Parts)) {
		if was.Parts[name] != now.Parts[name] {
			changed = append(changed, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now.Parts)) {
		if _, known := was.Parts[name]; !known && len(was.Parts) > 0 {
			changed = append(changed, name)
		}
	}
	if len(changed) == 0 { // or the order of prompts
		return []string{WholeFlow}
	}
	return changed
}

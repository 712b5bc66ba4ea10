package blog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/flows/internal/prose"
)

const minSections, maxSections = 1, 20

// lengthsAddUp wants the sections' lengths to sum to target within 20 percent.
func lengthsAddUp(target int) func(Plan) error {
	lo, hi := (target*4+4)/5, target*6/5
	return func(p Plan) error {
		sum := 0
		for _, s := range p.Sections {
			sum += s.TargetLength
		}
		if sum < lo || sum > hi {
			return fmt.Errorf("the target lengths of the sections add up to %d, wants %d to %d, best %d", sum, lo, hi, target)
		}
		return nil
	}
}

// lengthOf returns how many words a section may have: 50 to 150 percent of its
// target.
func lengthOf(s PlanSection) (lo, hi int) { return (s.TargetLength + 1) / 2, s.TargetLength * 3 / 2 }

func length(lo, hi int) func(Draft) error {
	return func(d Draft) error {
		if err := prose.WordsBetween(d.Content, lo, hi); err != nil {
			return fmt.Errorf("content %w", err)
		}
		return nil
	}
}

// editsNameSections wants every edit to name one of the plan's section types.
func editsNameSections(types []string) func(Review) error {
	return func(v Review) error {
		for i, e := range v.SuggestedEdits {
			if !slices.Contains(types, e.SectionName) {
				return fmt.Errorf("suggested_edits[%d].section_name is %q, wants one of: %s", i, prose.Line(e.SectionName), strings.Join(types, ", "))
			}
		}
		return nil
	}
}

func editsUnderTheBar(bar float64) func(Review) error {
	return func(v Review) error {
		if v.CohesionScore < bar && len(v.SuggestedEdits) == 0 {
			return fmt.Errorf("the cohesion score %g is below %g but there are no suggested edits, wants at least 1", v.CohesionScore, bar)
		}
		return nil
	}
}

// wholePost wants a final version that is no stub.
func wholePost(least int) func(Review) error {
	return func(v Review) error {
		if err := prose.WordsAtLeast(v.FinalVersion, least); err != nil {
			return fmt.Errorf("final_version %w", err)
		}
		return nil
	}
}

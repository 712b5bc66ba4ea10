package blog

import (
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
)

func TestNoPromptDictatesAFormatOtherThanTheSchema(t *testing.T) {
	housetest.NoFormatButTheSchema(t, Flow, "revise")
}

func TestEveryFieldIsDescribed(t *testing.T) { housetest.Described(t, Flow) }

func TestATemplateThatIgnoresAFieldOfItsDataFailsToLoad(t *testing.T) {
	for _, c := range []struct {
		file  string
		field string
		load  func(fstest.MapFS)
	}{
		{"plan.md", "TargetLength", func(fs fstest.MapFS) { pawl.MustPrompt[planData, Plan](fs, "p.md") }},
		{"write.md", "TargetLength", func(fs fstest.MapFS) { pawl.MustPrompt[writeData, Draft](fs, "p.md") }},
		{"write.md", "Previous", func(fs fstest.MapFS) { pawl.MustPrompt[writeData, Draft](fs, "p.md") }},
		{"review.md", "MinCohesion", func(fs fstest.MapFS) { pawl.MustPrompt[reviewData, Review](fs, "p.md") }},
		{"revise.md", "Feedback", func(fs fstest.MapFS) { pawl.MustPrompt[reviseData, string](fs, "p.md") }},
		{"rework.md", "Content", func(fs fstest.MapFS) { pawl.MustPrompt[reworkData, Draft](fs, "p.md") }},
	} {
		// Use another field wherever this one is used.
		housetest.NeedsField(t, files, "prompts/"+c.file, c.field, c.load,
			"{{$s.Content}}\n</section_before>", "</section_before>",
			"{{."+c.field+"}}", "it", "if ."+c.field+"}}", "if .Topic}}",
			"range $i, $s := ."+c.field+"}}", "range $i, $s := .Plan}}")
	}
}

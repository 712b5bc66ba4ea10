package article

import (
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/flowtest"
)

func TestNoPromptDictatesAFormatOtherThanTheSchema(t *testing.T) {
	flowtest.NoFormatButTheSchema(t, Flow, "draft", "revise")
}

func TestEveryFieldIsDescribed(t *testing.T) { flowtest.Described(t, Flow) }

func TestATemplateThatIgnoresAFieldOfItsDataFailsToLoad(t *testing.T) {
	for _, c := range []struct {
		file, field string
		load        func(fstest.MapFS)
	}{
		{"outline.md", "Topic", func(fs fstest.MapFS) { pawl.MustPrompt[outlineData, Outline](fs, "p.md") }},
		{"draft.md", "Title", func(fs fstest.MapFS) { pawl.MustPrompt[draftData, string](fs, "p.md") }},
		{"review.md", "Draft", func(fs fstest.MapFS) { pawl.MustPrompt[reviewData, Review](fs, "p.md") }},
		{"revise.md", "Draft", func(fs fstest.MapFS) { pawl.MustPrompt[reviseData, string](fs, "p.md") }},
	} {
		flowtest.NeedsField(t, files, "prompts/"+c.file, c.field, c.load, "{{."+c.field+"}}", "it")
	}
}

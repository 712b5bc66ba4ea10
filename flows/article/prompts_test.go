package article

import (
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
)

func TestNoPromptDictatesAFormatOtherThanTheSchema(t *testing.T) {
	housetest.NoFormatButTheSchema(t, Flow, "draft", "revise")
}

func TestEveryFieldIsDescribed(t *testing.T) { housetest.Described(t, Flow) }

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
		housetest.NeedsField(t, files, "prompts/"+c.file, c.field, c.load, "{{."+c.field+"}}", "it")
	}
}

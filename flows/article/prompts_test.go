package article

import (
	"fmt"
	"strings"
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
		text, err := files.ReadFile("prompts/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		load := func(text string) (message string) {
			defer func() {
				if p := recover(); p != nil {
					message = fmt.Sprint(p)
				}
			}()
			c.load(fstest.MapFS{"p.md": {Data: []byte(text)}})
			return ""
		}
		if message := load(string(text)); message != "" {
			t.Errorf("%s as it is: %s", c.file, message)
		}
		cut := strings.ReplaceAll(string(text), "{{."+c.field+"}}", "it")
		if message := load(cut); !strings.Contains(message, "never uses {{."+c.field+"}}") {
			t.Errorf("%s without {{.%s}}: %q, want a complaint about it", c.file, c.field, message)
		}
	}
}

package blog

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/flowtest"
)

func TestNoPromptDictatesAFormatOtherThanTheSchema(t *testing.T) {
	flowtest.NoFormatButTheSchema(t, Flow, "revise")
}

func TestEveryFieldIsDescribed(t *testing.T) { flowtest.Described(t, Flow) }

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
		// Use another field wherever this one is used.
		cut := strings.NewReplacer(
			"{{."+c.field+"}}", "it", "if ."+c.field+"}}", "if .Topic}}",
			"range $i, $s := ."+c.field+"}}", "range $i, $s := .Plan}}",
		).Replace(string(text))
		cut = strings.ReplaceAll(cut, "{{$s.Content}}\n</section_before>", "</section_before>")
		if message := load(cut); !strings.Contains(message, "never uses {{."+c.field+"}}") {
			t.Errorf("%s without {{.%s}}: %q, want a complaint about it", c.file, c.field, message)
		}
	}
}

package offline

import (
	"flag"
	"os"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

var update = flag.Bool("update", false, "rewrite the stored texts")

// The text for a request never changes by accident: journals, documents and
// tests elsewhere hold such texts.
func TestGolden(t *testing.T) {
	text := generate(t, llm.Request{Messages: []llm.Message{
		llm.System("You write short articles. Use Markdown headings and end with a conclusion."),
		llm.User("Topic: Why small steps work\n\nSections:\n- The first step\n- Keeping the pace\n- When it gets hard\n\nWrite 250 to 400 words."),
	}})
	const file = "testdata/article.golden.md"
	if *update {
		if err := os.WriteFile(file, []byte(text+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text+"\n" != string(want) {
		t.Errorf("the text changed (rewrite it with -update):\n%s", text)
	}
}

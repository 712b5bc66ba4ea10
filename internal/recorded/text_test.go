package recorded_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/recorded"
)

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name string
		miss local.Miss
		want []string
	}{
		{"a word in a line", local.Miss{Key: "draft", What: "asks in other words", Changes: []local.Change{{What: "user message", Was: "Write.\n\n300 words about tides.\nEnd.", Is: "Write.\n\n500 words about tides.\nEnd."}}},
			[]string{"draft: asks in other words", "  user message:", "    - 300 words about tides.", "    + 500 words about tides."}},
		{"a word far in a long line", local.Miss{Key: "draft", What: "asks in other words", Changes: []local.Change{{What: "user message",
			Was: strings.Repeat("word ", 100) + "of three hundred words about low tides.", Is: strings.Repeat("word ", 100) + "of three hundred words about high tides."}}},
			[]string{"draft: asks in other words", "  user message:", "    - … word word word of three hundred words about low tides.", "    + … word word word of three hundred words about high tides."}},
		{"a line more", local.Miss{What: "the run is done with another output", Changes: []local.Change{{What: "output", Was: "{\n  \"a\": 1\n}", Is: "{\n  \"a\": 1,\n  \"b\": 2\n}"}}},
			[]string{"the run is done with another output", "  output:", `    -   "a": 1`, `    +   "a": 1,`, `    +   "b": 2`}},
		{"nothing recorded", local.Miss{Key: "do", What: "is new", Changes: []local.Change{{What: "input", Is: "1"}}},
			[]string{"do: is new", "  input, now:", "    + 1"}},
		{"nothing any more", local.Miss{Key: "do", What: "is otherwise", Changes: []local.Change{{What: "effort", Was: "low"}}},
			[]string{"do: is otherwise", "  effort, as recorded:", "    - low"}},
		{"what steers a terminal", local.Miss{Key: "do", What: "says \x1b[31mred", Changes: []local.Change{{What: "input", Is: "\x1b]0;x\a\u202e"}}},
			[]string{"do: says �[31mred", "  input, now:", "    + �]0;x��"}},
	} {
		if got, want := recorded.Text(tt.miss), strings.Join(tt.want, "\n")+"\n"; got != want {
			t.Errorf("%s:\n%swant\n%s", tt.name, got, want)
		}
	}
	long := recorded.Text(local.Miss{What: "x", Changes: []local.Change{{What: "y", Is: strings.Repeat(strings.Repeat("word ", 100)+"\n", 100)}}})
	if n := strings.Count(long, "\n"); n > 30 || len(long) > 8000 || !strings.Contains(long, "… 76 lines more") {
		t.Errorf("a long change has %d lines, %d bytes", n, len(long))
	}
}

package page

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// What a model wrote cannot steer the terminal, and texts in fields stay readable.
func TestProposalLines(t *testing.T) {
	for _, tt := range []struct{ raw, want string }{
		{`"# A\n\n\tb \u001b[2J"`, "# A\n\n    b \\u001b[2J"},
		{`{"title":"T","text":"one\ntwo","n":{"a":1}}`, "title: T\ntext:\n    one\n    two\nn:\n    {\n      \"a\": 1\n    }"},
		{`{"b":1,"a":"x"}`, "{\n  \"b\": 1,\n  \"a\": \"x\"\n}"},
		{`null`, ""},
	} {
		if got := strings.Join(proposalLines(nil, blockerOf(tt.raw), 0), "\n"); got != tt.want {
			t.Errorf("%s is shown as\n%s\nwants\n%s", tt.raw, got, tt.want)
		}
	}
	for _, line := range proposalLines(nil, blockerOf(`"`+strings.Repeat("word ", 40)+`"`), 40) {
		if term.Cells(line) > 38 {
			t.Errorf("line %q is too wide", line)
		}
	}
}

func blockerOf(proposal string) pawl.Blocker {
	return pawl.Blocker{Proposal: json.RawMessage(proposal)}
}

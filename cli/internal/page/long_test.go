package page

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// Reasons and notes go on in the next line and are whole; an input is shown in part, with
// the command that shows all of it. Without such a command nothing is left out.
func TestLongTexts(t *testing.T) {
	reason := strings.TrimSpace(strings.Repeat("the tide is late ", 20))
	note := strings.TrimSpace(strings.Repeat("a note of words ", 20))
	input, err := json.Marshal(map[string]string{"topic": strings.Repeat("größe ", 20_000)})
	if err != nil {
		t.Fatal(err)
	}
	rec := pawl.RunRecord{ID: "0123456789ab", Flow: "article", Status: pawl.StatusFailed, Reason: reason, Input: input,
		Steps: []pawl.StepRecord{{Key: "draft", Kind: pawl.KindAsk, Status: pawl.StepFailed, Attempts: []pawl.Attempt{
			{Number: 1, Outcome: pawl.OutcomeRejected, Gates: []pawl.GateResult{{Name: "has tides", Detail: note + " of the gate"}}},
		}}}}
	for _, width := range []int{0, 40, 80} {
		for _, rest := range []string{"", "pawl show 0123456789ab --json"} {
			var out strings.Builder
			p := &Page{Out: &out, Zone: time.UTC, Begun: at, Width: width, Rest: rest}
			p.Run(rec, view.Times{}, true)
			p.Steps(rec.Steps, []view.Note{{At: pawl.At(at), Text: note}})
			words := strings.Join(strings.Fields(out.String()), " ")
			for _, want := range []string{reason, note, note + " of the gate"} {
				if !strings.Contains(words, want) {
					t.Errorf("with %d columns, %q is not whole in\n%.2000s", width, want, out.String())
				}
			}
			wants := "größe … (120,012 characters in all: pawl show 0123456789ab --json)"
			if whole := len(words) > len(input); whole != (rest == "") || strings.Contains(words, wants) != (rest != "") {
				t.Errorf("with %d columns and the command %q, the input is\n%.2000s", width, rest, out.String())
			}
			for line := range strings.Lines(out.String()) {
				if n := term.Cells(strings.TrimRight(line, "\n")); width > 0 && rest != "" && n > width {
					t.Errorf("with %d columns, this line has %d:\n%s", width, n, line)
				}
			}
		}
	}
}

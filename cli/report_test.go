package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// Every state in which a run can rest has its exit code and its last line.
func TestReport(t *testing.T) {
	unknown := []pawl.Blocker{{Key: "draft", Kind: pawl.BlockerUnknown, Question: "Make the call again?"}}
	failed := []pawl.Blocker{{Key: "a", Kind: pawl.BlockerFailure}, {Key: "b", Kind: pawl.BlockerFailure}}
	tests := []struct {
		rec  pawl.RunRecord
		sig  os.Signal
		code int
		says string
		last string // of stderr
	}{
		{pawl.RunRecord{Status: pawl.StatusDone}, nil, 0, "", "run r1 is done"},
		{pawl.RunRecord{Status: pawl.StatusDone}, os.Interrupt, 0, "", "run r1 is done"},
		{pawl.RunRecord{Status: pawl.StatusWaiting, Blockers: unknown}, nil, 3, "draft: Make the call again?", "pawl resume r1 --data d"},
		{pawl.RunRecord{Status: pawl.StatusCanceled, Reason: "not wanted, says eve"}, nil, 4, "", "run r1 was canceled: not wanted, says eve"},
		{pawl.RunRecord{Status: pawl.StatusFailed, Blockers: failed, Error: &pawl.ErrorRecord{Kind: "quota", Message: "no credit", Hint: "add credit", Step: "a"}}, nil,
			1, "run r1 failed at a: no credit (and 1 step more)\nhint: add credit\n", "pawl resume r1 --data d"},
		// An input error inside a run is a failure of the run, not of this command's input.
		{pawl.RunRecord{Status: pawl.StatusFailed, Error: &pawl.ErrorRecord{Kind: pawl.ErrInput, Message: "no"}}, os.Interrupt, 1, "failed: no", "pawl resume r1 --data d"},
		{pawl.RunRecord{Status: pawl.StatusPaused, Reason: "by eve"}, nil, 1, "run r1 is paused: by eve", "pawl resume r1 --data d"},
		{pawl.RunRecord{Status: pawl.StatusPaused}, os.Interrupt, 130, "run r1 is safe", "pawl resume r1 --data d"},
		{pawl.RunRecord{Status: pawl.StatusQueued}, os.Interrupt, 130, "run r1 is safe", "pawl resume r1 --data d"},
	}
	for _, tt := range tests {
		tt.rec.ID, tt.rec.Flow, tt.rec.Output = "r1", "f", []byte("null")
		for _, asJSON := range []bool{false, true} {
			var out, err bytes.Buffer
			a := newApp(world{program: "pawl", stdout: term.Stream{Writer: &out}, stderr: term.Stream{Writer: &err}, getenv: func(string) string { return "" }}, Program{})
			a.data, a.json = "d", asJSON
			code := a.finish(a.report(tt.rec, tt.sig, delivery{}))
			if code != tt.code {
				t.Errorf("%s: exit code %d, want %d", tt.rec.Status, code, tt.code)
			}
			last := lastLine(err.String())
			if !asJSON {
				if last != tt.last || !strings.Contains(err.String(), tt.says) {
					t.Errorf("%s: stderr is\n%swants %q and last %q", tt.rec.Status, err.String(), tt.says, tt.last)
				}
				continue
			}
			if !json.Valid(out.Bytes()) {
				t.Errorf("%s: stdout is %q", tt.rec.Status, out.String())
			}
			if strings.HasPrefix(tt.last, "pawl resume") && !strings.Contains(last, `"hint":"`+tt.last+`"`) {
				t.Errorf("%s: the last line is %s", tt.rec.Status, last)
			}
		}
	}
}

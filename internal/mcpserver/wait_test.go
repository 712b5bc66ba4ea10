package mcpserver_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
)

// A wait ends when its time is over, and says how far the run is by then; who wants to know is
// told meanwhile.
func TestWaitIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, nil)
		a := h.connect(eras[1], nil)
		begun := time.Now()
		params := &mcp.CallToolParams{Name: "run_start", Arguments: map[string]any{"flow": "slow", "input": map[string]any{}, "wait_seconds": 40}}
		params.SetProgressToken(1)
		r, err := a.CallTool(t.Context(), params)
		if err != nil || r.IsError {
			t.Fatal(err, r)
		}
		var got answered
		if err := json.Unmarshal([]byte(text(r)), &got); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took < 40*time.Second || took > 41*time.Second || got.Run.Status != pawl.StatusRunning || !strings.Contains(got.Next, "run_wait") {
			t.Errorf("after %s the run is %s: %s", took, got.Run.Status, got.Next)
		}
		if n := len(a.told); n < 3 {
			t.Errorf("progress is told %d times, want at the beginning and each 15 s", n)
		}
		close(h.held)
		a.rest(got.ID)
	})
}

// A run that waits for a time is waited for: nobody is asked.
func TestWaitForTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, nil)
		a := h.connect(eras[1], nil)
		var got answered
		a.call(&got, "run_start", map[string]any{"flow": "nap", "input": map[string]any{}, "wait_seconds": 10})
		if got.Run.Status != pawl.StatusWaiting || !strings.Contains(got.Next, "run_wait") {
			t.Errorf("the run is %s: %s", got.Run.Status, got.Next)
		}
		begun := time.Now()
		a.call(&got, "run_wait", map[string]any{"run": got.ID, "wait_seconds": 45})
		if took := time.Since(begun); got.Run.Status != pawl.StatusDone || took > 25*time.Second {
			t.Errorf("after %s the run is %s", took, got.Run.Status)
		}
	})
}

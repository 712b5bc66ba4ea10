package cli

import (
	"encoding/json"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl"
)

// checking is a flow that counts how often an input is checked.
type checking struct {
	pawl.Flow
	checks atomic.Int64
}

func (c *checking) CheckInput(raw json.RawMessage) (json.RawMessage, error) {
	c.checks.Add(1)
	return c.Flow.CheckInput(raw)
}

// An input is checked once on its way in, however it comes.
func TestInputIsCheckedOnce(t *testing.T) {
	for _, args := range [][]string{
		{"run", "echo", "--model", "offline"},
		{"run", "echo", "--model", "offline", "--detach"},
		{"batch", "echo", inputsFile(t, 1), "-o", t.TempDir() + "/out.jsonl", "--model", "offline"},
	} {
		f := &checking{Flow: echo("echo")}
		newCommand(t, f).ok(args...)
		if n := f.checks.Load(); n != 1 {
			t.Errorf("%s: checked %d times", args, n)
		}
	}
}

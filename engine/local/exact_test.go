package local_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
)

// TestLongIntegersReachTheFlow: what a do found is what the flow gets, and what
// its code is given, also where its type says nothing of numbers.
func TestLongIntegersReachTheFlow(t *testing.T) {
	const id = 9007199254740993
	given, got := "", ""
	f := pawl.New("find", "Finds.", func(r *pawl.Run, in topic) (string, error) {
		found := pawl.Do(r, "find", map[string]any{"id": int64(id)}, func(_ context.Context, in map[string]any) (map[string]any, error) {
			b, err := json.Marshal(in["id"])
			given = string(b)
			return map[string]any{"id": int64(id)}, err
		})
		b, err := json.Marshal(found["id"])
		got = string(b)
		return "", err
	})
	rec := finish(t, newEngine(checktest.Memory(t), &script{}), f)
	if rec.Status != pawl.StatusDone || given != "9007199254740993" || got != given {
		t.Errorf("%s (%s): the code was given %s, the flow got %s", rec.Status, rec.Reason, given, got)
	}
}

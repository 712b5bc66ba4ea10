package temporal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// TestMuchInOneTask: large requests at once, and quick large results one after another, pass the
// 4 MiB that Temporal takes of one task together, and do not end the workflow.
func TestMuchInOneTask(t *testing.T) { temporaltest.Each(t, testMuchInOneTask) }

func testMuchInOneTask(t *testing.T, s *temporaltest.Server) {
	document := strings.Repeat("x", 500<<10)
	f := testFlow("much", func(r *pawl.Run) (string, error) {
		said := pawl.Map(r, "all", make([]int, 10), func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "a", enginetest.Text(document)), nil })
		n := len(said)
		for i := range 4 {
			n += len(pawl.Do(r, fmt.Sprint("do-", i), nothing{}, func(context.Context, nothing) (string, error) { return strings.Repeat("y", 900<<10), nil }))
		}
		return fmt.Sprint(n), nil
	})
	e := deployed(t, s, Options{Models: llm.Catalog{"test": asker(func(context.Context, llm.Request) (string, error) { return "said", nil })}, Flows: []pawl.Flow{f}})("one")
	if rec := enginetest.Finish(t, e, f); rec.Status != pawl.StatusDone || string(rec.Output) != fmt.Sprintf("%q", fmt.Sprint(10+4*(900<<10))) {
		t.Errorf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
	}
}

// flaky is a store of blobs of which every third request fails.
type flaky struct {
	Directory
	n atomic.Int32
}

var errFlaky = errors.New("the store fails")

func (f *flaky) Put(ctx context.Context, digest string, data []byte) error {
	if f.n.Add(1)%3 == 0 {
		return errFlaky
	}
	return f.Directory.Put(ctx, digest, data)
}

func (f *flaky) Get(ctx context.Context, digest string) ([]byte, error) {
	if f.n.Add(1)%3 == 0 {
		return nil, errFlaky
	}
	return f.Directory.Get(ctx, digest)
}

// TestFlakyBlobs: no call is made again since the store of blobs failed for a moment, and none is of
// unknown outcome.
func TestFlakyBlobs(t *testing.T) {
	s := temporaltest.Old(t)
	var calls atomic.Int32
	f := testFlow("flaky", func(r *pawl.Run) (string, error) {
		return fmt.Sprint(len(pawl.Ask(r, "a", enginetest.Text("A"))) + len(pawl.Ask(r, "b", enginetest.Text("B")))), nil
	})
	m := asker(func(context.Context, llm.Request) (string, error) {
		calls.Add(1)
		return strings.Repeat("z", 400<<10), nil
	})
	e := deployed(t, s, Options{Models: llm.Catalog{"test": m}, Flows: []pawl.Flow{f}, Blobs: &flaky{Directory: Directory(t.TempDir())}})("one")
	id := enginetest.Start(t, e, f)
	if err := e.keeper.client.GetWorkflow(t.Context(), e.keeper.workflowID(id), "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	rec, err := e.Get(t.Context(), id)
	for errors.Is(err, errFlaky) {
		rec, err = e.Get(t.Context(), id)
	}
	if err != nil || rec.Status != pawl.StatusDone || calls.Load() != 2 {
		t.Errorf("%v, %s (%s), %d calls", err, rec.Status, rec.Reason, calls.Load())
	}
	for _, step := range rec.Steps {
		if len(step.Attempts) != 1 || step.Attempts[0].Outcome != pawl.OutcomeAccepted {
			t.Errorf("%s: %+v", step.Key, step.Attempts)
		}
	}
}

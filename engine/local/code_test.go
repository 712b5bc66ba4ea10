package local_test

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// TestSlowFlowCodeIsLogged: flow code that holds the token for long is named
// with its stack, and its run goes on.
func TestSlowFlowCodeIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": &script{}}, Model: "test/one",
			Logger: slog.New(slog.NewTextHandler(&log, nil))})
		f := pawl.New("slow", "Is slow.", func(r *pawl.Run, in topic) (int, error) {
			time.Sleep(11 * time.Second)
			return 1, nil
		})
		rec := finish(t, e, f)
		if rec.Status != pawl.StatusDone || !strings.Contains(log.String(), "TestSlowFlowCodeIsLogged") || !strings.Contains(log.String(), string(rec.ID)) {
			t.Errorf("%s, log: %.300s", rec.Status, log.String())
		}
	})
}

// TestCloseGivesUpOnFlowCodeThatBlocks: a flow that never returns cannot keep
// the engine open.
func TestCloseGivesUpOnFlowCodeThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		e := newEngine(checktest.Memory(t), &script{})
		start(t, e, pawl.New("stuck", "Is stuck.", func(r *pawl.Run, in topic) (int, error) { <-stop; return 1, nil }))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		e.Close(ctx)
		if d := time.Since(begin); d > 10*time.Second {
			t.Errorf("Close took %v", d)
		}
		close(stop)
	})
}

// TestStepCodeThatEndsItsGoroutine: runtime.Goexit in a step's code or gate
// fails the step.
func TestStepCodeThatEndsItsGoroutine(t *testing.T) {
	exit := true
	f := pawl.New("exits", "Exits.", func(r *pawl.Run, in topic) (int, error) {
		return pawl.Do(r, "d", 1, func(context.Context, int) (int, error) {
			if exit {
				runtime.Goexit()
			}
			return 1, nil
		}), nil
	})
	e := newEngine(checktest.Memory(t), &script{})
	rec := finish(t, e, f)
	if rec.Status != pawl.StatusFailed || !strings.Contains(rec.Error.Message, "ended its goroutine") {
		t.Fatalf("%s %+v", rec.Status, rec.Error)
	}
	exit = false
	resume(t, e, rec.ID)
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}

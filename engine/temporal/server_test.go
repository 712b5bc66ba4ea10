package temporal_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/llm"
)

// server is the address of the Temporal server to test against. Without one a test is skipped.
func server(t *testing.T) string {
	t.Helper()
	at := os.Getenv("PAWL_TEMPORAL")
	if at == "" {
		t.Skip("needs a Temporal server: PAWL_TEMPORAL=host:port, or make test-temporal")
	}
	return at
}

// open opens an engine that works, on a queue of the test's own. It is closed when the test
// ends, and what it has in flight is cut.
func open(t *testing.T, o temporal.Options) *temporal.Engine {
	t.Helper()
	e := connect(t, o)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

// connect is open for who closes the engine.
func connect(t *testing.T, o temporal.Options) *temporal.Engine {
	t.Helper()
	o.Client, o.Work = client.Options{HostPort: server(t)}, true
	if o.Queue == "" {
		o.Queue = "test-" + string(pawl.NewRunID())
	}
	if o.Build == "" {
		o.Build = "one"
	}
	if o.Prices == nil {
		o.Prices = enginetest.Prices
	}
	e, err := temporal.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// models is a catalog of one provider, test.
func models(m llm.Model) llm.Catalog { return llm.Catalog{"test": m} }

// TestMain has every task of a workflow repeat all of it, if PAWL_TEMPORAL_CACHE is 0. It
// is also the process that TestKilledWorkers kills.
func TestMain(m *testing.M) {
	if os.Getenv("PAWL_TEMPORAL_CACHE") == "0" {
		worker.SetStickyWorkflowCacheSize(0)
	}
	if queue := os.Getenv("PAWL_TEMPORAL_WORKER"); queue != "" {
		workUntilKilled(queue, os.Getenv("PAWL_TEMPORAL_MODEL"))
	}
	os.Exit(m.Run())
}

// logger logs what goes wrong, if PAWL_TEMPORAL_LOG is set.
func logger() *slog.Logger {
	if os.Getenv("PAWL_TEMPORAL_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

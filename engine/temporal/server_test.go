package temporal_test

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// server is the Temporal server to test against: that of onServers, the one at PAWL_TEMPORAL
// if that is set, else an old one. Where there is none the test is skipped.
func server(t *testing.T) client.Options {
	t.Helper()
	if at := os.Getenv("PAWL_TEMPORAL"); at != "" {
		return client.Options{HostPort: at, Namespace: os.Getenv("PAWL_TEMPORAL_NAMESPACE")}
	}
	s := temporaltest.Old
	if strings.Contains(t.Name(), "/newest") {
		s = temporaltest.Newest
	}
	return client.Options{HostPort: s(t).Address, Namespace: s(t).Namespace}
}

// onServers runs a test on the old server and on the newest one.
func onServers(t *testing.T, test func(t *testing.T)) {
	if os.Getenv("PAWL_TEMPORAL") != "" {
		test(t)
		return
	}
	t.Run("old", test)
	t.Run("newest", test)
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
	o.Work = true
	if o.Client.HostPort == "" {
		o.Client = server(t)
	}
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
// is also the process that TestKilledWorkers kills, and the command of TestMatrixOfWays.
func TestMain(m *testing.M) {
	if os.Getenv("PAWL_TEMPORAL_CACHE") == "0" {
		worker.SetStickyWorkflowCacheSize(0)
	}
	if os.Getenv(asCommand) != "" {
		commandLine()
	}
	if queue := os.Getenv("PAWL_TEMPORAL_WORKER"); queue != "" {
		workUntilKilled(queue, os.Getenv("PAWL_TEMPORAL_MODEL"))
	}
	if err := flag.Set("test.parallel", "12"); err != nil { // they wait, most of the time; -parallel says otherwise
		panic(err)
	}
	temporaltest.Main(m)
}

// logger logs what goes wrong, if PAWL_TEMPORAL_LOG is set.
func logger() *slog.Logger {
	if os.Getenv("PAWL_TEMPORAL_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

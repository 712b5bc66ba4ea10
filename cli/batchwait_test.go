package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/batchtest"
	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	llmbatch "github.com/pawlrun/pawl/llm/batch"
	"github.com/pawlrun/pawl/llm/openai"
)

// newLaterCommand is a command whose provider takes batches.
func newLaterCommand(t *testing.T, flows ...pawl.Flow) (*command, *responsestest.Server, *batchtest.Server) {
	backend := responsestest.New(t)
	vendor := batchtest.New(t, backend.URL())
	c := newCommand(t, flows...)
	c.env["OPENAI_API_KEY"], c.env["OPENAI_BASE_URL"] = "sk-test-1234567890abcdef", vendor.URL()
	c.batches = llmbatch.Options{Most: laterLines, Gather: time.Hour, Poll: time.Millisecond}
	return c, backend, vendor
}

// laterLines are more than are executed at once without --wait.
const laterLines = 30

const laterModel = "openai/gpt-5.4-mini"

// The lines of a batch that waits go out together, step by step, and cost half.
func TestBatchWaits(t *testing.T) {
	c, backend, vendor := newLaterCommand(t, echo("echo"))
	backend.On(func(responsestest.Call) responsestest.Reply { return responsestest.Text("so").Usage(1000, 1000, 0) })
	const lines = laterLines
	in, out := inputsFile(t, lines), filepath.Join(t.TempDir(), "out.jsonl")
	_, stderr := c.ok("batch", "echo", in, "-o", out, "--model", laterModel, "--wait", "24h")
	if all := vendor.Batches(); len(all) != 1 || len(all[0].Items) != lines {
		t.Errorf("%d batches, the first of %d", len(all), len(all[0].Items))
	}
	if !strings.Contains(stderr, "batch batch_1 of 30 requests to gpt-5.4-mini: sent") || !strings.Contains(stderr, "answered") {
		t.Errorf("stderr:\n%s", stderr)
	}
	b, err := os.ReadFile(out)
	if err != nil || strings.Count(string(b), `"status":"done"`) != lines {
		t.Fatalf("%v\n%s", err, b)
	}
	var first struct {
		Run   string
		Usage pawl.UsageRecord
	}
	if err := json.Unmarshal(b[:strings.IndexByte(string(b), '\n')], &first); err != nil {
		t.Fatal(err)
	}
	full, _ := llm.DefaultPrices().Cost(laterModel, llm.Usage{InputTokens: 1000, OutputTokens: 1000})
	if cost := first.Usage.CostUSD; cost == nil || *cost != full/2 {
		t.Errorf("a line costs %v, want half of %v", cost, full)
	}
	if stdout, _ := c.ok("show", first.Run); !strings.Contains(stdout, "batch") {
		t.Errorf("show does not tell that it was asked by a batch:\n%s", stdout)
	}

	if left, err := os.ReadDir(filepath.Join(c.env["PAWL_DATA"], "batches")); err != nil || len(left) > 0 {
		t.Errorf("answers are left beside the journal: %v, %v", left, err)
	}

	c.ok("batch", "echo", in, "-o", out, "--model", laterModel, "--wait", "24h") // what is done stays done
	if n := len(backend.Calls()); n != lines {
		t.Errorf("%d calls of %d lines", n, lines)
	}
}

// As long as the engine writes, what waits for a batch is not given up: that would be a
// failure, which is asked anew and paid for again.
func TestBoxOutlivesEngine(t *testing.T) {
	for _, closed := range []bool{false, true} {
		backend := responsestest.New(t)
		vendor := batchtest.New(t, backend.URL())
		vendor.Hold()
		box, err := llmbatch.Open(t.Context(), llmbatch.Options{Dir: t.TempDir(), Most: 1, Poll: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		l := &asksLater{box: box}
		m := box.Model(openai.New(&openai.Options{APIKey: "sk-test-1234567890abcdef", BaseURL: vendor.URL(), HTTPClient: box.Client()}))
		answered := make(chan error, 1)
		go func() {
			_, err := m.Generate(t.Context(), llm.Request{Model: "gpt-5.4-mini", Messages: []llm.Message{llm.User("x")}}, nil)
			answered <- err
		}()
		vendor.Wait(1)
		l.end(closed, false)
		vendor.Finish(0)
		if err := <-answered; (err != nil) != closed {
			t.Errorf("with an engine that is closed: %v, who waits gets %v", closed, err)
		}
		box.Close()
	}
}

// What cannot wait is refused before anything is made.
func TestBatchWaitRefused(t *testing.T) {
	c, _, vendor := newLaterCommand(t, echo("echo"))
	in := inputsFile(t, 2)
	for _, tt := range []struct{ flags, says string }{
		{"--wait 1h --model " + laterModel, "a time from 24h up"},
		{"--wait 24h --model offline", "offline is not asked by batches"},
		{"--wait 24h --model " + laterModel + " --fallback offline", "offline is not asked by batches"},
		{"--wait 24h --timeout 1m --model " + laterModel, "--timeout and --wait"},
	} {
		code, _, stderr := c.run(append([]string{"batch", "echo", in}, strings.Fields(tt.flags)...)...)
		if code != 2 || !strings.Contains(stderr, tt.says) {
			t.Errorf("%s: exit code %d\n%s", tt.flags, code, stderr)
		}
	}
	if stdout, _ := c.ok("runs", "--quiet"); stdout != "" || len(vendor.Batches()) > 0 {
		t.Errorf("runs were made:\n%s", stdout)
	}
}

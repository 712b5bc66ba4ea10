package crashtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

const (
	batchLines = 4
	batchLimit = 2
	batchCalls = 3 * batchLines // of articles that are approved at once
)

// batch runs a flow over topics; its results are in results.jsonl.
func (h *home) batch() *process {
	h.t.Helper()
	inputs := filepath.Join(h.dir, "inputs.jsonl")
	if err := os.WriteFile(inputs, []byte(topics(batchLines)), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return h.start("", "batch", "article", inputs, "-o", h.results(), "--limit", fmt.Sprint(batchLimit))
}

// topics are so many lines of inputs.
func topics(n int) string {
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "{\"topic\":\"tides of %d\"}\n", i)
	}
	return lines.String()
}

func (h *home) results() string { return filepath.Join(h.dir, "results.jsonl") }

// outputs returns the results without what differs between two batches.
func (h *home) outputs() []byte {
	h.t.Helper()
	raw, err := os.ReadFile(h.results())
	if err != nil {
		h.t.Fatal(err)
	}
	var all bytes.Buffer
	for line := range bytes.Lines(raw) {
		var r struct {
			Line   int
			Status pawl.Status
			Output json.RawMessage
		}
		if err := json.Unmarshal(line, &r); err != nil {
			h.t.Fatalf("results: %v: %s", err, line)
		}
		fmt.Fprintf(&all, "%d %s %s\n", r.Line, r.Status, r.Output)
	}
	return all.Bytes()
}

// checkPaid checks that no content was asked for more than twice, and no more of
// them twice than were in flight when the process was killed.
func (h *home) checkPaid(calls, inFlight int) {
	h.t.Helper()
	again := 0
	for digest, n := range h.provider.counts() {
		if n > 2 {
			h.t.Errorf("content %.12s was asked for %d times", digest, n)
		}
		again += n - 1
	}
	if again > inFlight || len(h.provider.Calls()) != calls+again {
		h.t.Errorf("%d calls, %d of them again; wants %d and at most %d again", len(h.provider.Calls()), again, calls, inFlight)
	}
}

// A batch that is killed inside its n-th call, for every n, is finished by the
// same command, with the results that it would have had.
func TestKilledBatch(t *testing.T) {
	t.Parallel()
	whole := newHome(t, articleApproved)
	whole.batch().exits(0)
	if n := len(whole.provider.Calls()); n != batchCalls {
		t.Fatalf("%d calls, the test is made for %d", n, batchCalls)
	}
	for n := 1; n <= batchCalls; n++ {
		if !sampled(n) {
			continue
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			h := newHome(t, articleApproved)
			h.provider.holding(number(n))
			p := h.batch()
			p.holds(h.provider, 1)
			p.kill()
			if _, err := os.Stat(h.results()); err == nil {
				t.Error("a batch that is not finished has results")
			}
			h.batch().exits(0)
			h.checkPaid(batchCalls, batchLimit)
			if got, want := h.outputs(), whole.outputs(); !bytes.Equal(got, want) {
				t.Errorf("results differ from an undisturbed batch:\n%s\nwants\n%s", got, want)
			}
		})
	}
}

// Queued runs outlive every worker that is killed inside a call.
func TestKilledWorkers(t *testing.T) {
	t.Parallel()
	h := newHome(t, articleApproved)
	for i := range batchLines {
		h.start("", "run", "article", "--topic", fmt.Sprintf("tides of %d", i), "--detach").exits(0)
	}
	const kills = 4
	for i := range kills {
		h.provider.holding(number(1 + 3*i))
		p := h.start("", "worker", "--limit", "1")
		p.holds(h.provider, 1)
		p.kill()
	}
	h.provider.holding(none)
	h.start("", "worker", "--drain").exits(0)
	var rows []pawl.RunSummary
	p := h.start("", "runs", "--json")
	p.exits(0)
	if err := json.Unmarshal(p.stdout.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Status != pawl.StatusDone {
			t.Errorf("run %s is %s: %s", r.ID, r.Status, r.Reason)
		}
	}
	if len(rows) != batchLines || len(h.provider.Calls()) != batchCalls+kills {
		t.Errorf("%d runs, %d calls; wants %d and %d", len(rows), len(h.provider.Calls()), batchLines, batchCalls+kills)
	}
}

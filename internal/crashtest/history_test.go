package crashtest

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm/openai"
)

// child has a child execute the run, a new one if run is empty, and reports
// whether it killed itself, at that commit.
func (h *home) child(s scene, run pawl.RunID, commit int, after bool) (killed bool) {
	h.t.Helper()
	o := orders{Dir: h.dir, URL: h.provider.URL(), Run: run, Flow: s.flow.Name(), Input: json.RawMessage(s.input), Commit: commit, After: after}
	text, err := json.Marshal(o)
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	// Under the race detector a process that ends well would sleep for 1 s.
	cmd.Env = append(os.Environ(), childEnv+"="+string(text), "GORACE=atexit_sleep_ms=0")
	p := spawn(h.t, cmd)
	if p.killed() {
		return true
	}
	p.exits(0)
	return false
}

// history is a run's record and its events.
type history struct {
	record pawl.RunRecord
	events []pawl.Event
}

// childReference is a reference with its history.
type childReference struct {
	reference
	events []pawl.Event
}

func undisturbedChild(t *testing.T, s scene) childReference {
	t.Helper()
	h := newHome(t, s)
	if h.child(s, "", 0, false) {
		t.Fatal("the child was killed")
	}
	run, _ := h.inspect(s, false)
	got := h.finish(run)
	checkSteps(t, got.record)
	return childReference{reference{got.record, h.provider.counts()}, got.events}
}

// inspect looks at what a killed process left. It returns the run, if there is
// one, and how many attempts of each step are in flight.
func (h *home) inspect(s scene, none bool) (pawl.RunID, map[pawl.Key]int) {
	h.t.Helper()
	h.checkIntegrity()
	db := h.open()
	defer h.closing(db)
	rows, err := db.Runs(h.t.Context(), pawl.RunFilter{})
	if err != nil {
		h.t.Fatal(err)
	}
	if none {
		if len(rows) != 0 || len(h.provider.Calls()) != 0 {
			h.t.Errorf("there are %d runs and %d calls, wants none", len(rows), len(h.provider.Calls()))
		}
		return "", nil
	}
	if len(rows) != 1 || rows[0].Held || rows[0].Flow != s.flow.Name() {
		h.t.Fatalf("runs are %+v, wants one of %s that nobody holds", rows, s.flow.Name())
	}
	run := rows[0].ID
	open := map[pawl.Key]int{}
	for _, ev := range h.events(db, run) {
		switch ev.Type {
		case pawl.EventIntent:
			open[ev.Key] = 1
		case pawl.EventAttempt:
			delete(open, ev.Key)
		case pawl.EventClaimed:
			clear(open)
		}
	}
	return run, open
}

// finish resumes the run, unless it is done, and returns it.
func (h *home) finish(run pawl.RunID) history {
	h.t.Helper()
	ctx := h.t.Context()
	db := h.open()
	e := newEngine(db, openai.New(&openai.Options{APIKey: "sk-test-1234567890abcdef", BaseURL: h.provider.URL()}))
	rec, err := e.Get(ctx, run)
	if err == nil && rec.Status != pawl.StatusDone {
		if rec.Status != pawl.StatusQueued || rec.Reason == "" {
			h.t.Errorf("run is %s (%s), wants queued and why", rec.Status, rec.Reason)
		}
		err = orders{Run: run}.follow(ctx, e)
	}
	if err == nil {
		rec, err = e.Get(ctx, run)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	events := h.events(db, run)
	if err := e.Close(ctx); err != nil {
		h.t.Error(err)
	}
	h.closing(db)
	h.checkIntegrity()
	return history{rec, events}
}

// checkHistory checks a run that was killed with these attempts in flight.
func (h *home) checkHistory(got history, ref childReference, open map[pawl.Key]int) {
	h.t.Helper()
	checkSame(h.t, got.record, ref.reference)
	want := intents(ref.events)
	total := 0
	for key, n := range open {
		want[key] += n
		total += n
	}
	if diff := compare(intents(got.events), want); diff != "" {
		h.t.Errorf("attempts announced: %s; in flight when it was killed were %v", diff, open)
	}
	if n := unknowns(got.record); n != total {
		h.t.Errorf("%d attempts are unknown, wants %d: %v", n, total, open)
	}
	// A call that was announced may have been killed before it left.
	counts := h.provider.counts()
	again := 0
	for d, n := range counts {
		if ref.counts[d] == 0 {
			h.t.Errorf("call %.8s is one that the undisturbed run did not make", d)
		}
		again += n - ref.counts[d]
	}
	for d, n := range ref.counts {
		if counts[d] < n {
			h.t.Errorf("call %.8s was made %d times, wants %d", d, counts[d], n)
		}
	}
	if again > total {
		h.t.Errorf("%d calls too many, wants at most %d: %v were in flight", again, total, open)
	}
	checkNotes(h.t, got.events, ref.events)
}

// checkNotes checks that every line was recorded once.
func checkNotes(t *testing.T, got, want []pawl.Event) {
	t.Helper()
	a, b := notes(t, got), notes(t, want)
	for key := range a {
		if fmt.Sprint(a[key]) != fmt.Sprint(b[key]) {
			t.Errorf("notes of %q:\n%q\n%q", key, a[key], b[key])
		}
	}
	for key := range b {
		if a[key] == nil {
			t.Errorf("no notes of %q, wants %q", key, b[key])
		}
	}
}

func notes(t *testing.T, events []pawl.Event) map[pawl.Key][]string {
	t.Helper()
	texts := map[pawl.Key][]string{}
	for _, ev := range events {
		if ev.Type != pawl.EventNote {
			continue
		}
		n, err := journal.Decode[journal.Note](ev)
		if err != nil {
			t.Fatal(err)
		}
		texts[ev.Key] = append(texts[ev.Key], n.Text)
	}
	return texts
}

// intents counts the attempts that were announced, for each step.
func intents(events []pawl.Event) map[pawl.Key]int {
	n := map[pawl.Key]int{}
	for _, ev := range events {
		if ev.Type == pawl.EventIntent {
			n[ev.Key]++
		}
	}
	return n
}

func compare(got, want map[pawl.Key]int) string {
	var b bytes.Buffer
	for key, n := range got {
		if n != want[key] {
			fmt.Fprintf(&b, "%s %d, wants %d; ", key, n, want[key])
		}
	}
	for key, n := range want {
		if _, ok := got[key]; !ok {
			fmt.Fprintf(&b, "%s none, wants %d; ", key, n)
		}
	}
	return b.String()
}

func (h *home) open() *sqlite.DB {
	h.t.Helper()
	db, err := sqlite.Open(h.t.Context(), h.dir, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return db
}

func (h *home) closing(db *sqlite.DB) {
	h.t.Helper()
	checktest.Check(h.t, db)
	if err := db.Close(); err != nil {
		h.t.Error(err)
	}
}

// events reads a whole history and checks its chain.
func (h *home) events(db *sqlite.DB, run pawl.RunID) []pawl.Event {
	h.t.Helper()
	events, err := db.Read(h.t.Context(), run, 0, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := journal.Verify(events); err != nil {
		h.t.Error(err)
	}
	return events
}

// checkIntegrity has SQLite check the file. Nobody in this process may have it
// open otherwise.
func (h *home) checkIntegrity() {
	h.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(h.dir, sqlite.FileName))
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(h.t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		h.t.Errorf("integrity_check says %q, %v", verdict, err)
	}
}

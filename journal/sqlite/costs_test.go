package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// What an older program has stored is added up when its database is opened, to the same
// sums as if they had been kept all the time.
func TestCostsOfOlder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	db, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	usage := &llm.Usage{InputTokens: 10, OutputTokens: 5, CachedTokens: 2, CacheWriteTokens: 3}
	left := func(key pawl.Key) journal.Draft {
		return journal.Draft{Type: pawl.EventIntent, Key: key, Body: journal.Intent{Step: journal.Step{Kind: pawl.KindAsk, Digest: "d"}, Number: 1, Model: "m/" + string(key[:1])}}
	}
	came := func(key pawl.Key, a journal.Attempt) journal.Draft {
		a.Number, a.Model, a.Outcome = 1, "m/"+string(key[:1]), pawl.OutcomeRejected
		return journal.Draft{Type: pawl.EventAttempt, Key: key, Body: a}
	}
	code := journal.Draft{Type: pawl.EventAttempt, Key: "code", Body: journal.Attempt{Step: &journal.Step{Kind: pawl.KindDo}, Number: 1, Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: pawl.ErrStep, Message: "no"}}}
	large := strings.Repeat("x", 2*inlineBytes)
	for _, id := range []pawl.RunID{"r1", "r2"} {
		run := journal.NewRun{ID: id, Flow: "f" + string(id), Summary: journal.Summary{Status: pawl.StatusRunning}}
		c, err := db.Create(t.Context(), run, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{Flow: run.Flow}}})
		if err != nil {
			t.Fatal(err)
		}
		add := func(drafts ...journal.Draft) {
			t.Helper()
			if _, err := db.Append(t.Context(), c, journal.Batch{Drafts: drafts}); err != nil {
				t.Fatal(err)
			}
		}
		add(left("a1"), left("a2"), left("b1"), left("b2"), left("c1"), left("c2"), code)
		add(came("a1", journal.Attempt{Usage: usage, CostUSD: new(0.25), Raw: &large}), came("a2", journal.Attempt{Usage: usage, CostUSD: new(0.0)}))
		add(came("b1", journal.Attempt{Usage: usage}), came("b2", journal.Attempt{Error: &journal.Failure{Kind: "rate_limit"}}))
		add(came("c1", journal.Attempt{Raw: new("")}), came("a1", journal.Attempt{Unmetered: true}))
		if c, err = db.Claim(t.Context(), id, true); err != nil { // c2 is lost
			t.Fatal(err)
		}
		add(left("c2"), left("c3"), left("d1"), came("c2", journal.Attempt{Usage: usage, CostUSD: new(1e-7)}))
		if id == "r1" {
			add(journal.Draft{Type: pawl.EventReleased, Body: journal.Released{Status: pawl.StatusRunning}}) // c3 and d1 are lost
			add(left("d1"))
		} // of the other c3 and d1 are in flight
	}
	sums := func(db *DB) (all []cost.Report) {
		t.Helper()
		for _, by := range cost.Ways() {
			r, err := db.Costs(t.Context(), cost.Query{By: by})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		return all
	}
	want := sums(db)
	if want[0].Total.ModelCalls != 18 || want[0].Total.UnpricedCalls != 10 || len(want[1].Sums) != 4 {
		t.Fatalf("the sums are %+v", want)
	}
	checktest.Check(t, db)
	var calls int
	count := func() int {
		if err := db.readers.QueryRowContext(t.Context(), "SELECT count(*) FROM calls").Scan(&calls); err != nil {
			t.Fatal(err)
		}
		return calls
	}
	if count() != 3 {
		t.Errorf("%d calls are in flight", calls)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	forgetCosts(t, dir)
	if db, err = Open(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, r := range want { // such programs told them apart nowhere
		for _, s := range append(r.Sums, r.Total) {
			if s.CacheWriteTokens != nil && s.Name != "m/c" && *s.CacheWriteTokens == 0 {
				t.Errorf("of %q nothing was written into a cache", s.Name)
			}
			if s.CacheWriteTokens != nil {
				*s.CacheWriteTokens = 0
			}
		}
	}
	if got := sums(db); !reflect.DeepEqual(got, want) {
		t.Errorf("added up anew it is\n%+v\nwant\n%+v", got, want)
	}
	if count() != 3 {
		t.Errorf("added up anew %d calls are in flight", calls)
	}
}

// Sums of the version before those of cache writes stay as they were, and count on.
func TestCostsOfBeforeCacheWrites(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	createAbout(t, db, "r1", "tides")
	ask := func(db *DB) {
		t.Helper()
		c, err := db.Claim(t.Context(), "r1", true)
		if err != nil {
			t.Fatal(err)
		}
		a := journal.Attempt{Number: 1, Model: "m/one", Outcome: pawl.OutcomeRejected, Usage: &llm.Usage{InputTokens: 10, CacheWriteTokens: 3}, CostUSD: new(1.0)}
		if _, err := db.Append(t.Context(), c, journal.Batch{Drafts: []journal.Draft{{Type: pawl.EventAttempt, Key: "a", Body: a}}}); err != nil {
			t.Fatal(err)
		}
	}
	ask(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := sql.Open("sqlite", writerDSN(filepath.Join(dir, FileName)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = old.Exec(withLastEvents + "ALTER TABLE costs DROP COLUMN written; PRAGMA user_version = 13")
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for calls := int64(1); calls <= 2; calls++ {
		r, err := db.Costs(t.Context(), cost.Query{By: cost.ByModel})
		want := cost.SumOf("", 1, cost.Taken{Calls: calls, InputTokens: 10 * calls, CacheWriteTokens: 3 * (calls - 1), USD: float64(calls)})
		if err != nil || !reflect.DeepEqual(r.Total, want) {
			t.Errorf("after %d calls the sum is %+v, %v", calls, r.Total, err)
		}
		ask(db)
	}
}

// withLastEvents gives the table of runs the columns that it had before version 15.
const withLastEvents = "ALTER TABLE runs ADD COLUMN last_hash TEXT; ALTER TABLE runs ADD COLUMN updated_at INTEGER;"

// forgetCosts makes a closed database one of the last version without costs, and executes a
// script in it.
func forgetCosts(t *testing.T, dir string, script ...string) {
	t.Helper()
	old, err := sql.Open("sqlite", writerDSN(filepath.Join(dir, FileName)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = old.Exec(fmt.Sprintf(withLastEvents+"DROP TABLE costs; DROP TABLE calls; PRAGMA user_version = %d;", uncountedVersion-1) + strings.Join(script, ";"))
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
}

// A large database of an older version is added up in pieces: what ends it before it is done,
// keeps what is. It says how far it is.
func TestCostsOfOlderInPieces(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	createAbout(t, db, "r1", "tides")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	const calls = 15_000
	forgetCosts(t, dir, fmt.Sprintf(`WITH RECURSIVE i (i) AS (SELECT 10 UNION ALL SELECT i + 2 FROM i WHERE i < %d)
		INSERT INTO events (run, seq, version, type, key, at, hash, result, body)
		SELECT 1, i + part, 1, iif(part, 'attempt', 'intent'), 'k' || i, i, '', 0, iif(part, '{"n":1,"model":"m/one","outcome":"accepted","cost_usd":1}', '{"n":1,"model":"m/one"}')
		FROM i, (SELECT 0 AS part UNION ALL SELECT 1) ORDER BY i, part`, 10+2*(calls-1)))

	says := 0
	ctx, cancel := context.WithCancel(t.Context())
	told := func(message string) {
		says++
		if !strings.Contains(message, fmt.Sprintf(" 0 of %d events", 2*calls+2)) {
			t.Errorf("it says %s", message)
		}
		cancel()
	}
	if _, err := Open(ctx, dir, &Options{Waits: told}); !errors.Is(err, context.Canceled) || says != 1 {
		t.Fatalf("canceled: %v, and says %d times how far it is", err, says)
	}
	old, err := sql.Open("sqlite", writerDSN(filepath.Join(dir, FileName)))
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	first := func(script string) (event, counted int) {
		t.Helper()
		if _, err := old.Exec(script); err != nil {
			t.Fatal(err)
		}
		if err := old.QueryRow("SELECT event, (SELECT coalesce(sum(calls), 0) FROM costs) FROM counted").Scan(&event, &counted); err != nil {
			t.Fatal(err)
		}
		return event, counted
	}
	if event, counted := first("CREATE TRIGGER full BEFORE UPDATE ON counted WHEN OLD.event > 0 BEGIN SELECT RAISE (ABORT, 'disk full'); END"); event != 0 || counted != 0 {
		t.Errorf("canceled at its first piece it has counted %d calls up to event %d", counted, event)
	}
	if _, err := Open(t.Context(), dir, nil); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Fatalf("it is opened, %v", err)
	}
	if event, counted := first("DROP TRIGGER full"); event != countedPiece || counted != (countedPiece-2)/2 {
		t.Errorf("the second piece failed: it has counted %d calls up to event %d", counted, event)
	}
	if db, err = Open(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := db.Costs(t.Context(), cost.Query{By: cost.ByFlow})
	if err != nil || r.Total.ModelCalls != calls || *r.Total.CostUSD != calls {
		t.Errorf("the sums are %+v, %v", r, err)
	}
}

// Removing runs does not read what all runs took.
func TestForgetWhoReadsOnlyTheirs(t *testing.T) {
	db := openDB(t)
	if steps := plan(t, db, forgetWho, "[1]"); strings.Contains(steps, "SCAN costs") {
		t.Errorf("SQLite plans\n%s", steps)
	}
}

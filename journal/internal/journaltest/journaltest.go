// Package journaltest is the conformance suite of journals.
//
// [Run] tests each promise in the comments of [journal.Journal],
// [journal.Blobs], [journal.Queue], [journal.Commands], [journal.Remover], [journal.Importer],
// [journal.Feed], [limit.Keeper], [cost.Keeper], [schedule.Keeper] and [notice.Keeper] against a filling of
// them. After each test every run of the journal is read back and checked, see
// [checktest.CheckStored].
//
//	func TestConformance(t *testing.T) {
//		journaltest.Run(t, func(t *testing.T) journal.Journal { return journal.NewMemory() })
//	}
package journaltest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
)

// Run runs the suite. open returns a new, empty journal, which must implement
// journal.Blobs, Queue, Commands, Remover, Importer and Feed, limit.Keeper, cost.Keeper,
// schedule.Keeper and notice.Keeper too; the suite closes it.
func Run(t *testing.T, open func(t *testing.T) journal.Journal) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, bench)
	}{
		{"create", create},
		{"create stores blobs", createBlobs},
		{"create refuses an id that exists", createTwice},
		{"create refuses what is no history", createBad},
		{"claim", claim},
		{"claim of a held run is refused", claimHeld},
		{"take", take},
		{"release", release},
		{"release with the last events", releaseWith},
		{"unknown run", unknownRun},
		{"append", appendBatch},
		{"append moves time forward only", appendTime},
		{"model in force", appendModel},
		{"append refuses a claim out of step", appendStale},
		{"a batch is all or nothing", appendAtomic},
		{"one result for each step", appendResults},
		{"append refuses bad values", appendBad},
		{"large bodies", largeBodies},
		{"any text", anyText},
		{"what callers change stays theirs", aliasing},
		{"read in parts", readParts},
		{"list runs", listRuns},
		{"find runs", findRuns},
		{"runs with a base", lineage},
		{"runs of a schedule", ofSchedule},
		{"schedules", schedules},
		{"a schedule is changed as it was read", scheduleChanged},
		{"one change of a schedule wins", scheduleRace},
		{"notices are owed", noticesOwed},
		{"notices are taken", noticesTaken},
		{"notices to a receiver in trouble", noticesTrouble},
		{"one takes a notice", noticesRace},
		{"a refused batch owes no notice", noticesOfNone},
		{"a queued run is nobody's", queued},
		{"idle runs", idle},
		{"offers", offers},
		{"summary", summary},
		{"commands come back as they were", commandForms},
		{"a command is handled once", handledOnce},
		{"a lost claim handles nothing", lostHandlesNothing},
		{"the end refuses what is pending", postEnded},
		{"a pending command makes a run idle", idleByCommand},
		{"open blockers", openBlockers},
		{"a failed batch leaves commands and blockers", commandsAtomic},
		{"events of all runs", feed},
		{"limits", limitForms},
		{"a limit counts each call once", limitCounts},
		{"what a call leaves over is there for the next in its batch", limitSettlesFirst},
		{"a limit refuses what does not fit", limitRefuses},
		{"a limit holds for all who append", limitRace},
		{"costs", costs},
		{"a call that nobody saw end costs", costsLost},
		{"what is removed and what is imported", costsKept},
		{"costs by day", costsByDay},
		{"changes", changes},
		{"changes miss nothing", changesMissNothing},
		{"changes end with ctx", changesCancel},
		{"blobs", blobs},
		{"remove", remove},
		{"remove refuses what is held", removeHeld},
		{"remove keeps what cannot go", removeChanged},
		{"import", importRun},
		{"an imported run is left alone", importedIsLeft},
		{"import what is there", importTwice},
		{"import refuses what is no history", importBad},
		{"many runs at once", concurrentRuns},
		{"one claim wins", concurrentClaims},
		{"takers fence appenders", concurrentTake},
		{"many commands at once", concurrentCommands},
		{"canceled context", canceled},
		{"close", closed},
		{"close wakes changes", closeWakes},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := bench{t: t, j: open(t)}
			test.run(t, b)
			b.verifyAll()
			if err := b.j.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

// bench is a test with its journal.
type bench struct {
	t *testing.T
	j journal.Journal
}

func (b bench) ctx() context.Context { return b.t.Context() }

// start is the time of the first event of runs that bench creates.
var start = pawl.At(time.Date(2026, 3, 1, 12, 0, 0, int(250*time.Millisecond), time.UTC))

func (b bench) create(id pawl.RunID) *journal.Claim {
	b.t.Helper()
	c, err := b.j.Create(b.ctx(), newRun(id), []journal.Draft{created()})
	if err != nil {
		b.t.Fatalf("create %q: %v", id, err)
	}
	return c
}

func newRun(id pawl.RunID) journal.NewRun {
	return journal.NewRun{ID: id, Flow: "article", Model: "offline", Summary: journal.Summary{Status: pawl.StatusRunning}}
}

func created() journal.Draft {
	return journal.Draft{Type: pawl.EventCreated, At: start, Body: journal.Created{Flow: "article", Model: "offline", Input: json.RawMessage(`{"topic":"x"}`)}}
}

func note(text string) journal.Draft {
	return journal.Draft{Type: pawl.EventNote, At: start, Body: journal.Note{Text: text}}
}

func result(key pawl.Key, value string) journal.Draft {
	return journal.Draft{
		Type: pawl.EventAttempt, Key: key, At: start, Result: true,
		Body: journal.Attempt{Number: 1, Outcome: pawl.OutcomeAccepted, Result: json.RawMessage(value), StartedAt: start},
	}
}

func batch(drafts ...journal.Draft) journal.Batch { return journal.Batch{Drafts: drafts} }

func (b bench) append(c *journal.Claim, drafts ...journal.Draft) []pawl.Event {
	b.t.Helper()
	events, err := b.j.Append(b.ctx(), c, batch(drafts...))
	if err != nil {
		b.t.Fatalf("append to %q: %v", c.Run, err)
	}
	return events
}

func (b bench) read(id pawl.RunID) []pawl.Event {
	b.t.Helper()
	events, err := b.j.Read(b.ctx(), id, 0, 0)
	if err != nil {
		b.t.Fatalf("read %q: %v", id, err)
	}
	return events
}

func (b bench) runs(f pawl.RunFilter) []journal.Row {
	b.t.Helper()
	rows, err := b.j.Runs(b.ctx(), f)
	if err != nil {
		b.t.Fatalf("list runs: %v", err)
	}
	return rows
}

func (b bench) row(id pawl.RunID) journal.Row {
	b.t.Helper()
	rows := b.runs(pawl.RunFilter{Prefix: id})
	if len(rows) != 1 {
		b.t.Fatalf("%d rows for %q, want 1", len(rows), id)
	}
	return rows[0]
}

func (b bench) wantLen(id pawl.RunID, n int) {
	b.t.Helper()
	if got := len(b.read(id)); got != n {
		b.t.Errorf("run %q has %d events, want %d", id, got, n)
	}
}

// want checks an error's kind, and that it says something.
func (b bench) want(err error, kind pawl.ErrorKind) {
	b.t.Helper()
	var e *pawl.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Message == "" {
		b.t.Errorf("got error %v (%T), want a *pawl.Error of kind %q", err, err, kind)
	}
}

func (b bench) wantLost(err error) {
	b.t.Helper()
	b.want(err, pawl.ErrConflict)
	if !errors.Is(err, journal.ErrLost) {
		b.t.Errorf("got error %v, want ErrLost", err)
	}
}

func (b bench) equal(what string, got, want any) {
	b.t.Helper()
	if reflect.DeepEqual(got, want) { // cmp takes a minute for large bodies
		return
	}
	b.t.Errorf("%s (-want +got):\n%.4000s", what, cmp.Diff(want, got))
}

// verifyAll checks the history of every run, unless the test has closed the
// journal.
func (b bench) verifyAll() {
	b.t.Helper()
	if _, err := b.j.Runs(b.ctx(), pawl.RunFilter{Limit: 1}); errors.Is(err, pawl.ErrStorage) {
		return
	}
	checktest.CheckStored(b.t, b.j)
}

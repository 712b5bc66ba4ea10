package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// appendUntilKilled is the child: several goroutines append without end, each
// to runs of its own, and say what has been acknowledged.
func appendUntilKilled(dir string) int {
	db, err := sqlite.Open(context.Background(), dir, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				c, err := db.Create(context.Background(), journal.NewRun{ID: pawl.NewRunID()}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}})
				for range 20 {
					if err != nil {
						fmt.Fprintln(os.Stderr, err)
						return
					}
					fmt.Printf("%s %d %s\n", c.Run, c.Seq, c.Hash)
					size := rand.IntN(200)
					if rand.IntN(10) == 0 {
						size = 20 << 10
					}
					drafts := make([]journal.Draft, 1+rand.IntN(3))
					for i := range drafts {
						drafts[i] = journal.Draft{Type: pawl.EventNote, Body: journal.Note{Text: strings.Repeat("x", size)}}
					}
					_, err = db.Append(context.Background(), c, journal.Batch{Drafts: drafts})
				}
			}
		})
	}
	wg.Wait()
	return 1
}

// What was acknowledged before a process is killed is there afterwards, the
// histories are whole, and others can go on with its runs at once.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	t.Cleanup(func() { checkStored(t, dir) })
	checked := map[pawl.RunID]bool{}
	rounds := 30
	if testing.Short() {
		rounds = 6
	}
	for round := range rounds {
		var watcher *sqlite.DB
		if round%2 == 1 { // with a live process beside, nobody recovers the log
			watcher = openOnly(t, dir)
		}
		acknowledged := killed(t, dir, rand.IntN(150))
		db := watcher
		if db == nil {
			db = openOnly(t, dir)
		}
		for run, last := range acknowledged {
			events, err := db.Read(t.Context(), run, 0, 0)
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if n := int(last.Seq); len(events) < n || events[n-1].Hash != last.Hash {
				t.Errorf("round %d: run %s has %d events, acknowledged was %d %s", round, run, len(events), last.Seq, last.Hash)
			}
		}
		rows, err := db.Runs(t.Context(), pawl.RunFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if checked[row.ID] {
				continue
			}
			checked[row.ID] = true
			if row.Held {
				t.Errorf("round %d: run %s is held by %s", round, row.ID, row.Holder)
			}
			c, err := db.Claim(t.Context(), row.ID, false)
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if _, err := db.Append(t.Context(), c, journal.Batch{Drafts: []journal.Draft{{Type: pawl.EventNote, Body: journal.Note{}}}}); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
			events, err := db.Read(t.Context(), row.ID, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := journal.Verify(events); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		checkIntegrity(t, dir)
	}
	t.Logf("%d runs", len(checked))
	locks, err := os.ReadDir(filepath.Join(dir, "procs"))
	if err != nil || len(locks) > 2 { // open.lock, and the last child's if a watcher was open before it
		t.Errorf("lock files %v, %v", locks, err)
	}
}

// killed runs a child and kills it when it has said a number of lines. It
// returns the last event of each run that it has said.
func killed(t *testing.T, dir string, lines int) map[pawl.RunID]journal.Claim {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], dir)
	cmd.Env = append(os.Environ(), childEnv+"=append")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := map[pawl.RunID]journal.Claim{}
	scan := bufio.NewScanner(out)
	for n := 0; scan.Scan(); n++ {
		c := claimOf(t, scan.Text())
		last[c.Run] = c
		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd.Wait() // an error: it was killed
	if stderr.Len() > 0 {
		t.Fatalf("child: %s", stderr.String())
	}
	return last
}

// claimOf is what the child says of a run.
func claimOf(t *testing.T, line string) (c journal.Claim) {
	t.Helper()
	if _, err := fmt.Sscan(line, &c.Run, &c.Seq, &c.Hash); err != nil {
		t.Fatalf("child said %q: %v", line, err)
	}
	return c
}

func checkIntegrity(t *testing.T, dir string) {
	t.Helper()
	db := raw(t, filepath.Join(dir, sqlite.FileName))
	defer db.Close()
	var says string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&says); err != nil || says != "ok" {
		t.Errorf("integrity_check: %q, %v", says, err)
	}
	if err := db.QueryRowContext(t.Context(), "PRAGMA foreign_key_check").Scan(&says); err != sql.ErrNoRows {
		t.Errorf("foreign_key_check: %q, %v", says, err)
	}
}

// raw opens a database as anyone could.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func exec1(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

package sqlite_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// sqliteShell is SQLite's own command, of whatever age. `make test` demands it.
func sqliteShell(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("sqlite3")
	switch {
	case err == nil:
		return path
	case os.Getenv("PAWL_TEST_TOOLS") != "":
		t.Fatal("there is no sqlite3 here: apt-get install sqlite3")
	}
	t.Skip("there is no sqlite3 here: apt-get install sqlite3; `make test` does not do without")
	return ""
}

// appendBesideReaders is the child: it appends until it is killed, in a process where
// something reads the database's file, as a backup or a checksum does.
func appendBesideReaders(dir string) int {
	go func() {
		for {
			_, _ = os.ReadFile(filepath.Join(dir, sqlite.FileName))
			runtime.Gosched()
		}
	}()
	return appendUntilKilled(dir)
}

// Somebody looks into the database with an older sqlite3 while runs are busy in a process
// that has closed a descriptor of the file, and that is killed: the log stays, and nothing
// that was acknowledged is lost.
func TestOlderSQLiteBeside(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("locks that survive this are Linux's alone")
	}
	shell := sqliteShell(t)
	dir := t.TempDir()
	openOnly(t, dir).Close() // so that there is something to look into
	rounds, visits := 10, 10
	if testing.Short() {
		rounds = 2
	}
	path := filepath.Join(dir, sqlite.FileName)
	for round := range rounds {
		cmd := exec.CommandContext(t.Context(), os.Args[0], dir)
		cmd.Env = append(os.Environ(), childEnv+"=beside")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := map[pawl.RunID]journal.Claim{}
		lines := bufio.NewScanner(out)
		take := func(n int) {
			for ; n != 0 && lines.Scan(); n-- {
				last[claimOf(t, lines.Text()).Run] = claimOf(t, lines.Text())
			}
		}
		take(10)
		log, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		for range visits {
			// The child's pipe is not read meanwhile: it may stand still for that.
			says, err := exec.CommandContext(t.Context(), shell, path, "PRAGMA busy_timeout=60000; SELECT count(*) > 0 FROM events").CombinedOutput()
			if err != nil || !strings.HasSuffix(string(says), "\n1\n") {
				t.Fatalf("sqlite3 says %q, %v", says, err)
			}
			if now, err := os.Stat(path + "-wal"); err != nil || !os.SameFile(log, now) {
				t.Fatalf("round %d: after sqlite3 has looked the log is another, or gone: %v", round, err)
			}
			take(20)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		take(-1)
		_ = cmd.Wait() // it was killed
		db := openOnly(t, dir)
		for run, want := range last {
			events, err := db.Read(t.Context(), run, 0, 0)
			if n := int(want.Seq); err != nil || len(events) < n || events[n-1].Hash != want.Hash {
				t.Errorf("round %d: run %s has %d events, %v; acknowledged were %d", round, run, len(events), err, n)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		checkIntegrity(t, dir)
	}
}

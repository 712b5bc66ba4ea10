package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// A backup of a journal in which 200 runs are busy is whole: it passes every check, and
// what was acknowledged before it began is in it.
func TestBackupOfBusyRuns(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	const runs = 200
	var mu sync.Mutex
	last := map[pawl.RunID]journal.Claim{} // as acknowledged
	ctx, end := context.WithCancel(t.Context())
	var busy, begun sync.WaitGroup
	begun.Add(runs)
	for range runs {
		busy.Go(func() {
			begin := sync.OnceFunc(begun.Done)
			defer begin()
			c := create(t, db, pawl.NewRunID())
			for i := 0; ctx.Err() == nil; i++ {
				if _, err := db.Append(t.Context(), c, note("busy")); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				last[c.Run] = *c
				mu.Unlock()
				if i == 5 {
					begin()
				}
			}
		})
	}
	begun.Wait()
	mu.Lock()
	before := make(map[pawl.RunID]journal.Claim, runs)
	for id, c := range last {
		before[id] = c
	}
	mu.Unlock()
	restored := t.TempDir()
	path := filepath.Join(restored, sqlite.FileName)
	err := openReadOnly(t, dir).Backup(t.Context(), path)
	end()
	busy.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if files, _ := os.ReadDir(restored); len(files) != 1 {
		t.Errorf("beside the backup there are %v", files)
	}
	copied := open(t, restored)
	if err := copied.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for id, c := range before {
		events, err := copied.Read(t.Context(), id, 0, 0)
		if err != nil || journal.Verify(events) != nil || len(events) < int(c.Seq) || events[c.Seq-1].Hash != c.Hash {
			t.Errorf("run %s has %d events, %v; acknowledged were %d", id, len(events), err, c.Seq)
		}
	}
	for id := range before {
		if _, err := copied.Claim(t.Context(), id, false); err != nil {
			t.Errorf("claim in the restored directory: %v", err)
		}
		break
	}
}

func TestBackupRefuses(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	create(t, db, "r1")
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), there); !errors.Is(err, pawl.ErrInput) {
		t.Errorf("over a file: %v", err)
	}
	if text, err := os.ReadFile(there); string(text) != "mine" {
		t.Errorf("the file is %q, %v", text, err)
	}
	if err := db.Backup(t.Context(), filepath.Join(dir, "nowhere", "file")); !errors.Is(err, pawl.ErrStorage) {
		t.Errorf("into no directory: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Backup(ctx, filepath.Join(dir, "file")); err == nil {
		t.Error("canceled: no error")
	}
	if files, _ := filepath.Glob(filepath.Join(dir, ".*")); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// Whoever reads the file while the run goes on finds a whole record, and one that never
// goes back.
func TestStateFileIsAlwaysWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	path := filepath.Join(dir, "run.json")
	written := make(chan struct{})
	go func() {
		defer close(written)
		for n := range 50 {
			rec := pawl.RunRecord{Reason: fmt.Sprint(n), Steps: make([]pawl.StepRecord, n)}
			if err := writeState(path, rec); err != nil {
				t.Error(err)
			}
		}
	}()
	seen := 0
	read := func() {
		b, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return
		}
		var rec pawl.RunRecord
		if err := json.Unmarshal(b, &rec); err != nil {
			t.Fatalf("read %d bytes that are no record: %v", len(b), err)
		}
		if len(rec.Steps) < seen {
			t.Fatalf("read %d steps after %d", len(rec.Steps), seen)
		}
		seen = len(rec.Steps)
	}
	for {
		read()
		select {
		case <-written:
			if read(); seen != 49 {
				t.Errorf("the last record has %d steps, want 49", seen)
			}
			if all, _ := os.ReadDir(dir); len(all) != 1 {
				t.Errorf("%d files, want the one", len(all))
			}
			return
		default:
		}
	}
}

// A directory that goes away under a run is a warning, and the run ends as it would have.
// What is sensitive is in no state.
func TestStateFileThatCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	spoil := pawl.New("spoil", "Spoil the place.", func(r *pawl.Run, in secretInput) (secretOutput, error) {
		pawl.Do(r, "spoil", "it", func(context.Context, string) (found, error) {
			if in.Fail {
				os.RemoveAll(dir)
				return found{}, os.WriteFile(dir, nil, 0o600)
			}
			return found{Keys: []boxKey{{boxCode}}}, nil
		})
		return secretOutput{Token: in.Token, Text: "the token is " + in.Token}, nil
	})
	c := newCommand(t, spoil)
	_, stderr := c.ok("run", "spoil", "--token", secret, "--fail", "--save-state", dir, "--model", "offline")
	if !strings.Contains(stderr, "the run's state is not in "+dir) {
		t.Errorf("wants a warning; stderr:\n%s", stderr)
	}
	os.Remove(dir)
	c.ok("run", "spoil", "--token", secret, "--save-state", dir, "--model", "offline")
	all, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(all) != 1 {
		t.Fatalf("%d files, want one", len(all))
	}
	b, _ := os.ReadFile(all[0])
	if s := string(b); !strings.Contains(s, `"spoil"`) || strings.Contains(s, "rus-4711") || strings.Contains(s, boxCode) {
		t.Errorf("the state is not the record as it may be shown:\n%s", s)
	}
}

package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// A hundred busy runs share their commits: what they finish in the same moment
// reaches the disk together.
func TestBusyRunsShareCommits(t *testing.T) {
	const runs, steps = 100, 20
	db, err := sqlite.Open(t.Context(), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	e := newEngine(db, &script{})
	defer e.Close(context.WithoutCancel(t.Context()))
	f := pawl.New("busy", "Does one thing after the other.", func(r *pawl.Run, in topic) (int, error) {
		for i := range steps {
			pawl.Do(r, fmt.Sprint("s", i), i, nothing)
		}
		return steps, nil
	})
	var wg sync.WaitGroup
	for range runs {
		wg.Go(func() {
			id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), nil)
			if err != nil {
				t.Error(err)
				return
			}
			for _, err := range e.Events(t.Context(), id, 0) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s := db.Stats()
	t.Logf("%d events in %d commits", s.Events, s.Commits)
	if least := int64(runs * (2*steps + 3)); s.Events < least {
		t.Errorf("%d events, wants at least %d", s.Events, least)
	}
	if s.Commits*5 > s.Events {
		t.Errorf("%d commits for %d events, wants fewer than a fifth", s.Commits, s.Events)
	}
	checktest.Check(t, db)
}

package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/sqlite"
)

type size struct {
	N int `json:"n"`
}

func same(_ context.Context, i int) (int, error) { return i, nil }

var chain = pawl.New("chain", "Does one step after another.", func(r *pawl.Run, in size) (int, error) {
	for i := range in.N {
		pawl.Do(r, "step", i, same, pawl.Repeatable)
	}
	return in.N, nil
})

var fan = pawl.New("fan", "Does all steps at once.", func(r *pawl.Run, in size) (int, error) {
	pawl.Map(r, "items", make([]int, in.N), func(r *pawl.Run, i int) (int, error) {
		return pawl.Do(r, "step", i, same, pawl.Repeatable), nil
	})
	return in.N, nil
})

// BenchmarkSync is the disk's own limit, for comparison in the same run: one
// append of a step's size with fsync.
func BenchmarkSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	line := make([]byte, 400)
	for b.Loop() {
		if _, err := f.Write(line); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSteps executes steps that do nothing, each durable (SQLite, full
// fsync) before the flow goes on, and tells time and commits for one step.
func BenchmarkSteps(b *testing.B) {
	for _, f := range []pawl.Flow{chain, fan} {
		for _, n := range []int{200, 2000} {
			b.Run(fmt.Sprintf("%s-%d", f.Name(), n), func(b *testing.B) {
				db, err := sqlite.Open(b.Context(), b.TempDir(), nil)
				if err != nil {
					b.Fatal(err)
				}
				defer db.Close()
				e := newEngine(db, &script{})
				defer e.Close(context.WithoutCancel(b.Context()))
				for b.Loop() {
					id, err := e.Start(b.Context(), f, json.RawMessage(fmt.Sprintf(`{"n":%d}`, n)), nil)
					if err != nil {
						b.Fatal(err)
					}
					for _, err := range e.Events(b.Context(), id, 0) {
						if err != nil {
							b.Fatal(err)
						}
					}
				}
				steps := float64(b.N * n)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/steps, "ns/step")
				b.ReportMetric(float64(db.Stats().Commits)/steps, "commits/step")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

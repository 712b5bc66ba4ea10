package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// BenchmarkStore reports how long whole processes of the command take on a store
// of 10,000 runs, their start and end included:
//
//	go test -run '^$' -bench Store ./cmd/pawl
//
// Those that people wait for at a prompt are to take less than 100 ms each.
func BenchmarkStore(b *testing.B) {
	const runs = 10_000
	data := b.TempDir()
	program := buildProgram(b)
	fillStore(b, program, data, runs)
	size := storeSize(b, data)
	for _, line := range []string{
		"version", // the start alone
		"runs",
		"runs --limit 0 --json",
		"runs --limit 0",
		"runs --flow article",
		"runs --flow blog",
		"runs -q",
		"show last",
		"show RUN",
		"logs RUN",
		"__complete show ''",
		"__complete resume ab",
		"__complete show RUN --step ''",
		"flows",
		"doctor",
	} {
		b.Run(strings.ReplaceAll(line, " ", "_"), func(b *testing.B) {
			args := strings.Fields(strings.ReplaceAll(line, "-q", "--quiet"))
			for i, arg := range args {
				switch arg {
				case "RUN":
					args[i] = string(benchID(runs / 2))
				case "''":
					args[i] = ""
				}
			}
			for b.Loop() {
				execute(b, program, data, args...)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/op")
			b.ReportMetric(float64(size)/(1<<20), "MiB")
		})
	}
}

func buildProgram(b *testing.B) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "pawl.exe")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return program
}

// execute runs the program, which must end with 0.
func execute(b *testing.B, program, data string, args ...string) {
	b.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = []string{"PAWL_DATA=" + data, "PATH=" + os.Getenv("PATH")}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %v\n%s", args, err, &stderr)
	}
}

func storeSize(b *testing.B, data string) int64 {
	b.Helper()
	info, err := os.Stat(filepath.Join(data, "pawl.db"))
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}

// fillStore makes so many finished runs in data: copies of two real ones, each
// about a topic of its own and with messages of its own. One in ten is a blog.
func fillStore(b *testing.B, program, data string, runs int) {
	b.Helper()
	models := b.TempDir()
	execute(b, program, models, "run", "article", "--topic", benchTopic)
	execute(b, program, models, "run", "blog", "--topic", benchTopic, "--target-length", "300")
	originals := originalRuns(b, models) // the newest first

	db, err := sqlite.Open(b.Context(), data, nil)
	if err != nil {
		b.Fatal(err)
	}
	numbers := make(chan int)
	var all sync.WaitGroup
	for range 100 { // what finishes together is committed together
		all.Go(func() {
			for n := range numbers {
				o := originals[1]
				if n%10 == 0 {
					o = originals[0]
				}
				if err := o.copy(b.Context(), db, n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for n := range runs {
		numbers <- n
	}
	close(numbers)
	all.Wait()
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}

// benchTopic stands in the copied run wherever its own topic does.
const benchTopic = "Zanzibar"

// benchID is the id of copy n.
func benchID(n int) pawl.RunID {
	const letters = "0123456789abcdefghijklmnopqrstuv"
	r := rand.New(rand.NewPCG(1, uint64(n)))
	id := make([]byte, 12)
	for i := range id {
		id[i] = letters[r.IntN(len(letters))]
	}
	return pawl.RunID(id)
}

// original is a run to be copied.
type original struct {
	row    journal.Row
	events []pawl.Event
	blobs  map[string][]byte // that its events name, by digest
}

func originalRuns(b *testing.B, data string) []original {
	b.Helper()
	db, err := sqlite.Open(b.Context(), data, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Runs(b.Context(), pawl.RunFilter{})
	if err != nil {
		b.Fatal(err)
	}
	var list []original
	for _, row := range rows {
		o := original{row: row, blobs: map[string][]byte{}}
		if o.events, err = db.Read(b.Context(), row.ID, 0, 0); err != nil {
			b.Fatal(err)
		}
		for _, e := range o.events {
			if e.Type != pawl.EventIntent {
				continue
			}
			in, err := journal.Decode[journal.Intent](e)
			if err != nil {
				b.Fatal(err)
			}
			for _, digest := range slices.Concat(in.Request.Messages, []string{in.Request.Schema}) {
				if digest == "" {
					continue
				}
				if o.blobs[digest], err = db.Blob(b.Context(), digest); err != nil {
					b.Fatal(err)
				}
			}
		}
		list = append(list, o)
	}
	return list
}

// copy stores the run once more, as number n.
func (o original) copy(ctx context.Context, db *sqlite.DB, n int) error {
	replaced := []string{benchTopic, fmt.Sprintf("topic number %d", n)}
	var blobs [][]byte
	for digest, data := range o.blobs {
		data = bytes.ReplaceAll(data, []byte(replaced[0]), []byte(replaced[1]))
		blobs = append(blobs, data)
		replaced = append(replaced, digest, journal.Digest(data))
	}
	own := strings.NewReplacer(replaced...)
	var drafts []journal.Draft
	for _, e := range o.events {
		if e.Type == pawl.EventClaimed {
			continue // Create adds it
		}
		drafts = append(drafts, journal.Draft{
			Type: e.Type, Key: e.Key, At: e.At,
			Body:   json.RawMessage(own.Replace(string(e.Body))),
			Result: e.Type == pawl.EventAttempt, // all were accepted
		})
	}
	run := journal.NewRun{ID: benchID(n), Flow: o.row.Flow, Model: o.row.Model, Summary: o.row.Summary}
	c, err := db.Create(ctx, run, drafts[:1])
	if err == nil {
		_, err = db.Append(ctx, c, journal.Batch{Drafts: drafts[1:], Blobs: blobs, Summary: &o.row.Summary})
	}
	if err == nil {
		err = db.Release(ctx, c)
	}
	return err
}

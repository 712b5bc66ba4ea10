package local_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/schema"
)

var recordJournals = flag.String("record-journals", "", "record new golden journals under this name, such as v0.2; none is written over")

const (
	goldenDir  = "testdata/journals"
	goldenSums = goldenDir + "/SHA256SUMS"
)

// goldenProgram has every kind of step and every kind of trouble. It is as fixed
// as the journals that it left.
var goldenProgram = pawl.New("golden", "Do a little of everything.", func(r *pawl.Run, in topic) (string, error) {
	var b strings.Builder
	o := pawl.Ask(r, "outline", pawl.Messages[outline]("Planning "+in.Topic, llm.User("plan "+in.Topic))) // repaired
	r.Note("%d sections", len(o.Sections))
	for i, s := range pawl.Map(r, "sections", o.Sections, func(r *pawl.Run, name string) (string, error) {
		s := pawl.Ask(r, "write", text("Writing "+name)) // one of them is tried again
		n := pawl.Do(r, "count", s, func(_ context.Context, s string) (int, error) { return len(s), nil })
		return fmt.Sprint(s, n), nil
	}, pawl.Limit(2)) {
		fmt.Fprintln(&b, i, s)
	}
	pawl.Sleep(r, "rest", time.Minute)
	_, err := pawl.TryAsk(r, "refused", text("Asking in vain"))
	fmt.Fprintln(&b, err)
	for _, res := range pawl.TryMap(r, "tries", []int{0, 1}, func(r *pawl.Run, i int) (int, error) {
		if i == 1 {
			return 0, errors.New("an error of its own")
		}
		return pawl.Do(r, "stamp", i, func(context.Context, int) (int, error) { return 7, nil }, pawl.Repeatable), nil
	}) {
		fmt.Fprintln(&b, res.Value, res.Err)
	}
	pawl.Parallel(r, "checks",
		pawl.Go("tone", func(r *pawl.Run) error { fmt.Fprintln(&b, pawl.Ask(r, "score", text("Judging tone"))); return nil }),
		pawl.Go("facts", func(r *pawl.Run) error { pawl.Sleep(r, "wait", time.Second); return nil }))
	fmt.Fprintln(&b, pawl.Call(r, "part", goldenPart, topic{Topic: "part"}))
	fmt.Fprintln(&b, pawl.Ask(r, "last", text("Asking for a person"))) // fails, a person retries
	fmt.Fprintln(&b, pawl.Ask(r, "last", text("Asking again")))
	return b.String(), nil
})

var goldenPart = pawl.New("golden-part", "Be a part.", func(r *pawl.Run, in topic) (string, error) {
	return pawl.Ask(r, "inner", text("Asking within")), nil
})

// goldenPlaces has maps with a limit in which branches stand.
func goldenPlaces(saw func(string)) pawl.Flow {
	return pawl.New("golden-places", "Stand in maps.", func(r *pawl.Run, in topic) (string, error) {
		say := func(r *pawl.Run, what string, i int) {
			saw(fmt.Sprint(what, i))
			r.Note("%s%d", what, i)
		}
		out := pawl.Map(r, "items", []int{0, 1, 2, 3, 4, 5}, func(r *pawl.Run, i int) (string, error) {
			say(r, "begins ", i)
			got := pawl.Ask(r, "write", text(fmt.Sprint("Writing ", i)))
			pawl.Sleep(r, "rest", time.Duration(7-i)*time.Minute)
			say(r, "has rested ", i)
			got += pawl.Input[string](r, "say", fmt.Sprint("What of ", i, "?"), pawl.AnswerAfter(time.Duration(1+i%3)*time.Minute, "nothing"))
			for _, s := range pawl.Map(r, "parts", []int{0, 1, 2}, func(r *pawl.Run, k int) (string, error) {
				say(r, "begins part ", 10*i+k)
				pawl.Sleep(r, "pause", time.Duration(i+3-k)*time.Minute)
				return pawl.Ask(r, "part", text(fmt.Sprint("Part ", k))), nil
			}, pawl.Limit(2)) {
				got += s
			}
			say(r, "ends ", i)
			return got, nil
		}, pawl.Limit(2))
		return strings.Join(out, "\n"), nil
	})
}

// goldenRuns are what is recorded: by name, the flow and its input.
var goldenRuns = map[string]struct {
	flow  pawl.Flow
	input string
	model string
	fixed bool // what it asks is answered the same for ever
}{
	"places":        {goldenPlaces(func(string) {}), `{"topic":"tides"}`, "test/one", true},
	"golden":        {goldenProgram, `{"topic":"tides"}`, "test/one", true},
	"article":       {article.Flow, `{"topic":"tides","max_revisions":2}`, "offline?malformed=1&reject=1", false},
	"blog":          {blog.Flow, `{"topic":"tides","target_length":300}`, "offline?fail=1", false},
	"blog-parallel": {blog.Flow, `{"topic":"tides","target_length":300,"parallel":true}`, "offline?malformed=1", false},
}

// oracle answers golden runs and counts the calls of models.
type oracle struct {
	mu    sync.Mutex
	calls map[pawl.Key]int
}

func (o *oracle) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	o.mu.Lock()
	o.calls[pawl.Key(req.Meta.Key)]++
	o.mu.Unlock()
	if req.Model != "one" {
		return offline.Model{}.Generate(ctx, req, stream)
	}
	usage := &llm.Usage{InputTokens: 10, OutputTokens: 5}
	switch key, n := req.Meta.Key, req.Meta.Attempt; {
	case key == "outline" && n == 1:
		return llm.Response{Text: "no JSON", Usage: usage}, nil
	case key == "outline":
		return llm.Response{Text: `{"title":"T","sections":["a","b","c"]}`, Usage: usage}, nil
	case key == "sections[1]/write" && n == 1:
		return llm.Response{}, &llm.Error{Kind: llm.Overloaded, Message: "too much"}
	case key == "refused", key == "last" && n == 1:
		return llm.Response{}, &llm.Error{Kind: llm.Refused, Message: "no"}
	default:
		return llm.Response{Text: "answer of " + key, Usage: usage}, nil
	}
}

func goldenEngine(j journal.Journal) (*local.Engine, *oracle) {
	o := &oracle{calls: map[pawl.Key]int{}}
	return local.New(&local.Options{
		Journal: j, Models: llm.Catalog{"test": o, "offline": o}, Model: "test/one",
		Flows: []pawl.Flow{goldenProgram, goldenRuns["places"].flow, article.Flow, blog.Flow},
	}), o
}

// end goes on with a run until it is done; a failure is tried again.
func end(t *testing.T, e *local.Engine, id pawl.RunID) pawl.RunRecord {
	t.Helper()
	for range 100 {
		switch follow(t, e, id).Status {
		case pawl.StatusFailed:
			resume(t, e, id)
		case pawl.StatusDone, pawl.StatusCanceled:
			return status(t, e, id)
		default: // it waits for a time, or goes on
			time.Sleep(time.Hour)
		}
	}
	rec, err := e.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestRecordJournals(t *testing.T) {
	if *recordJournals == "" {
		return // there is nothing to record
	}
	for name, run := range goldenRuns {
		synctest.Test(t, func(t *testing.T) {
			j := journal.NewMemory()
			e, _ := goldenEngine(j)
			id, err := e.Start(t.Context(), run.flow, json.RawMessage(run.input), &pawl.StartOptions{ID: pawl.RunIDOf("golden", name), Model: run.model})
			if err != nil {
				t.Fatal(err)
			}
			if rec := end(t, e, id); rec.Status != pawl.StatusDone {
				t.Fatalf("%s: run is %s: %+v", name, rec.Status, rec.Error)
			}
			events, err := j.Read(t.Context(), id, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			for _, ev := range events {
				line, err := schema.Marshal(ev) // encoding/json would escape, and change, the body
				if err != nil {
					t.Fatal(err)
				}
				b.Write(append(line, '\n'))
			}
			write(t, fmt.Sprintf("%s-%s.jsonl", name, *recordJournals), b.Bytes())
		})
	}
}

// write makes a golden file that there is not, and enters its digest.
func write(t *testing.T, name string, data []byte) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(goldenDir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sums, err := os.OpenFile(goldenSums, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer sums.Close()
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(sums, "%x  %s\n", sha256.Sum256(data), name); err != nil {
		t.Fatal(err)
	}
}

// TestGoldenJournalsAreKept: what was recorded is never edited; it stays what
// users have on disk.
func TestGoldenJournalsAreKept(t *testing.T) {
	sums, err := os.ReadFile(goldenSums)
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(sums, []byte("\n")); n != len(files)-1 || n < len(goldenRuns) {
		t.Errorf("%d digests for %d journals", n, len(files)-1)
	}
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		data, err := os.ReadFile(filepath.Join(goldenDir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != want {
			t.Errorf("%s has been changed: its digest is %s, was %s", name, got, want)
		}
	}
}

// TestGoldenJournals: journals that older versions wrote replay: from their
// whole, without any call, to the recorded output; and from every part of them,
// without a call for what was finished.
func TestGoldenJournals(t *testing.T) {
	files, err := filepath.Glob(goldenDir + "/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no journals", err)
	}
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), "-v")
		run, ok := goldenRuns[name]
		if !ok {
			t.Errorf("%s is of no flow that is known", file)
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			events := readGolden(t, file)
			if err := journal.Verify(events); err != nil {
				t.Fatal(err)
			}
			whole, err := replay.Fold(events)
			if err != nil {
				t.Fatal(err)
			}
			want := whole.Record()
			if want.Status != pawl.StatusDone {
				t.Fatalf("the recorded run is %s", want.Status)
			}
			if run.fixed { // it is a recorded test, too
				if misses, err := local.Replay(t.Context(), run.flow, events, stored(t, events)); err != nil || len(misses) > 0 {
					t.Errorf("against its history alone: %+v, %v", misses, err)
				}
			}
			for n := 1; n < len(events); n++ {
				if every := stride(run.fixed); n%every != 0 && n != len(events)-1 {
					continue
				}
				synctest.Test(t, func(t *testing.T) { replayGolden(t, events, n, want, run.fixed) })
				if t.Failed() {
					t.Fatalf("with the first %d of %d events, up to %s %s", n, len(events), events[n-1].Type, events[n-1].Key)
				}
			}
		})
	}
}

// stride is how far the parts lie apart: the stand-in takes its time.
func stride(fixed bool) int {
	switch {
	case testing.Short():
		return 7
	case fixed:
		return 1
	}
	return 3
}

func readGolden(t *testing.T, file string) (events []pawl.Event) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var ev pawl.Event
		if err := json.Unmarshal(line, &ev); err != nil {
			t.Fatal(err)
		}
		events = append(events, ev)
	}
	return events
}

// stored returns a journal that holds the events, under the hashes that they had.
func stored(t *testing.T, events []pawl.Event) *journal.Memory {
	t.Helper()
	created, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		t.Fatal(err)
	}
	drafts := make([]journal.Draft, len(events))
	for i, ev := range events {
		drafts[i] = journal.Draft{Type: ev.Type, Key: ev.Key, At: ev.At, Body: ev.Body}
	}
	j := journal.NewMemory()
	run := journal.NewRun{ID: events[0].Run, Flow: created.Flow, Model: created.Model, Queued: true, Summary: journal.Summary{Status: pawl.StatusRunning}}
	if _, err := j.Create(t.Context(), run, drafts); err != nil {
		t.Fatal(err)
	}
	got, err := j.Read(t.Context(), run.ID, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(events, got) { // a Diff of a whole history takes long
		t.Fatalf("the events are stored as others (-recorded +stored):\n%s", cmp.Diff(events, got))
	}
	return j
}

// replayGolden goes on with the run as if its process had died behind event n.
func replayGolden(t *testing.T, events []pawl.Event, n int, want pawl.RunRecord, fixed bool) {
	e, o := goldenEngine(stored(t, events[:n]))
	defer e.Close(t.Context())
	st, err := replay.Fold(events[:n])
	if err != nil {
		t.Fatal(err)
	}
	id := events[0].Run
	resume(t, e, id)
	got := end(t, e, id)
	if got.Status != pawl.StatusDone {
		t.Fatalf("run is %s: %+v", got.Status, got.Error)
	}
	steps := map[pawl.Key]pawl.StepRecord{}
	for _, s := range got.Steps {
		steps[s.Key] = s
	}
	for _, w := range want.Steps {
		s := st.Steps[w.Key]
		if s == nil || s.Result == nil {
			continue
		}
		if o.calls[w.Key] > 0 {
			t.Errorf("step %s was finished and has been called again", w.Key)
		}
		if now := steps[w.Key]; !bytes.Equal(now.Output, w.Output) || now.Status != w.Status || len(now.Attempts) != len(w.Attempts) {
			t.Errorf("step %s is %s with %s after %d attempts, was %s with %s after %d", w.Key, now.Status, now.Output, len(now.Attempts), w.Status, w.Output, len(w.Attempts))
		}
	}
	if n == len(events)-1 && len(o.calls) > 0 {
		t.Errorf("everything was finished, and there were calls: %v", o.calls)
	}
	if (fixed || n == len(events)-1) && !bytes.Equal(asThen(t, got.Output), want.Output) {
		t.Errorf("output is\n%s\nwas\n%s", got.Output, want.Output)
	}
}

// asThen is an output of today's flows as those of v0.1 made it, which had no published.
func asThen(t *testing.T, output json.RawMessage) []byte {
	if !bytes.Contains(output, []byte(`"published"`)) {
		return output
	}
	members, err := schema.Members(output)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, m := range members {
		if m.Name == "published" && string(m.Value) == "false" {
			continue
		}
		fmt.Fprintf(&b, ",%q:%s", m.Name, m.Value)
	}
	return append(append([]byte{'{'}, bytes.TrimPrefix(b.Bytes(), []byte(","))...), '}')
}

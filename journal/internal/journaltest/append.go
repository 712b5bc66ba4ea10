package journaltest

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func appendBatch(t *testing.T, b bench) {
	c := b.create("r1")
	var want []pawl.Event
	want = append(want, b.read("r1")...)
	for range 3 {
		events := b.append(c, note("a"), result(pawl.Key(strings.Repeat("k", len(want))), "1"), note("b"))
		if len(events) != 3 {
			t.Fatalf("%d events returned", len(events))
		}
		want = append(want, events...)
		if last := want[len(want)-1]; c.Seq != last.Seq || c.Hash != last.Hash || !c.At.Equal(last.At.Time) {
			t.Errorf("claim %+v is not at the last event %+v", c, last)
		}
	}
	b.equal("events read", b.read("r1"), want)
	// An empty batch is nothing, but fenced.
	if events := b.append(c); len(events) != 0 {
		t.Errorf("empty batch returned %v", events)
	}
	b.wantLen("r1", len(want))
}

// appendModel: the list of runs shows the model that is in force.
func appendModel(t *testing.T, b bench) {
	c := b.create("r1")
	for _, step := range []struct{ model, want string }{{"", "offline"}, {"other/one", "other/one"}, {"", "other/one"}, {"offline", "offline"}} {
		if _, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{note("x")}, Model: step.model}); err != nil {
			t.Fatal(err)
		}
		if row := b.row("r1"); row.Model != step.want || row.Flow != "article" || row.Summary.Status != pawl.StatusRunning {
			t.Errorf("after model %q the row is %+v", step.model, row)
		}
	}
}

func appendTime(t *testing.T, b bench) {
	c := b.create("r1")
	last := b.read("r1")[1].At
	at := func(d time.Duration) journal.Draft {
		n := note("x")
		n.At = pawl.Time{Time: last.Add(d).In(time.FixedZone("", 3600))}
		return n
	}
	events := b.append(c, at(-time.Hour), at(time.Minute+1234567*time.Nanosecond), at(0))
	for i, want := range []time.Duration{0, time.Minute + time.Millisecond, time.Minute + time.Millisecond} {
		if got := events[i].At.Sub(last.Time); got != want {
			t.Errorf("event %d is %v after the last, want %v", i, got, want)
		}
	}
	events = append(events, b.append(c, at(time.Second))...)
	if !events[3].At.Equal(events[2].At.Time) {
		t.Errorf("time went back from %v to %v", events[2].At, events[3].At)
	}
	b.equal("events read", b.read("r1")[2:], events)
}

func appendStale(t *testing.T, b bench) {
	c := b.create("r1")
	before := *c
	b.append(c, note("a"))
	rest := &journal.Summary{Status: pawl.StatusFailed, Reason: "by one whose claim is lost"}
	row, blob := b.row("r1"), []byte("of a batch that is refused")
	for name, stale := range map[string]journal.Claim{
		"behind":     before,
		"ahead":      {Run: c.Run, Epoch: c.Epoch, Seq: c.Seq + 1, Hash: c.Hash, At: c.At},
		"last epoch": {Run: c.Run, Epoch: c.Epoch - 1, Seq: c.Seq, Hash: c.Hash, At: c.At},
		"next epoch": {Run: c.Run, Epoch: c.Epoch + 1, Seq: c.Seq, Hash: c.Hash, At: c.At},
		"other hash": {Run: c.Run, Epoch: c.Epoch, Seq: c.Seq, Hash: before.Hash, At: c.At},
	} {
		for what, refused := range map[string]journal.Batch{
			"a note":    batch(note(name)),
			"nothing":   {},
			"a summary": {Summary: rest},
			"a rest":    {Summary: rest, Release: true},
			"a release": {Release: true},
			"a model":   {Model: "other/one"},
			"a blob":    {Drafts: []journal.Draft{note(name)}, Blobs: [][]byte{blob}},
		} {
			used := stale
			if events, err := b.j.Append(b.ctx(), &used, refused); !errors.Is(err, journal.ErrLost) || len(events) > 0 {
				t.Errorf("%s, %s: got %v, want ErrLost", name, what, err)
			}
			b.equal(name+", "+what+": the claim", used, stale)
			b.equal(name+", "+what+": the row", b.row("r1"), row)
		}
	}
	_, err := b.j.(journal.Blobs).Blob(b.ctx(), journal.Digest(blob))
	b.want(err, pawl.ErrNotFound)
	b.wantLen("r1", 3)
	b.append(c, note("b"))
}

func appendAtomic(t *testing.T, b bench) {
	c := b.create("r1")
	b.append(c, result("a", "1"))
	blob := []byte("only with the batch")
	before := *c
	_, err := b.j.Append(b.ctx(), c, journal.Batch{
		Drafts:  []journal.Draft{note("x"), result("b", "2"), result("a", "3"), note("y")},
		Blobs:   [][]byte{blob},
		Summary: &journal.Summary{Status: pawl.StatusDone, Reason: "no"},
	})
	b.want(err, pawl.ErrConflict)
	b.equal("claim after a refused batch", *c, before)
	b.wantLen("r1", 3)
	if s := b.row("r1").Summary; s.Status != pawl.StatusRunning || s.Reason != "" {
		t.Errorf("summary %+v of a refused batch", s)
	}
	_, err = b.j.(journal.Blobs).Blob(b.ctx(), journal.Digest(blob))
	b.want(err, pawl.ErrNotFound)

	c, err = b.j.Claim(b.ctx(), "r1", true)
	if err != nil {
		t.Fatal(err)
	}
	b.append(c, result("b", "2")) // it was not stored before
}

func appendResults(t *testing.T, b bench) {
	other := b.create("r2")
	b.append(other, result("a", "1")) // a key is one of its run
	c := b.create("r1")
	noResult := result("a", "0")
	noResult.Result = false
	b.append(c, noResult, noResult, result("a", "1"), result("a#2", "2"), noResult)
	for name, drafts := range map[string][]journal.Draft{
		"again":              {result("a", "1")},
		"twice in a batch":   {result("new", "1"), result("new", "1")},
		"as a final failure": {{Type: pawl.EventFailed, Key: "a", At: start, Result: true, Body: journal.Failed{Final: true}}},
	} {
		_, err := b.j.Append(b.ctx(), c, batch(drafts...))
		var e *pawl.Error
		if !errors.As(err, &e) || e.Kind != pawl.ErrConflict || errors.Is(err, journal.ErrLost) || e.Step != drafts[len(drafts)-1].Key {
			t.Errorf("%s: got %v, want ErrConflict of step %q", name, err, drafts[0].Key)
		}
		if c, err = b.j.Claim(b.ctx(), "r1", true); err != nil {
			t.Fatal(err)
		}
	}
	b.wantLen("r1", 2+5+3)

	voids := result("a", "3")
	voids.Voids = true
	b.append(c, voids) // in place of what there was
	again := noResult
	again.Voids = true
	b.append(c, again, result("a", "4"))
	_, err := b.j.Append(b.ctx(), c, batch(result("a", "5")))
	b.want(err, pawl.ErrConflict)
}

func appendBad(t *testing.T, b bench) {
	c := b.create("r1")
	big := strings.Repeat("x", journal.MaxValueBytes)
	keyed := func(body any) journal.Draft {
		return journal.Draft{Type: pawl.EventNote, Key: "outline", At: start, Body: body}
	}
	for _, test := range []struct {
		name  string
		batch journal.Batch
		kind  pawl.ErrorKind
		names string
	}{
		{"no JSON", batch(keyed(json.RawMessage(`{"a":`))), pawl.ErrInternal, "outline"},
		{"a number that JSON has not", batch(note("x"), keyed(math.Inf(1))), pawl.ErrInternal, "outline"},
		{"a function", batch(keyed(func() {})), pawl.ErrInternal, "outline"},
		{"too large", batch(note("x"), keyed(journal.Note{Text: big})), pawl.ErrInput, "outline"},
		{"too large blob", journal.Batch{Drafts: []journal.Draft{note("x")}, Blobs: [][]byte{[]byte(big + "x")}}, pawl.ErrInput, journal.Digest([]byte(big + "x"))},
		{"a result of nothing", batch(result("", "1")), pawl.ErrInternal, "key"},
	} {
		_, err := b.j.Append(b.ctx(), c, test.batch)
		b.want(err, test.kind)
		if err != nil && !strings.Contains(err.Error(), test.names) {
			t.Errorf("%s: error %.200q does not name %q", test.name, err, test.names)
		}
	}
	b.wantLen("r1", 2)
	b.append(c, note("the claim holds"))
}

func largeBodies(t *testing.T, b bench) {
	c := b.create("r1")
	var want []pawl.Event
	for _, n := range []int{0, 1, 16<<10 - 40, 16 << 10, 16<<10 + 1, 1 << 20, 1 << 20} {
		want = append(want, b.append(c, note(strings.Repeat("é", n/2)), result(pawl.Key(strings.Repeat("k", len(want)+1)), "1"))...)
	}
	want = append(want, b.append(c, note(strings.Repeat("x", journal.MaxValueBytes-64)))...)
	b.equal("events read", b.read("r1")[2:], want)
}

func anyText(t *testing.T, b bench) {
	texts := []string{
		"", " ", "日本語 🦀 \u2028", "quo\"te'); DROP TABLE runs;--", "a\x00b", "<script>&amp;", "%_*?[", "\xff\xfe", "line\nbreak\r\t", "{\"a\":1}", "null", "𝒳\u0301",
	}
	run := newRun("r1")
	run.Flow, run.Model = "flöw\x00'", "mödel/ü?ä=1"
	run.Summary = journal.Summary{Status: pawl.StatusQueued, Reason: "because\x00'é"}
	c, err := b.j.Create(b.ctx(), run, []journal.Draft{created()})
	if err != nil {
		t.Fatal(err)
	}
	var want []pawl.Event
	for _, s := range texts {
		d := note(s)
		d.Key = pawl.Key("k" + strings.ToValidUTF8(s, "?"))
		want = append(want, b.append(c, d)...)
	}
	b.equal("events read", b.read("r1")[2:], want)
	for i, e := range want {
		body, err := journal.Decode[journal.Note](e)
		if err != nil || body.Text != strings.ToValidUTF8(texts[i], "\ufffd") && !strings.Contains(texts[i], "\xff") {
			t.Errorf("text %q came back as %q, %v", texts[i], body.Text, err)
		}
	}
	row := b.row("r1")
	if row.Flow != run.Flow || row.Model != run.Model || row.Summary != run.Summary {
		t.Errorf("row %+v, want %+v", row, run)
	}
	if got := b.runs(pawl.RunFilter{Flow: run.Flow}); len(got) != 1 {
		t.Errorf("%d runs of flow %q", len(got), run.Flow)
	}
}

func aliasing(t *testing.T, b bench) {
	body := json.RawMessage(`{"text":"one"}`)
	blob := []byte("bytes")
	c := b.create("r1")
	events, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{{Type: pawl.EventNote, At: start, Body: body}}, Blobs: [][]byte{blob}})
	if err != nil {
		t.Fatal(err)
	}
	digest := journal.Digest(blob)
	for _, bytes := range [][]byte{body, events[0].Body, b.read("r1")[2].Body, blob} {
		clear(bytes)
	}
	if got := string(b.read("r1")[2].Body); got != `{"text":"one"}` {
		t.Errorf("stored body became %q", got)
	}
	for range 2 {
		got, err := b.j.(journal.Blobs).Blob(b.ctx(), digest)
		if err != nil || string(got) != "bytes" {
			t.Errorf("stored blob became %q, %v", got, err)
		}
		clear(got)
	}
}

package journaltest

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// elsewhere is a run of another journal: its second event's body is withheld, and one of
// its bodies is large.
func elsewhere(t *testing.T, id pawl.RunID) journal.Imported {
	t.Helper()
	asked := []byte(`{"role":"user"}`)
	intent := journal.Draft{Type: pawl.EventIntent, Key: "a", At: start, Body: journal.Intent{Request: &journal.Request{Messages: []string{journal.Digest(asked)}}}}
	events, _, err := journal.Seal(journal.Claim{Run: id}, []journal.Draft{created(), note("hidden"), intent, note(string(bytes.Repeat([]byte("x"), 64<<10)))})
	if err != nil {
		t.Fatal(err)
	}
	events[1].BodyDigest, events[1].Body = journal.Digest(events[1].Body), json.RawMessage(`{"text":""}`)
	return journal.Imported{Events: events, NewRun: journal.NewRun{ID: id, Flow: "article", Model: "offline", Blobs: [][]byte{asked},
		Summary: journal.Summary{Status: pawl.StatusWaiting, Reason: "asked", WakeAt: start}}}
}

// bring imports a run.
func (b bench) bring(run journal.Imported) (there bool, err error) {
	return b.j.(journal.Importer).Import(b.ctx(), run)
}

// importRun: it is read as it was, and listed as imported.
func importRun(t *testing.T, b bench) {
	run := elsewhere(t, "r1")
	want := slices.Clone(run.Events)
	if there, err := b.bring(run); err != nil || there {
		t.Fatalf("imported: %v, %v", there, err)
	}
	b.equal("events", b.read("r1"), want)
	if got, err := b.j.Blob(b.ctx(), journal.Digest(run.Blobs[0])); err != nil || !bytes.Equal(got, run.Blobs[0]) {
		t.Errorf("the blob is %q, %v", got, err)
	}
	last := want[len(want)-1]
	row := b.row("r1")
	b.equal("row", row, journal.Row{ID: "r1", Flow: "article", Model: "offline", Summary: run.Summary, Imported: true,
		CreatedAt: start, UpdatedAt: last.At, LastSeq: last.Seq, LastHash: last.Hash})
	b.create("r2")
	if b.row("r2").Imported {
		t.Error("a run of this journal is listed as imported")
	}
	wantRemoved(t, b, []journal.Shown{{Run: "r1", Seq: last.Seq}}, "r1")
	_, err := b.j.Blob(b.ctx(), journal.Digest(run.Blobs[0]))
	b.want(err, pawl.ErrNotFound)
	b.create("r1")
}

// importedIsLeft: whatever it stands at, nobody goes on with it.
func importedIsLeft(t *testing.T, b bench) {
	for id, status := range map[pawl.RunID]pawl.Status{"r1": pawl.StatusWaiting, "r2": pawl.StatusQueued, "r3": pawl.StatusRunning} {
		run := elsewhere(t, id)
		run.Summary.Status = status
		if _, err := b.bring(run); err != nil {
			t.Fatal(err)
		}
		_, err := b.j.Claim(b.ctx(), id, true)
		b.want(err, pawl.ErrConflict)
		_, err = b.commands().Submit(b.ctx(), journal.Command{Run: id, Decision: approve("a")})
		b.want(err, pawl.ErrConflict)
		b.wantLen(id, len(run.Events))
	}
	if rows, err := b.j.(journal.Queue).Idle(b.ctx(), []string{"article"}, 0); err != nil || len(rows) != 0 {
		t.Errorf("idle are %+v, %v", rows, err)
	}
	if open, err := b.commands().OpenBlockers(b.ctx(), pawl.RunFilter{}); err != nil || len(open) != 0 {
		t.Errorf("open are %+v, %v", open, err)
	}
}

// importTwice: the same is there already, another history is refused.
func importTwice(t *testing.T, b bench) {
	run := elsewhere(t, "r1")
	for _, want := range []bool{false, true} {
		if there, err := b.bring(run); err != nil || there != want {
			t.Errorf("it was there: %v, %v; want %v", there, err, want)
		}
	}
	events := b.read("r1")
	shorter := run
	shorter.Events = run.Events[:2]
	_, err := b.bring(shorter)
	b.want(err, pawl.ErrConflict)
	b.equal("events", b.read("r1"), events)

	c := b.create("r2") // one of this journal
	own := journal.Imported{NewRun: newRun("r2"), Events: b.read("r2")}
	if there, err := b.bring(own); err != nil || !there {
		t.Errorf("a run of this journal is there: %v, %v", there, err)
	}
	if b.row("r2").Imported {
		t.Error("a run of this journal is listed as imported")
	}
	b.append(c, note("it goes on"))
}

func importBad(t *testing.T, b bench) {
	for name, spoil := range map[string]func(*journal.Imported){
		"no events":     func(r *journal.Imported) { r.Events = nil },
		"another id":    func(r *journal.Imported) { r.ID = "r9" },
		"a body":        func(r *journal.Imported) { r.Events[3].Body = json.RawMessage(`{"text":"other"}`) },
		"withheld":      func(r *journal.Imported) { r.Events[1].BodyDigest = journal.Digest([]byte("other")) },
		"not withheld":  func(r *journal.Imported) { r.Events[1].BodyDigest = "" },
		"a key":         func(r *journal.Imported) { r.Events[2].Key = "b" },
		"no first":      func(r *journal.Imported) { r.Events = r.Events[1:] },
		"too large":     func(r *journal.Imported) { r.Blobs = [][]byte{make([]byte, journal.MaxValueBytes+1)} },
		"a missing one": func(r *journal.Imported) { r.Events = append(r.Events[:2:2], r.Events[3]) },
	} {
		run := elsewhere(t, "r1")
		spoil(&run)
		_, err := b.bring(run)
		if b.want(err, pawl.ErrInput); t.Failed() {
			t.Fatal(name)
		}
	}
	if rows := b.runs(pawl.RunFilter{}); len(rows) != 0 {
		t.Errorf("runs are %+v", rows)
	}
}

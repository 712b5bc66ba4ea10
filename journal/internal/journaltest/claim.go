package journaltest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func create(t *testing.T, b bench) {
	c, err := b.j.Create(b.ctx(), newRun("r1"), []journal.Draft{created(), note("hello")})
	if err != nil {
		t.Fatal(err)
	}
	events := b.read("r1")
	if len(events) != 3 {
		t.Fatalf("%d events, want created, note and claimed", len(events))
	}
	for i, want := range []pawl.EventType{pawl.EventCreated, pawl.EventNote, pawl.EventClaimed} {
		if events[i].Type != want || events[i].Seq != pawl.Seq(i+1) || events[i].Version != journal.Version {
			t.Errorf("event %d is %+v, want type %s", i+1, events[i], want)
		}
	}
	body, err := journal.Decode[journal.Claimed](events[2])
	if err != nil || body.Epoch != c.Epoch || body.By == "" {
		t.Errorf("claimed body %+v, %v; want epoch %d and a holder", body, err, c.Epoch)
	}
	if c.Run != "r1" || c.Epoch < 1 || c.Seq != 3 || c.Hash != events[2].Hash || !c.At.Equal(events[2].At.Time) {
		t.Errorf("claim %+v is not at the last event %+v", c, events[2])
	}
	row := b.row("r1")
	if row.Flow != "article" || row.Model != "offline" || row.Summary.Status != pawl.StatusRunning || !row.Held || row.Holder != body.By {
		t.Errorf("row %+v", row)
	}
}

func createBlobs(t *testing.T, b bench) {
	kept, refused := []byte("kept"), []byte("refused")
	for _, queued := range []bool{false, true} {
		run := newRun(pawl.RunID(fmt.Sprint("r", queued)))
		run.Queued, run.Blobs = queued, [][]byte{kept, fmt.Append(nil, queued)}
		if _, err := b.j.Create(b.ctx(), run, []journal.Draft{created()}); err != nil {
			t.Fatal(err)
		}
		for _, want := range run.Blobs {
			if got, err := b.j.Blob(b.ctx(), journal.Digest(want)); err != nil || string(got) != string(want) {
				t.Errorf("blob %q is %q, %v", want, got, err)
			}
		}
	}
	again := newRun("rtrue")
	again.Blobs = [][]byte{refused}
	_, err := b.j.Create(b.ctx(), again, []journal.Draft{created()})
	b.want(err, pawl.ErrConflict)
	again.ID, again.Blobs = "large", [][]byte{refused, make([]byte, journal.MaxValueBytes+1)}
	_, err = b.j.Create(b.ctx(), again, []journal.Draft{created()})
	b.want(err, pawl.ErrInput)
	_, err = b.j.Blob(b.ctx(), journal.Digest(refused))
	b.want(err, pawl.ErrNotFound)
}

func createTwice(t *testing.T, b bench) {
	c := b.create("r1")
	_, err := b.j.Create(b.ctx(), newRun("r1"), []journal.Draft{created(), note("other")})
	b.want(err, pawl.ErrConflict)
	b.wantLen("r1", 2)
	b.append(c, note("the first claim still holds"))
}

func createBad(t *testing.T, b bench) {
	for name, first := range map[string][]journal.Draft{
		"nothing":      nil,
		"no created":   {note("x")},
		"created late": {note("x"), created()},
		"bad body":     {created(), {Type: pawl.EventNote, At: start, Body: func() {}}},
	} {
		if _, err := b.j.Create(b.ctx(), newRun("r1"), first); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			b.want(err, pawl.ErrInternal)
		}
	}
	_, err := b.j.Create(b.ctx(), newRun(""), []journal.Draft{created()})
	b.want(err, pawl.ErrInternal)
	if rows := b.runs(pawl.RunFilter{}); len(rows) != 0 {
		t.Errorf("runs %+v, want none", rows)
	}
	b.create("r1")
}

func claim(t *testing.T, b bench) {
	first := b.create("r1")
	if err := b.j.Release(b.ctx(), first); err != nil {
		t.Fatal(err)
	}
	if row := b.row("r1"); row.Held || row.Holder != "" {
		t.Errorf("row %+v of a released run", row)
	}
	c, err := b.j.Claim(b.ctx(), "r1", false)
	if err != nil {
		t.Fatal(err)
	}
	events := b.read("r1")
	last := events[len(events)-1]
	body, err := journal.Decode[journal.Claimed](last)
	if err != nil || last.Type != pawl.EventClaimed || body.Epoch != c.Epoch || c.Epoch <= first.Epoch {
		t.Errorf("event %+v %+v, %v; want claimed with epoch %d above %d", last, body, err, c.Epoch, first.Epoch)
	}
	if c.Seq != last.Seq || c.Hash != last.Hash {
		t.Errorf("claim %+v is not at the last event %+v", c, last)
	}
	if !b.row("r1").Held {
		t.Error("run is not held")
	}
	b.append(c, note("mine"))
}

func claimHeld(t *testing.T, b bench) {
	c := b.create("r1")
	_, err := b.j.Claim(b.ctx(), "r1", false)
	b.want(err, pawl.ErrConflict)
	if holder := b.row("r1").Holder; holder == "" || !strings.Contains(err.Error(), holder) {
		t.Errorf("error %q does not name the holder %q", err, holder)
	}
	b.wantLen("r1", 2)
	b.append(c, note("still mine"))
}

func take(t *testing.T, b bench) {
	old := b.create("r1")
	c, err := b.j.Claim(b.ctx(), "r1", true)
	if err != nil {
		t.Fatal(err)
	}
	if c.Epoch <= old.Epoch {
		t.Errorf("epoch %d after %d", c.Epoch, old.Epoch)
	}
	_, err = b.j.Append(b.ctx(), old, batch(note("late")))
	b.wantLost(err)
	// Even with the right place, only the epoch's holder may append.
	forged := *c
	forged.Epoch = old.Epoch
	_, err = b.j.Append(b.ctx(), &forged, batch(note("late")))
	b.wantLost(err)
	// A loser that releases takes nothing from the winner.
	if err := b.j.Release(b.ctx(), old); err != nil {
		t.Errorf("release a lost claim: %v", err)
	}
	b.append(c, note("mine"))
	b.wantLen("r1", 4)
}

func release(t *testing.T, b bench) {
	c := b.create("r1")
	before := len(b.read("r1"))
	for range 2 {
		if err := b.j.Release(b.ctx(), c); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.j.Append(b.ctx(), c, batch(note("late")))
	b.wantLost(err)
	b.wantLen("r1", before)
}

func unknownRun(t *testing.T, b bench) {
	b.create("other")
	_, err := b.j.Read(b.ctx(), "nope", 0, 0)
	b.want(err, pawl.ErrNotFound)
	for _, take := range []bool{false, true} {
		_, err = b.j.Claim(b.ctx(), "nope", take)
		b.want(err, pawl.ErrNotFound)
	}
	_, err = b.j.Append(b.ctx(), &journal.Claim{Run: "nope", Epoch: 1, Seq: 1}, batch(note("x")))
	b.want(err, pawl.ErrNotFound)
	b.want(b.j.Release(b.ctx(), &journal.Claim{Run: "nope", Epoch: 1}), pawl.ErrNotFound)
	if len(b.runs(pawl.RunFilter{})) != 1 {
		t.Error("an unknown run came to be")
	}
}

func releaseWith(t *testing.T, b bench) {
	c := b.create("r1")
	rest := journal.Batch{Drafts: []journal.Draft{note("last")}, Summary: &journal.Summary{Status: pawl.StatusPaused}, Release: true}
	if _, err := b.j.Append(b.ctx(), c, rest); err != nil {
		t.Fatal(err)
	}
	if row := b.row("r1"); row.Held || row.Summary.Status != pawl.StatusPaused || row.LastSeq != 3 {
		t.Errorf("row %+v", row)
	}
	_, err := b.j.Append(b.ctx(), c, batch(note("late")))
	b.wantLost(err)
	if err := b.j.Release(b.ctx(), c); err != nil {
		t.Errorf("release once more: %v", err)
	}
	again, err := b.j.Claim(b.ctx(), "r1", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.j.Release(b.ctx(), c); err != nil { // the old claim gives nothing back
		t.Error(err)
	}
	b.append(again, note("mine"))

	// What is refused gives nothing back either.
	held := b.create("r2")
	bad := journal.Batch{Drafts: []journal.Draft{result("x", "1"), result("x", "2")}, Release: true}
	if _, err := b.j.Append(b.ctx(), held, bad); err == nil {
		t.Error("two results of a step were taken")
	}
	if !b.row("r2").Held {
		t.Error("a batch that was refused has given the claim back")
	}
}

package journaltest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// remove: of a run nothing is left, and of others nothing is missing.
func remove(t *testing.T, b bench) {
	shared, own := []byte("both were asked this"), []byte("one was asked this")
	large := strings.Repeat("x", 64<<10)
	refers := func(blobs ...[]byte) journal.Batch {
		text := large
		for _, blob := range blobs {
			text += " " + journal.Digest(blob)
		}
		return journal.Batch{Drafts: []journal.Draft{note(text)}, Blobs: blobs, Release: true}
	}
	for id, batch := range map[pawl.RunID]journal.Batch{"r1": refers(shared, own), "r2": refers(shared)} {
		if _, err := b.j.Append(b.ctx(), b.create(id), batch); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.commands().Submit(b.ctx(), journal.Command{Run: "r1", Decision: approve("a")}); err != nil {
		t.Fatal(err)
	}
	events := b.read("r2")
	wantRemoved(t, b, []journal.Shown{{Run: "r1"}}, "r1")
	_, err := b.j.Read(b.ctx(), "r1", 0, 0)
	b.want(err, pawl.ErrNotFound)
	_, err = b.j.Blob(b.ctx(), journal.Digest(own))
	b.want(err, pawl.ErrNotFound)
	_, err = b.j.Claim(b.ctx(), "r1", true)
	b.want(err, pawl.ErrNotFound)
	wantRemoved(t, b, []journal.Shown{{Run: "r1"}}, "", pawl.ErrNotFound)
	if pending, err := b.commands().Pending(b.ctx(), ""); err != nil || len(pending) != 0 {
		t.Errorf("pending are %+v, %v", pending, err)
	}
	if rows, err := b.j.Runs(b.ctx(), pawl.RunFilter{}); err != nil || len(rows) != 1 || rows[0].ID != "r2" {
		t.Errorf("runs %+v, %v; want r2", rows, err)
	}
	b.equal("events of the other", b.read("r2"), events)
	if got, err := b.j.Blob(b.ctx(), journal.Digest(shared)); err != nil || string(got) != string(shared) {
		t.Errorf("the blob that both have is %q, %v", got, err)
	}
	b.create("r1") // its id may be used anew
	b.wantLen("r1", 2)
}

// wantRemoved removes runs: those that are named go, with spaces between, and the others
// are kept, each with an error of that kind.
func wantRemoved(t *testing.T, b bench, runs []journal.Shown, gone string, kept ...pawl.ErrorKind) {
	t.Helper()
	done, err := b.j.(journal.Remover).Remove(b.ctx(), runs...)
	if err != nil || fmt.Sprint(done.Runs) != "["+gone+"]" || len(done.Kept) != len(kept) {
		t.Fatalf("removed %v, kept %v, %v; want %q removed, %v kept", done.Runs, done.Kept, err, gone, kept)
	}
	for i, err := range done.Kept {
		b.want(err, kept[i])
	}
}

// removeChanged: what is not as it was shown, held or gone is kept, and keeps no other.
func removeChanged(t *testing.T, b bench) {
	shown := []journal.Shown{{Run: "absent", Seq: 1}}
	for _, id := range []pawl.RunID{"first", "answered", "held", "last"} {
		c := b.create(id)
		shown = append(shown, journal.Shown{Run: id, Seq: c.Seq})
		switch id {
		case "held":
			continue
		case "answered":
			b.end(c, pawl.StatusDone)
			fallthrough
		default:
			if err := b.j.Release(b.ctx(), c); err != nil {
				t.Fatal(err)
			}
		}
	}
	wantRemoved(t, b, shown, "first last", pawl.ErrNotFound, pawl.ErrConflict, pawl.ErrConflict)
	if rows, err := b.j.Runs(b.ctx(), pawl.RunFilter{}); err != nil || len(rows) != 2 {
		t.Errorf("runs %+v, %v", rows, err)
	}
}

func removeHeld(t *testing.T, b bench) {
	c := b.create("r1")
	wantRemoved(t, b, []journal.Shown{{Run: "r1"}}, "", pawl.ErrConflict)
	b.append(c, note("goes on"))
	if err := b.j.Release(b.ctx(), c); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := b.j.Release(b.ctx(), b.create(pawl.RunID(fmt.Sprint("more", i)))); err != nil {
			t.Fatal(err)
		}
	}
	wantRemoved(t, b, []journal.Shown{{Run: "more0"}, {Run: "r1"}, {Run: "more1"}}, "more0 r1 more1")
	if rows, err := b.j.Runs(b.ctx(), pawl.RunFilter{}); err != nil || len(rows) != 1 || rows[0].ID != "more2" {
		t.Errorf("runs %+v, %v", rows, err)
	}
}

package journaltest

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func closed(t *testing.T, b bench) {
	c := b.create("r1")
	for range 2 {
		if err := b.j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, created := b.j.Create(b.ctx(), newRun("r2"), []journal.Draft{created()})
	_, claimed := b.j.Claim(b.ctx(), "r1", true)
	_, appended := b.j.Append(b.ctx(), c, batch(note("x")))
	released := b.j.Release(b.ctx(), c)
	_, read := b.j.Read(b.ctx(), "r1", 0, 0)
	_, listed := b.j.Runs(b.ctx(), pawl.RunFilter{})
	_, changed := b.j.Changes(b.ctx(), 0)
	_, blob := b.j.(journal.Blobs).Blob(b.ctx(), journal.Digest(nil))
	_, submitted := b.commands().Submit(b.ctx(), journal.Command{Run: "r1", Decision: approve("a")})
	_, pending := b.commands().Pending(b.ctx(), "")
	_, _, outcome := b.commands().Handled(b.ctx(), 1)
	_, open := b.commands().OpenBlockers(b.ctx(), pawl.RunFilter{})
	for _, err := range []error{created, claimed, appended, released, read, listed, changed, blob, submitted, pending, outcome, open} {
		b.want(err, pawl.ErrStorage)
	}
}

func closeWakes(t *testing.T, b bench) {
	b.create("r1")
	begun := make(chan struct{})
	ended := make(chan error)
	go func() {
		mark, err := b.j.Changes(b.ctx(), 0)
		close(begun)
		for err == nil {
			mark, err = b.j.Changes(b.ctx(), mark)
		}
		ended <- err
	}()
	<-begun
	if err := b.j.Close(); err != nil {
		t.Fatal(err)
	}
	b.want(<-ended, pawl.ErrStorage)
}

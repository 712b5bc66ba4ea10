package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func changes(t *testing.T, b bench) {
	mark, err := b.j.Changes(b.ctx(), 0) // the zero mark returns at once, even of an empty journal
	if err != nil || mark == 0 {
		t.Fatalf("mark %d, %v", mark, err)
	}
	// What was committed since is known without waiting.
	c := b.create("r1")
	if mark, err = b.j.Changes(b.ctx(), mark); err != nil {
		t.Fatal(err)
	}
	for name, act := range map[string]func() error{
		"append": func() error { _, err := b.j.Append(b.ctx(), c, batch(note("x"))); return err },
		"take":   func() (err error) { c, err = b.j.Claim(b.ctx(), "r1", true); return err },
		"create": func() error { b.create("r2"); return nil },
	} {
		type answer struct {
			mark journal.Mark
			err  error
		}
		woken := make(chan answer, 3)
		for range cap(woken) {
			go func() {
				m, err := b.j.Changes(b.ctx(), mark)
				woken <- answer{m, err}
			}()
		}
		if err := act(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for range cap(woken) {
			a := <-woken
			if a.err != nil || a.mark == mark {
				t.Errorf("%s: woken with mark %d, %v; it was %d", name, a.mark, a.err, mark)
			}
		}
		if mark, err = b.j.Changes(b.ctx(), 0); err != nil {
			t.Fatal(err)
		}
	}
}

// changesMissNothing follows a run by its changes alone: a reader that waits
// after each look must see the last event without any other help.
func changesMissNothing(t *testing.T, b bench) {
	c := b.create("r1")
	const n = 200
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			var mark journal.Mark
			var seen pawl.Seq
			for seen < n+2 {
				m, err := b.j.Changes(b.ctx(), mark)
				if err != nil {
					t.Error(err)
					return
				}
				mark = m
				events, err := b.j.Read(b.ctx(), "r1", seen, 0)
				if err != nil {
					t.Error(err)
					return
				}
				for _, e := range events {
					if e.Seq != seen+1 {
						t.Errorf("event %d after %d", e.Seq, seen)
					}
					seen = e.Seq
				}
			}
		})
	}
	for i := range n {
		b.append(c, note(fmt.Sprint(i)))
	}
	wg.Wait()
}

func changesCancel(t *testing.T, b bench) {
	ctx, cancel := context.WithCancel(b.ctx())
	ended := make(chan error)
	go func() {
		var mark journal.Mark
		for {
			m, err := b.j.Changes(ctx, mark)
			if err != nil {
				ended <- err
				return
			}
			mark = m
		}
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	} else {
		b.want(err, pawl.ErrStorage)
	}
}

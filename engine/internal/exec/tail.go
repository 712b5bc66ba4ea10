package exec

import (
	"sync"

	"github.com/pawlrun/pawl"
)

// tail tells those who follow a run that this process executes how far its
// history goes, so that they need not ask the journal after every commit of any
// run.
type tail struct {
	mu   sync.Mutex
	last pawl.Seq
	wake chan struct{} // closed at the next event; nil: nobody waits
}

// appended says that the events up to last are durable.
func (t *tail) appended(last pawl.Seq) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = last
	if t.wake != nil {
		close(t.wake)
		t.wake = nil
	}
}

// now returns the last event, and what is closed when there is another.
func (t *tail) now() (pawl.Seq, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wake == nil {
		t.wake = make(chan struct{})
	}
	return t.last, t.wake
}

package local

import (
	"sync"

	"github.com/pawlrun/pawl"
)

// news tells those who follow a run that this process executes how far its
// history goes, so that they need not ask the journal after every commit of any
// run.
type news struct {
	mu   sync.Mutex
	last pawl.Seq
	wake chan struct{} // closed at the next event; nil: nobody waits
}

// appended says that the events up to last are durable.
func (n *news) appended(last pawl.Seq) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = last
	if n.wake != nil {
		close(n.wake)
		n.wake = nil
	}
}

// now returns the last event, and what is closed when there is another.
func (n *news) now() (pawl.Seq, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.wake == nil {
		n.wake = make(chan struct{})
	}
	return n.last, n.wake
}

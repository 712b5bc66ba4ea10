package local

import "sync"

// inbox carries what others want done to an activation's goroutine, in order.
// Putting never blocks.
type inbox struct {
	mu     sync.Mutex
	queue  []func()
	closed bool
	ready  chan struct{} // has an element when queue may not be empty
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

// put reports whether f will be called.
func (b *inbox) put(f func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.queue = append(b.queue, f)
	select {
	case b.ready <- struct{}{}:
	default:
	}
	return true
}

// take returns all that was put since the last call.
func (b *inbox) take() []func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue
	b.queue = nil
	return q
}

// close makes further puts fail and returns what was left.
func (b *inbox) close() []func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	q := b.queue
	b.queue = nil
	return q
}

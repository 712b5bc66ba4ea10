package exec

import "sync"

// mailbox carries what others want done to a run's goroutine, in order.
// Putting never blocks.
type mailbox struct {
	mu     sync.Mutex
	queue  []func()
	closed bool
	ready  chan struct{} // has an element when queue may not be empty
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

// put reports whether f will be called.
func (m *mailbox) put(f func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.queue = append(m.queue, f)
	select {
	case m.ready <- struct{}{}:
	default:
	}
	return true
}

// holds reports whether there is something to take.
func (m *mailbox) holds() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queue) > 0
}

// takeAll returns all that was put since the last call.
func (m *mailbox) takeAll() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.queue
	m.queue = nil
	return q
}

// close makes further puts fail and returns what was left.
func (m *mailbox) close() []func() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	return m.takeAll()
}

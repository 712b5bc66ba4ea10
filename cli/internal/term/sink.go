package term

import (
	"cmp"
	"io"
	"sync"
)

// Sink writes until that fails, and then swallows what comes: a reader that has
// gone away must not stop a run. All may be called from any goroutine.
type Sink struct {
	w   io.Writer
	mu  sync.Mutex
	err error
}

func (s *Sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		_, s.err = s.w.Write(p)
	}
	return len(p), nil
}

// NewSink returns a sink that writes to w.
func NewSink(w io.Writer) *Sink { return &Sink{w: w} }

// fail notes that what was written around the sink did not arrive.
func (s *Sink) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = cmp.Or(s.err, err)
}

// Turn makes the sink write to another writer. What it has swallowed is not written
// again.
func (s *Sink) Turn(w io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w = w
}

// Err is why nothing arrives any more; nil: all did.
func (s *Sink) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

package term

import (
	"cmp"
	"io"
	"sync"
)

// Sink is what everything goes through that a command writes to a stream. If that is a
// terminal, nothing gets there that could steer it but the styles of [Ink.Paint]; to
// pipes and files all bytes go as they are. It writes until that fails, and then
// swallows what comes: a reader that has gone away must not stop a run. All may be
// called from any goroutine.
type Sink struct {
	mu    sync.Mutex
	w     io.Writer
	err   error
	guard *guard // nil: it is no terminal
}

func (s *Sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := p
	if s.guard != nil {
		out = s.guard.pass(p)
	}
	if s.err == nil && len(out) > 0 {
		_, s.err = s.w.Write(out)
	}
	return len(p), nil
}

// NewSink returns a sink that writes to a stream.
func NewSink(to Stream) *Sink {
	s := &Sink{w: to.Writer}
	if to.Terminal {
		s.guard = &guard{}
	}
	return s
}

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

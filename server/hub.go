package server

import (
	"context"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// hub follows the journal once for all who listen. Each event is masked and written once,
// whoever gets it. It runs while somebody listens.
//
// Histories are read with mu free, so that nobody waits for one who comes, goes, or hears
// pieces of another run. Events are made by one goroutine: the history of a run that is new
// to it is read before any of them is told.
type hub struct {
	s    *Server
	feed journal.Feed // nil: the journal cannot be followed

	mu     sync.Mutex // guards what follows, and is held for no more than that
	subs   map[*subscriber]bool
	stop   context.CancelFunc // ends the following; nil: nobody follows
	last   journal.Placed     // that was told
	change changes            // still to be told to those who hear no more of it
	shown  map[pawl.RunID]*shown
	pieces map[pawl.RunID]*pieces
	closed bool
	done   sync.WaitGroup
}

func newHub(s *Server) *hub {
	h := &hub{s: s, subs: map[*subscriber]bool{}, pieces: map[pawl.RunID]*pieces{}}
	h.feed, _ = s.o.Journal.(journal.Feed)
	return h
}

// subscribe begins to listen. What is committed from then on is heard, and nothing twice:
// sub.from is the last event before.
func (h *hub) subscribe(ctx context.Context, sub *subscriber) error {
	if h.feed == nil {
		return &pawl.Error{Kind: pawl.ErrInput, Message: "the journal of this program cannot be followed"}
	}
	if err := h.join(ctx, sub); err != nil {
		return err
	}
	if sub.pieces == "" {
		return nil
	}
	err := h.hear(ctx, sub)
	if sub.run == "" && isDamaged(err) {
		h.s.log.Warn("a run cannot be followed", "run", sub.pieces, "error", err.Error())
		return nil // it hears all the others
	}
	if err != nil {
		h.leave(sub)
	}
	return err
}

// join adds a listener, and follows for the first.
func (h *hub) join(ctx context.Context, sub *subscriber) error {
	last, err := h.feed.Last(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return &pawl.Error{Kind: pawl.ErrStopped, Message: "the server ends"}
	}
	if h.stop == nil {
		h.last, h.change, h.shown = last, changes{}, map[pawl.RunID]*shown{}
		following, stop := context.WithCancel(context.WithoutCancel(ctx))
		h.stop = stop
		h.done.Go(func() { h.follow(following) })
	}
	sub.from, sub.ready = h.last, make(chan struct{}, 1)
	h.subs[sub] = true
	return nil
}

// leave ends the listening.
func (h *hub) leave(sub *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(sub)
}

// drop ends a subscriber's listening. It is called with mu held.
func (h *hub) drop(sub *subscriber) {
	if !h.subs[sub] {
		return
	}
	delete(h.subs, sub)
	sub.end()
	h.unhear(sub)
	if len(h.subs) == 0 && h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

// dropAll has everybody come again. It is called with mu held.
func (h *hub) dropAll() {
	for sub := range h.subs {
		h.drop(sub)
	}
}

// close ends all listening, and waits for what follows.
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	h.dropAll()
	h.mu.Unlock()
	h.done.Wait()
}

// send sends a message to a listener, or drops one that is too far behind. It is called
// with mu held.
func (h *hub) send(sub *subscriber, m *message) {
	if h.subs[sub] && !sub.put(m) {
		h.drop(sub)
	}
}

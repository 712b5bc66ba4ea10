package server

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// hub follows the journal once for all who listen. Each event is masked and written once,
// whoever gets it. It runs while somebody listens.
//
// Histories are read by whoever needs them, with mu free: a long one holds nobody up who
// listens to another run.
type hub struct {
	s    *Server
	feed journal.Feed // nil: the journal cannot be followed

	mu     sync.Mutex // guards what follows, and is held for no more than that
	subs   map[*subscriber]bool
	stop   context.CancelFunc // ends the following; nil: nobody follows
	last   journal.Placed     // that was told
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

// eventID is an event's id among those of all runs: its place, and of its hash enough to
// know it by, since what comes when runs were removed may take their places.
func eventID(p journal.Placed) string {
	_, hash, _ := strings.Cut(p.Event.Hash, ":")
	return fmt.Sprintf("%d-%.16s", p.Place, hash)
}

// placeOf reads the place out of an event's id.
func placeOf(id string) (int64, bool) {
	place, _, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(place, 10, 64)
	return n, err == nil && n > 0
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
		h.last, h.shown = last, map[pawl.RunID]*shown{}
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

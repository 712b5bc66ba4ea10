package server

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// hub follows the journal once for all who listen. Each event is masked and written once,
// whoever gets it. It runs while somebody listens.
type hub struct {
	s    *Server
	feed journal.Feed // nil: the journal cannot be followed

	mu     sync.Mutex // guards what follows
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

// message is what a listener gets.
type message struct {
	id    string // empty: it cannot be resumed from
	event string
	data  []byte
	seq   pawl.Seq // of an event
	ends  bool     // of an event: the run may have ended
}

// subscriber is somebody who listens. It hears one run, or all.
type subscriber struct {
	run    pawl.RunID // empty: all
	pieces pawl.RunID // of whose answers it hears the pieces; empty: none
	from   journal.Placed
	more   chan message // closed when it is dropped

	behind int // bytes in more, guarded by the hub's mu
}

// What a listener may be behind by. Who is more is dropped, and comes again.
const (
	mostBehind      = 256
	mostBytesBehind = 8 << 20
)

// mostShown is how many runs' masks are kept.
const mostShown = 1024

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
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.feed == nil:
		return &pawl.Error{Kind: pawl.ErrInput, Message: "the journal of this program cannot be followed"}
	case h.closed:
		return &pawl.Error{Kind: pawl.ErrStopped, Message: "the server ends"}
	}
	if h.stop == nil {
		last, err := h.feed.Last(ctx)
		if err != nil {
			return err
		}
		h.last, h.shown = last, map[pawl.RunID]*shown{}
		following, stop := context.WithCancel(context.WithoutCancel(ctx))
		h.stop = stop
		h.done.Go(func() { h.follow(following) })
	}
	sub.from, sub.more = h.last, make(chan message, mostBehind)
	h.subs[sub] = true
	if sub.pieces == "" {
		return nil
	}
	err := h.hear(ctx, sub)
	if err != nil {
		h.drop(sub)
	}
	return err
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
	close(sub.more)
	h.unhear(sub.pieces)
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

// follow tells what is committed, until ctx ends.
func (h *hub) follow(ctx context.Context) {
	var mark journal.Mark
	for {
		more, err := h.tell(ctx)
		if err == nil && !more {
			mark, err = h.feed.Changes(ctx, mark)
		}
		if err == nil {
			continue
		}
		h.mu.Lock()
		if ctx.Err() == nil { // else somebody else follows by now
			h.s.log.Warn("the journal cannot be followed", "error", err.Error())
			h.dropAll()
		}
		h.mu.Unlock()
		return
	}
}

// atOnce is how many events are read at a time.
const atOnce = 256

// tell tells the next events, and reports whether there may be more.
func (h *hub) tell(ctx context.Context) (bool, error) {
	h.mu.Lock()
	last := h.last
	h.mu.Unlock()
	events, err := h.feed.From(ctx, last.Place, atOnce)
	if err != nil {
		return false, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if last.Place > 0 {
		if len(events) == 0 || events[0].Event.Hash != last.Event.Hash { // removed: what took its place cannot be told
			if h.last, err = h.feed.Last(ctx); err == nil {
				h.dropAll()
			}
			return false, err
		}
		events = events[1:]
	}
	for _, p := range events {
		h.last = p
		h.pass(ctx, p)
	}
	return len(events) >= atOnce-1, nil
}

// pass passes an event on to who hears it. It is called with mu held.
func (h *hub) pass(ctx context.Context, p journal.Placed) {
	run := p.Event.Run
	wanted := h.pieces[run] != nil
	for sub := range h.subs {
		wanted = wanted || sub.run == "" || sub.run == run
	}
	if !wanted {
		delete(h.shown, run) // it has missed an event
		return
	}
	f, err := h.follower(ctx, run)
	if err != nil {
		return // it was removed meanwhile
	}
	m := messageOf(f.Shown(p.Event))
	for sub := range h.subs {
		switch sub.run {
		case "":
			all := m
			all.id = eventID(p)
			h.send(sub, all)
		case run:
			h.send(sub, m)
		}
	}
	if p.Event.Seq > f.passed {
		if piece, ok := f.Passed(p.Event); ok {
			h.passPiece(piece)
		}
	}
}

// shown is what a run's events are masked by.
type shown struct {
	*view.Follower
	passed pawl.Seq // it was told the events up to this one beforehand
}

// follower returns what a run's events are masked by. It is called with mu held.
func (h *hub) follower(ctx context.Context, run pawl.RunID) (*shown, error) {
	f := h.shown[run]
	if f != nil {
		return f, nil
	}
	of, err := h.s.view.Follow(ctx, run)
	if err != nil {
		return nil, err
	}
	if len(h.shown) >= mostShown {
		maps.DeleteFunc(h.shown, func(run pawl.RunID, _ *shown) bool { return h.pieces[run] == nil })
	}
	f = &shown{Follower: of}
	h.shown[run] = f
	return f, nil
}

// messageOf is an event as a run's listener gets it.
func messageOf(ev pawl.Event) message {
	data, err := json.Marshal(ev)
	if err != nil {
		panic(err) // its body is JSON
	}
	ends := ev.Type == pawl.EventDone || ev.Type == pawl.EventCanceled || ev.Type == pawl.EventFailed && ev.Key == ""
	return message{id: strconv.FormatInt(int64(ev.Seq), 10), event: "event", data: data, seq: ev.Seq, ends: ends}
}

// send sends a message to a listener, or drops one that is too far behind. It is called
// with mu held.
func (h *hub) send(sub *subscriber, m message) {
	if !h.subs[sub] {
		return
	}
	if sub.behind += len(m.data); len(sub.more) == cap(sub.more) || sub.behind > mostBytesBehind {
		h.drop(sub)
		return
	}
	sub.more <- m
}

// took says that a listener has taken a message.
func (h *hub) took(sub *subscriber, m message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	sub.behind -= len(m.data)
}

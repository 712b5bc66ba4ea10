package server

import (
	"context"

	"github.com/pawlrun/pawl"
)

// pieces are those of one run's answers, for all who listen to them.
type pieces struct {
	listeners int
	stop      context.CancelFunc
	open      map[attempt]string // what was shown of the answers under way
}

type attempt struct {
	key    pawl.Key
	number int
}

// hear begins to hear the pieces of a run for a listener, and tells it what was shown of
// the answers under way.
func (h *hub) hear(ctx context.Context, sub *subscriber) error {
	run := sub.pieces
	f := h.follower(run)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := h.begin(ctx, f); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.subs[sub] {
		return nil // it was dropped meanwhile
	}
	p := h.pieces[run]
	if p == nil {
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		p = &pieces{stop: stop, open: map[attempt]string{}}
		h.pieces[run] = p
		if h.s.o.Pieces != nil {
			h.done.Go(func() { h.s.o.Pieces(ctx, run, func(piece pawl.Piece) { h.piece(ctx, piece) }) })
		}
	}
	p.listeners++
	sub.hears = true
	for a, text := range p.open {
		h.send(sub, pieceOf(pawl.Piece{Run: run, Key: a.key, Attempt: a.number, Text: text}))
	}
	return nil
}

// unhear ends that for a listener. It is called with the hub's mu held.
func (h *hub) unhear(sub *subscriber) {
	p := h.pieces[sub.pieces]
	if p == nil || !sub.hears {
		return
	}
	sub.hears = false
	if p.listeners--; p.listeners == 0 {
		p.stop()
		delete(h.pieces, sub.pieces)
	}
}

// piece takes a piece as it came, and passes on what may be shown of it.
func (h *hub) piece(ctx context.Context, piece pawl.Piece) {
	f := h.follower(piece.Run)
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	if err := h.begin(ctx, f); err != nil {
		h.missPiece(piece.Run)
		return
	}
	if shown, ok := f.Piece(piece); ok {
		h.passPiece(shown)
	}
}

// missPiece drops those who would miss a piece and get those behind it: they come again, and
// get the whole.
func (h *hub) missPiece(run pawl.RunID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.subs {
		if sub.hears && sub.pieces == run {
			h.drop(sub)
		}
	}
}

// passPiece passes a piece on as it may be shown. It is called with the mu held of what
// masks the run, so that pieces stay in order.
func (h *hub) passPiece(piece pawl.Piece) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pieces[piece.Run]
	if p == nil {
		return
	}
	a := attempt{piece.Key, piece.Attempt}
	if p.open[a] += piece.Text; piece.End {
		delete(p.open, a)
	}
	m := pieceOf(piece)
	for sub := range h.subs {
		if sub.hears && sub.pieces == piece.Run {
			h.send(sub, m)
		}
	}
}

func pieceOf(p pawl.Piece) *message { return newMessage(isPiece, "", mustJSON(p)) }

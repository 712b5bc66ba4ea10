package server

import (
	"context"
	"encoding/json"
	"math"

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
// the answers under way. It is called with mu held.
func (h *hub) hear(ctx context.Context, sub *subscriber) error {
	run := sub.pieces
	p := h.pieces[run]
	if p == nil {
		if err := h.begin(ctx, run); err != nil {
			return err
		}
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		p = &pieces{stop: stop, open: map[attempt]string{}}
		h.pieces[run] = p
		if h.s.o.Pieces != nil {
			h.done.Go(func() { h.s.o.Pieces(ctx, run, func(piece pawl.Piece) { h.piece(ctx, piece) }) })
		}
	}
	p.listeners++
	for a, text := range p.open {
		h.send(sub, pieceOf(pawl.Piece{Run: run, Key: a.key, Attempt: a.number, Text: text}))
	}
	return nil
}

// begin tells what masks a run's answers which of them have begun: nothing of the others is
// shown. It is called with mu held.
func (h *hub) begin(ctx context.Context, run pawl.RunID) error {
	f, err := h.follower(ctx, run)
	if err != nil {
		return err
	}
	recorded, err := f.Before(ctx, math.MaxInt64)
	for _, ev := range recorded {
		if ev.Seq > f.passed {
			f.Passed(ev)
			f.passed = ev.Seq
		}
	}
	return err
}

// unhear ends that for one listener. It is called with mu held.
func (h *hub) unhear(run pawl.RunID) {
	p := h.pieces[run]
	if p == nil {
		return
	}
	if p.listeners--; p.listeners == 0 {
		p.stop()
		delete(h.pieces, run)
	}
}

// piece takes a piece as it came, and passes on what may be shown of it.
func (h *hub) piece(ctx context.Context, piece pawl.Piece) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pieces[piece.Run] == nil || ctx.Err() != nil {
		return
	}
	f, err := h.follower(ctx, piece.Run)
	if err != nil {
		return
	}
	if shown, ok := f.Piece(piece); ok {
		h.passPiece(shown)
	}
}

// passPiece passes a piece on as it may be shown. It is called with mu held.
func (h *hub) passPiece(piece pawl.Piece) {
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
		if sub.pieces == piece.Run {
			h.send(sub, m)
		}
	}
}

func pieceOf(p pawl.Piece) message {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // it is a text
	}
	return message{event: "piece", data: data}
}

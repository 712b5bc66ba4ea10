package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/pawlrun/pawl"
)

const (
	heartbeat = 15 * time.Second // how often a stream says that it is there
	again     = 2 * time.Second  // after which a listener comes again whose stream has ended
)

// stream is an open response with server-sent events.
type stream struct {
	s     *Server
	ctx   context.Context
	w     http.ResponseWriter
	known func() bool // whether who listens still may
	buf   bytes.Buffer
}

// streamRoute registers a route that is answered with events. open finds out whether it
// can be, and returns who listens, and what writes; nil: there is nothing to write.
func streamRoute[I any](s *Server, op huma.Operation, open func(context.Context, *I) (*subscriber, func(*stream) error, error)) {
	op.Middlewares = append(op.Middlewares, s.guard(RoleViewer))
	op.Description += "\n\nNeeds the role viewer."
	op.Responses = map[string]*huma.Response{
		"200": {Description: "Server-sent events.", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}}},
		"204": {Description: "Nothing more will come: the run has ended, and all of it was seen."},
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		who := ActorOf(ctx).Name
		if !s.streams.take(who, s.o.Streams) {
			p := newProblem(&pawl.Error{Kind: "overloaded", Message: fmt.Sprintf("as many streams are open as may be, which is %d for all", s.o.Streams), Hint: "close some, or come later"})
			p.Status, p.Title, p.retryAfter = http.StatusServiceUnavailable, http.StatusText(http.StatusServiceUnavailable), "10"
			return nil, p
		}
		sub, tell, err := open(ctx, in)
		if err == nil && sub != nil {
			err = s.hub.subscribe(ctx, sub) // before the answer begins: who has that misses nothing
		}
		if err != nil {
			s.streams.give(who)
			return nil, s.problem(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer s.streams.give(who)
			r, w := humago.Unwrap(hc)
			if sub == nil {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			defer s.hub.leave(sub)
			h := w.Header()
			h.Set("Content-Type", "text/event-stream")
			h.Set("X-Accel-Buffering", "no") // which proxies heed
			w.WriteHeader(http.StatusOK)
			if r.Method == http.MethodHead {
				return // nobody will read
			}
			st := &stream{s: s, ctx: r.Context(), w: w, known: func() bool { _, ok := s.whois(r); return ok }}
			if st.write(fmt.Appendf(nil, "retry: %d\n\n", again.Milliseconds())) == nil {
				_ = tell(st) // a listener that went away has no use for an error
			}
		}}, nil
	})
}

// send sends one message, with those that were left to be sent with it.
func (st *stream) send(m *message) error {
	if err := st.keep(m); err != nil {
		return err
	}
	return st.flush()
}

const (
	most = 64 << 10 // how many bytes are written at once
	few  = 4 << 10  // up to so many are worth to be kept
)

// keep leaves a message to be sent with the next ones. A long one is sent as it is, of which
// all who get it share the bytes.
func (st *stream) keep(m *message) error {
	if len(m.text) <= few && st.buf.Len()+len(m.text) <= most {
		st.buf.Write(m.text)
		return nil
	}
	if err := st.flush(); err != nil {
		return err
	}
	return st.write(m.text)
}

// flush sends what was left to be sent.
func (st *stream) flush() error {
	if st.buf.Len() == 0 {
		return nil
	}
	defer st.buf.Reset()
	return st.write(st.buf.Bytes())
}

// write writes to a listener, who must take each part of it soon.
func (st *stream) write(b []byte) error {
	c := http.NewResponseController(st.w)
	for part := range slices.Chunk(b, most) {
		if err := c.SetWriteDeadline(time.Now().Add(st.s.o.Stuck)); err != nil {
			return err
		}
		if _, err := st.w.Write(part); err != nil {
			return err
		}
	}
	return c.Flush()
}

// pass passes on what a subscriber hears, until it is dropped, the listener goes or tell
// says that a message was the last. tell may leave messages to be sent; beat is called every
// 15 s.
func (st *stream) pass(sub *subscriber, tell func(*message) (end bool, err error), beat func() (end bool, err error)) error {
	beats := time.NewTicker(heartbeat)
	defer beats.Stop()
	for {
		select {
		case <-sub.ready:
			all, ok := sub.take()
			if !ok {
				return nil // dropped: it comes again
			}
			for _, m := range all {
				end, err := tell(m)
				if end || err != nil {
					return errors.Join(err, st.flush())
				}
			}
			if err := st.flush(); err != nil {
				return err
			}
		case <-beats.C:
			if !st.known() {
				return nil
			}
			if end, err := beat(); end || err != nil {
				return err
			}
			if err := st.write([]byte(": still here\n\n")); err != nil {
				return err
			}
		case <-st.ctx.Done():
			return st.ctx.Err()
		}
	}
}

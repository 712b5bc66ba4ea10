package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// runStream is the stream of one run.
type runStream struct {
	*stream
	id    pawl.RunID
	f     *view.Follower // nil: it has not seen every event up to after
	first string         // hash of the run's first event
	after pawl.Seq       // the last event that was sent
}

// run tells the events of a run behind one, which the listener has of the run with that
// mark; empty: it does not say.
func (st *stream) run(sub *subscriber, id pawl.RunID, after pawl.Seq, mark string) error {
	r := &runStream{stream: st, id: id, after: after}
	if err := r.begin(); err != nil {
		return err
	}
	if mark != "" && mark != markOf(r.first) {
		r.after = 0
		if err := r.keep(anew); err != nil {
			return err
		}
	}
	if end, err := r.catchUp(); end || err != nil {
		return err
	}
	return st.pass(sub, r.tell, r.check)
}

// anew says that what was told is of a run that is not there any more.
var anew = newMessage(isReset, "0", []byte("{}"))

// begin finds out which run it is that has the id.
func (r *runStream) begin() (err error) {
	if r.first, err = r.s.first(r.ctx, r.id); err == nil { // first, so that no older run is taken for it
		r.f, err = r.s.view.Follow(r.ctx, r.id)
	}
	return err
}

// catchUp tells what is recorded by now.
func (r *runStream) catchUp() (end bool, err error) {
	for {
		recorded, err := r.s.o.Journal.Read(r.ctx, r.id, r.after, atOnce)
		if err == nil && r.f == nil && len(recorded) > 0 {
			r.f, err = r.s.view.Follow(r.ctx, r.id)
		}
		if err != nil {
			return false, err
		}
		if first, err := r.s.first(r.ctx, r.id); err != nil || first != r.first {
			return r.check() // these may be of another run
		}
		for _, ev := range recorded {
			if err := r.keep(eventOfRun(r.f.Shown(ev), r.first)); err != nil {
				return false, err
			}
			r.after = ev.Seq
		}
		if err := r.flush(); err != nil {
			return false, err
		}
		if len(recorded) < atOnce {
			return r.ended()
		}
	}
}

// tell tells what was heard.
func (r *runStream) tell(m *message) (end bool, err error) {
	switch {
	case m.event == mayBeAnew:
		return r.check()
	case m.event != isEvent:
		return false, r.keep(m)
	case r.follows(m):
		return r.tellEvents(m)
	}
	for i := range m.parts {
		part := &m.parts[i]
		switch {
		case part.first != r.first:
			end, err = r.check()
		case part.seq <= r.after:
			continue
		case part.seq > r.after+1: // what is between was not heard
			end, err = r.catchUp()
		default:
			end, err = r.tellEvents(part)
		}
		if end || err != nil {
			return end, err
		}
	}
	return false, nil
}

// follows reports whether events are of the run, and the next ones behind the last.
func (r *runStream) follows(m *message) bool {
	next := r.after + 1
	for _, part := range m.parts {
		if part.first != r.first || part.seq != next {
			return false
		}
		next++
	}
	return true
}

// tellEvents tells the next events as they were heard.
func (r *runStream) tellEvents(m *message) (end bool, err error) {
	if err := r.keep(m); err != nil {
		return false, err
	}
	r.after, r.f = m.seq, nil
	if !m.ends {
		return false, nil
	}
	return r.ended()
}

// check looks whether it is still the same run. Where it was removed the listener is told:
// then the stream ends, or, if another one was begun under the id, goes on with that one
// from its start.
func (r *runStream) check() (end bool, err error) {
	first, err := r.s.first(r.ctx, r.id)
	switch {
	case errors.Is(err, pawl.ErrNotFound):
		return true, r.send(anew)
	case err != nil:
		return false, err
	case first != r.first:
		if err := r.begin(); err != nil {
			return false, err
		}
		r.after = 0
		if err := r.keep(anew); err != nil {
			return false, err
		}
	}
	return r.catchUp()
}

// ended reports whether the run has come to its end with the last event, and if so tells it.
func (r *runStream) ended() (bool, error) {
	row, err := r.s.row(r.ctx, r.id)
	if err != nil || !row.Summary.Ended() || r.after < row.LastSeq {
		return false, err
	}
	if first, err := r.s.first(r.ctx, r.id); err != nil || first != r.first {
		return false, err // another run has the id by now, and is heard of
	}
	return true, r.send(newMessage(isEnd, "", []byte("{}")))
}

func noRun(id pawl.RunID) error {
	return &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Message: fmt.Sprintf("no run %q", id)}
}

// row is how a run is listed: many who listen ask, and it reads no history.
func (s *Server) row(ctx context.Context, id pawl.RunID) (journal.Row, error) {
	rows, err := s.o.Journal.Runs(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	if err == nil && (len(rows) == 0 || rows[0].ID != id) {
		err = noRun(id)
	}
	if err != nil {
		return journal.Row{}, err
	}
	return rows[0], nil
}

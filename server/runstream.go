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
	f     *view.Follower
	first string   // hash of the run's first event
	after pawl.Seq // the last event that was sent
}

// run tells the events of a run, behind one.
func (st *stream) run(sub *subscriber, id pawl.RunID, after pawl.Seq) error {
	r := &runStream{stream: st, id: id, after: after}
	if err := r.begin(); err != nil {
		return err
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
		events, err := r.f.Read(r.ctx, r.after, atOnce)
		if err != nil {
			return false, err
		}
		for _, ev := range events {
			r.keep(eventOfRun(ev))
			r.after = ev.Seq
		}
		if err := r.flush(); err != nil {
			return false, err
		}
		if len(events) < atOnce {
			return r.ended()
		}
	}
}

// tell tells what was heard.
func (r *runStream) tell(m *message) (end bool, err error) {
	switch {
	case m.event == mayBeAnew, m.seq == 1 && m.hash != r.first:
		return r.check()
	case m.event == isEvent && m.seq <= r.after:
		return false, nil
	}
	r.keep(m)
	if m.event != isEvent {
		return false, nil
	}
	if r.after = m.seq; !m.ends {
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
		r.keep(anew)
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

// row is how a run is listed: many who listen ask, and it reads no history.
func (s *Server) row(ctx context.Context, id pawl.RunID) (journal.Row, error) {
	rows, err := s.o.Journal.Runs(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	if err == nil && (len(rows) == 0 || rows[0].ID != id) {
		err = &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Message: fmt.Sprintf("no run %q", id)}
	}
	if err != nil {
		return journal.Row{}, err
	}
	return rows[0], nil
}

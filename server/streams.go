package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// streams counts those that are open.
type streams struct {
	mu  sync.Mutex
	all int
	of  map[string]int // those of each actor, by name
}

// fewStreams is how many an actor has who gets one of the last places: one in 64 of all is
// kept for them, so that nobody takes every place.
const fewStreams = 4

func (s *streams) take(who string, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[who] >= fewStreams {
		most -= most / 64
	}
	if s.all >= most {
		return false
	}
	if s.of == nil {
		s.of = map[string]int{}
	}
	s.all++
	s.of[who]++
	return true
}

func (s *streams) give(who string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.of[who]--; s.of[who] == 0 {
		delete(s.of, who)
	}
}

type streamRun struct {
	InRun
	After pawl.Seq `query:"after" minimum:"0" doc:"Only events behind the one of this number."`
	Last  string   `header:"Last-Event-ID" maxLength:"64" doc:"The id of the last event that was seen; it counts before after."`
}

type streamAll struct {
	After  string     `query:"after" maxLength:"64" doc:"The id of the event behind which to begin; absent: what comes from now on."`
	Last   string     `header:"Last-Event-ID" maxLength:"64" doc:"The same; it counts before after."`
	Brief  bool       `query:"brief" doc:"In the place of events only which runs changed, as a list needs it."`
	Pieces pawl.RunID `query:"pieces" maxLength:"64" doc:"Pieces of the answers of this run, too, while they arrive."`
}

func (s *Server) streamRoutes() {
	run := operation(http.MethodGet, "/runs/{run}/stream", "stream-run", "Follow a run: what happened, then what happens")
	run.Description = "Events are called event and have as id their number, with a mark of the run; an id with the mark of another run, which had this one's name, is answered with an event called reset and all events of this one. Pieces of answers are called piece, have no id and are in no journal. When the run has come to its end an event called end says so."
	streamRoute(s, run, s.openRun)
	all := operation(http.MethodGet, "/stream", "stream-runs", "Follow all runs at once")
	all.Description = "As for one run, but that ids are places among all events. An event called reset says that it is not known what came meanwhile: what was shown is to be read anew. With brief, events are not sent: for all that happened in a while one event called changed has a list of the runs that changed, each with the number of its last event (seq) and the types of the new ones (types). Where more than 100 runs changed, or more than 10,000 events came, an event called many has no list: each run may have changed. Events and pieces of a run whose history is damaged are left out."
	streamRoute(s, all, s.openAll)
}

// openRun opens the stream of one run.
func (s *Server) openRun(ctx context.Context, in *streamRun) (*subscriber, func(*stream) error, error) {
	after, mark := in.After, ""
	if in.Last != "" {
		var ok bool
		if after, mark, ok = seqOf(in.Last); !ok {
			return nil, nil, badParameter("header.Last-Event-ID", "wants the id of an event of this stream")
		}
	}
	row, err := s.row(ctx, in.Run)
	if err != nil {
		return nil, nil, err
	}
	first, err := s.first(ctx, in.Run)
	if err != nil {
		return nil, nil, err
	}
	if mark == "" || mark == markOf(first) {
		if after > row.LastSeq { // of another run that had the id, or of none
			return nil, nil, badParameter("after", fmt.Sprintf("is %d, and the run's last event is %d: begin anew", after, row.LastSeq))
		}
		if row.Summary.Ended() && after == row.LastSeq && row.LastSeq > 0 {
			return nil, nil, nil
		}
	}
	sub := &subscriber{run: in.Run, pieces: in.Run}
	return sub, func(st *stream) error { return st.run(sub, in.Run, after, mark) }, nil
}

// openAll opens the stream of all runs.
func (s *Server) openAll(ctx context.Context, in *streamAll) (*subscriber, func(*stream) error, error) {
	after := in.Last
	if after == "" {
		after = in.After
	}
	if _, ok := placeOf(after); after != "" && !ok {
		return nil, nil, badParameter("query.after", "wants the id of an event of this stream")
	}
	if in.Pieces != "" {
		if _, err := s.row(ctx, in.Pieces); err != nil {
			return nil, nil, err
		}
	}
	sub := &subscriber{pieces: in.Pieces, brief: in.Brief}
	return sub, func(st *stream) error { return st.all(sub, after) }, nil
}

// all tells what happens in all runs, and what happened behind an event if one is named.
func (st *stream) all(sub *subscriber, after string) error {
	seen, _ := placeOf(after) // a hub may be behind what the listener has from another server
	known, err := true, error(nil)
	switch {
	case after == "":
	case !sub.brief:
		known, err = st.passed(after, sub.from)
	default:
		seen, known, err = st.changed(seen, after)
	}
	if err != nil {
		return err
	}
	if !known {
		seen = 0
		id := ""
		if sub.from.Place > 0 {
			id = eventID(sub.from)
		}
		if err := st.send(newMessage(isReset, id, []byte("{}"))); err != nil {
			return err
		}
	}
	return st.pass(sub, func(m *message) (bool, error) { return false, st.keepBehind(m, seen) }, func() (bool, error) { return false, nil })
}

// changed tells which runs changed behind an event, and returns up to where; known is false
// if that is not there any more.
func (st *stream) changed(place int64, after string) (upTo int64, known bool, err error) {
	c, known, err := st.s.hub.changesBehind(st.ctx, place, after)
	if m := c.message(); known && m != nil {
		return m.place, true, st.send(m)
	}
	return place, known, err
}

// keepBehind leaves a message to be sent, of events those behind a place.
func (st *stream) keepBehind(m *message, seen int64) error {
	if m.parts == nil && (m.place == 0 || m.place > seen) || m.parts != nil && m.parts[0].place > seen {
		return st.keep(m)
	}
	for i := range m.parts {
		if part := &m.parts[i]; part.place > seen {
			if err := st.keep(part); err != nil {
				return err
			}
		}
	}
	return nil
}

// passed tells the events behind one, up to another; known is false if the first is not
// there any more, or they are too many.
func (st *stream) passed(after string, upTo journal.Placed) (known bool, err error) {
	missed, known, err := st.missed(after, upTo)
	if err != nil || !known {
		return false, err
	}
	followers := map[pawl.RunID]*view.Follower{}
	for _, p := range missed {
		f, met := followers[p.Event.Run]
		if !met {
			f, err = st.s.view.Follow(st.ctx, p.Event.Run)
			switch {
			case err == nil || errors.Is(err, pawl.ErrNotFound): // it was removed meanwhile
			case isDamaged(err):
				st.s.log.Warn("a run cannot be followed", "run", p.Event.Run, "error", err.Error())
			default:
				return true, errors.Join(err, st.flush())
			}
			followers[p.Event.Run] = f // nil: there is nothing to be told
		}
		if f == nil {
			continue
		}
		if err := st.keep(eventOfAll(p, f.Shown(p.Event))); err != nil {
			return true, err
		}
	}
	return true, st.flush()
}

// missed returns the events behind one, up to another; known is false if the first is not
// there any more, or they are too many.
func (st *stream) missed(after string, upTo journal.Placed) (missed []journal.Placed, known bool, err error) {
	place, _ := placeOf(after)
	for {
		events, err := st.s.hub.feed.From(st.ctx, place, atOnce)
		if err != nil {
			return nil, false, err
		}
		if len(events) == 0 || eventID(events[0]) != after || len(missed) > mostMissed {
			return nil, false, nil
		}
		more := len(events) == atOnce
		for _, p := range events[1:] {
			if p.Place > upTo.Place {
				return missed, true, nil
			}
			missed = append(missed, p)
		}
		if !more {
			return missed, true, nil
		}
		last := events[len(events)-1]
		place, after = last.Place, eventID(last)
	}
}

// Close ends the streams that are open, and lets no other begin.
func (s *Server) Close() { s.hub.close() }

package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/server"
)

// faults is how many of the next reads fail, and whose record cannot be read at all.
type faults struct {
	left    atomic.Int64
	damaged atomic.Value // a pawl.RunID
}

func (f *faults) next() error {
	if f.left.Add(-1) >= 0 {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: "the disk does not answer"}
	}
	return nil
}

// faultyJournal is a journal whose histories can fail to be read.
type faultyJournal struct {
	*journal.Memory
	*faults
}

func (j faultyJournal) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	if err := j.next(); err != nil {
		return nil, err
	}
	return j.Memory.Read(ctx, id, after, limit)
}

// faultyEngine is an engine whose records can fail to be read.
type faultyEngine struct {
	pawl.Engine
	*faults
}

func (e *faultyEngine) Get(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	if err := e.next(); err != nil {
		return pawl.RunRecord{}, err
	}
	if id == e.damaged.Load() {
		return pawl.RunRecord{}, &pawl.Error{Kind: pawl.ErrDatabase, Run: id, Message: "the history is damaged"}
	}
	return e.Engine.Get(ctx, id)
}

// listening is how far somebody heard of a run who comes again whenever a stream ends.
type listening struct {
	*listener
	path string
	id   string
	seen pawl.Seq
}

// hear takes the next message.
func (l *listening) hear(h *house) {
	e, ok := l.next()
	if !ok { // it has ended, or is refused
		l.listener = h.listen(vera, l.path, header("Last-Event-ID", l.id))
		return
	}
	switch e.event {
	case "event":
		var ev pawl.Event
		if err := json.Unmarshal([]byte(e.data), &ev); err != nil || ev.Seq != l.seen+1 {
			h.t.Fatalf("%s: behind %d comes %+v, %v", l.path, l.seen, e, err)
		}
		l.seen, l.id = ev.Seq, e.id
	case "changed":
		var all []server.Change
		if err := json.Unmarshal([]byte(e.data), &all); err != nil || len(all) != 1 || len(all[0].Types) == 0 {
			h.t.Fatalf("%+v, %v", e, err)
		}
		l.seen, l.id = all[0].Seq, e.id
	case "reset":
		h.t.Fatalf("%s: what was not read is told as removed", l.path)
	}
}

// What cannot be read is not left out: the stream ends, and who comes again gets it. So it
// is for the events of one run, for those of all, and for what is told of them in short.
func TestStreamsMissNothing(t *testing.T) {
	for _, path := range []string{"/api/v1/runs/RUN/stream", "/api/v1/stream", "/api/v1/stream?brief=true", "/api/v1/stream?pieces=RUN"} {
		for n := range int64(6) {
			t.Run(fmt.Sprint(path, " while reads fail: ", n), func(t *testing.T) {
				f := &faults{}
				h := open(t, "", func(o *server.Options) {
					o.Engine = &faultyEngine{faults: f}
					o.Journal = faultyJournal{o.Journal.(*journal.Memory), f}
				})
				rec := h.start(`{"topic":"tides"}`)
				l := &listening{path: strings.ReplaceAll(path, "RUN", string(rec.ID)), id: firstID(h), seen: 1}
				if !strings.HasPrefix(path, "/api/v1/stream") {
					l.id = "1"
				}
				l.listener = h.listen(vera, l.path, header("Last-Event-ID", l.id))
				l.hear(h) // so that it listens
				f.left.Store(n)
				b := rec.Blockers[0]
				if err := h.engine.Decide(t.Context(), rec.ID, pawl.Decision{Key: b.Key, What: pawl.DecideApprove, Digest: b.Digest, Who: "olga"}); err != nil {
					t.Fatal(err)
				}
				last := h.rest(rec.ID).LastSeq
				for l.seen < last {
					l.hear(h)
				}
			})
		}
	}
}

// Where a run's history cannot be read those who listen to others hear on.
func TestStreamBesideOneThatCannotBeRead(t *testing.T) {
	f := &faults{}
	h := open(t, "", func(o *server.Options) { o.Journal = faultyJournal{o.Journal.(*journal.Memory), f} })
	one, two := h.start(`{"topic":"one"}`), h.start(`{"topic":"two"}`)
	path := "/api/v1/runs/" + string(two.ID) + "/stream"
	l := h.listen(vera, path)
	for range two.LastSeq {
		l.next()
	}
	h.listen(vera, "/api/v1/stream")
	f.left.Store(1)
	if err := h.engine.Direct(t.Context(), one.ID, pawl.Directive{What: pawl.DirectCancel, Who: "olga"}); err != nil {
		t.Fatal(err)
	}
	h.rest(one.ID)
	want[pawl.RunRecord](h, 202, olga, "POST", "/api/v1/runs/"+string(two.ID)+"/cancel", nil)
	if all := l.rest(); len(all) == 0 || all[len(all)-1].event != "end" {
		t.Errorf("the stream of another run ends with %+v", all)
	}
}

// Who hears all runs goes on without the events of one whose history is damaged, whether it
// listens, comes again, or wants the pieces of that run's answers.
func TestStreamPastADamagedRun(t *testing.T) {
	f := &faults{}
	h := open(t, "", func(o *server.Options) { o.Engine = &faultyEngine{faults: f} })
	one := h.start(`{"topic":"one"}`)
	from := firstID(h)
	f.damaged.Store(one.ID)
	listens := h.listen(vera, "/api/v1/stream")
	if err := h.engine.Direct(t.Context(), one.ID, pawl.Directive{What: pawl.DirectCancel, Who: "olga"}); err != nil {
		t.Fatal(err)
	}
	h.rest(one.ID)
	two := h.start(`{"topic":"two"}`)
	path := "/api/v1/stream?pieces=" + string(one.ID)
	for name, l := range map[string]*listener{
		"listens": listens, "comes again": h.listen(vera, "/api/v1/stream", header("Last-Event-ID", from)), "hears pieces": h.listen(vera, path, header("Last-Event-ID", from)),
	} {
		for seq := pawl.Seq(1); seq <= two.LastSeq; seq++ {
			var ev pawl.Event
			e, ok := l.next()
			if err := json.Unmarshal([]byte(e.data), &ev); !ok || err != nil || ev.Run != two.ID || ev.Seq != seq {
				t.Fatalf("who %s is told %+v, wants event %d of run %s; %v", name, e, seq, two.ID, err)
			}
		}
	}
}

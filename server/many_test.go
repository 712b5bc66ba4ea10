package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/server"
)

type followed interface {
	journal.Reader
	journal.Feed
}

// held is a journal that can be held, so that what happens meanwhile is told at once.
type held struct {
	followed
	*sync.RWMutex
}

func (h held) From(ctx context.Context, place int64, limit int) ([]journal.Placed, error) {
	h.RLock()
	defer h.RUnlock()
	return h.followed.From(ctx, place, limit)
}

func (h held) Changed(ctx context.Context, place int64) ([]journal.Placed, error) {
	h.RLock()
	defer h.RUnlock()
	return h.followed.Changed(ctx, place)
}

// startAll starts so many letters, and waits until all rest.
func (h *house) startAll(n int) map[pawl.RunID]pawl.RunRecord {
	h.t.Helper()
	all := map[pawl.RunID]pawl.RunRecord{}
	for range n {
		id, err := h.engine.Start(h.t.Context(), letter, json.RawMessage(`{"topic":"tides"}`), nil)
		if err != nil {
			h.t.Fatal(err)
		}
		all[id] = pawl.RunRecord{}
	}
	for id := range all {
		all[id] = h.rest(id)
	}
	return all
}

func (l *listener) changes() (id string, all []server.Change) {
	l.t.Helper()
	e, ok := l.next()
	if !ok || e.event != "changed" || e.id == "" {
		l.t.Fatalf("told is %.200v", e)
	}
	if err := json.Unmarshal([]byte(e.data), &all); err != nil {
		l.t.Fatal(err)
	}
	return e.id, all
}

// Of a hundred runs it is told which ones changed, of more only that many did, whoever listens
// beside. Whoever goes on from either misses nothing, and who comes again over many is told so.
func TestBriefStreamOfMany(t *testing.T) {
	const path = "/api/v1/stream?brief=true"
	for name, dir := range map[string]string{"memory": "", "sqlite": t.TempDir()} {
		for _, beside := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, beside one who hears each event: %t", name, beside), func(t *testing.T) {
				var hold sync.RWMutex
				h := open(t, dir, func(o *server.Options) { o.Journal = held{o.Journal.(followed), &hold} })
				var hears *listener
				if beside {
					hears = h.listen(vera, "/api/v1/stream")
				}
				l := h.listen(vera, path)
				together := func(n int) map[pawl.RunID]pawl.RunRecord {
					hold.Lock()
					defer hold.Unlock()
					return h.startAll(n)
				}

				hundred := together(100)
				before, listed := l.changes()
				for _, c := range listed {
					if c.Seq != hundred[c.Run].LastSeq || !slices.Contains(c.Types, pawl.EventBlocker) {
						t.Errorf("told is %+v of %+v", c, hundred[c.Run])
					}
				}
				if len(listed) != 100 {
					t.Errorf("%d runs are listed", len(listed))
				}

				more := together(101)
				e, ok := l.next()
				if !ok || e.event != "many" || e.data != "{}" || e.id == "" {
					t.Fatalf("of 101 runs is told %.200v", e)
				}
				again := h.listen(vera, path, header("Last-Event-ID", before))
				if over, _ := again.next(); over != e {
					t.Errorf("who comes again over them is told %.200v, want %v", over, e)
				}
				behind := h.listen(vera, path, header("Last-Event-ID", e.id))

				one := together(1)
				for who, l := range map[string]*listener{"listened": l, "came again": again, "came from there": behind} {
					if _, all := l.changes(); len(all) != 1 || one[all[0].Run].LastSeq != all[0].Seq {
						t.Errorf("who %s is told %+v of %+v", who, all, one)
					}
				}

				if !beside {
					return
				}
				left := len(hundred) + len(more) + len(one)
				for seqs := map[pawl.RunID]pawl.Seq{}; left > 0; {
					e, _ := hears.next()
					var ev pawl.Event
					if err := json.Unmarshal([]byte(e.data), &ev); err != nil || e.event != "event" || ev.Seq != seqs[ev.Run]+1 {
						t.Fatalf("behind event %d comes %.200v, %v", seqs[ev.Run], e, err)
					}
					seqs[ev.Run] = ev.Seq
					if last := max(hundred[ev.Run].LastSeq, more[ev.Run].LastSeq, one[ev.Run].LastSeq); ev.Seq == last {
						left--
					}
				}
			})
		}
	}
}

// sparse is a journal whose events are far apart, as if much had happened between them.
type sparse struct {
	*journal.Memory
	asked *atomic.Int64 // how often it was asked which runs changed
}

const farApart = 5000

func (s sparse) Last(ctx context.Context) (journal.Placed, error) {
	last, err := s.Memory.Last(ctx)
	last.Place *= farApart
	return last, err
}

func (s sparse) From(ctx context.Context, place int64, limit int) ([]journal.Placed, error) {
	events, err := s.Memory.From(ctx, place/farApart, limit)
	for i := range events {
		events[i].Place *= farApart
	}
	return events, err
}

func (s sparse) Changed(ctx context.Context, place int64) ([]journal.Placed, error) {
	s.asked.Add(1)
	events, err := s.Memory.Changed(ctx, place/farApart)
	for i := range events {
		events[i].Place *= farApart
	}
	return events, err
}

// Where very much happened it is not read which runs that was: neither for who has missed it, nor
// for who listens. If what was seen last is gone, that is told.
func TestBriefStreamIsBounded(t *testing.T) {
	var asked atomic.Int64
	h := open(t, "", func(o *server.Options) { o.Journal = sparse{o.Journal.(*journal.Memory), &asked} })
	rec := h.start(`{"topic":"tides"}`)
	events := want[[]pawl.Event](h, 200, vera, "GET", "/api/v1/runs/"+string(rec.ID)+"/events", nil)
	after := func(missed int) string {
		ev := events[len(events)-1-missed]
		return fmt.Sprintf("%d-%s", ev.Seq*farApart, strings.TrimPrefix(ev.Hash, "sha256:")[:16])
	}
	for missed, c := range map[int]struct {
		event string
		asked int64
	}{1: {"changed", 1}, 2: {"changed", 1}, 3: {"many", 0}} {
		asked.Store(0)
		e, _ := h.listen(vera, "/api/v1/stream?brief=true&after="+after(missed)).next()
		if e.event != c.event || e.id != after(0) || asked.Load() < c.asked || c.asked == 0 && asked.Load() > 0 {
			t.Errorf("who has missed %d places is told %+v, after %d looks, want %+v", missed*farApart, e, asked.Load(), c)
		}
	}
	if e, _ := h.listen(vera, "/api/v1/stream?brief=true&after=5000-0123456789abcdef").next(); e.event != "reset" {
		t.Errorf("who saw what is gone is told %+v", e)
	}
}

package server_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/server"
)

// In short it is told which runs went on, whoever listens beside, and nothing of what happened
// in them; who comes again is told of those that went on meanwhile.
func TestBriefStream(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "sqlite": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			h := open(t, dir, nil)
			h.start(`{"topic":"before","secret":"walrus-77"}`)
			const path = "/api/v1/stream?brief=true"
			last := ""
			read := func(l *listener, upTo ...pawl.RunRecord) {
				t.Helper()
				at := map[pawl.RunID]server.Change{}
				there := func(rec pawl.RunRecord) bool { return at[rec.ID].Seq < rec.LastSeq }
				for slices.ContainsFunc(upTo, there) {
					e, ok := l.next()
					if !ok || e.event != "changed" || strings.Contains(e.data, "walrus") || strings.Contains(e.data, "body") {
						t.Fatalf("told is %+v", e)
					}
					var all []server.Change
					if err := json.Unmarshal([]byte(e.data), &all); err != nil {
						t.Fatal(err)
					}
					for _, c := range all {
						if c.Seq <= at[c.Run].Seq || len(c.Types) == 0 {
							t.Errorf("behind %+v comes %+v", at[c.Run], c)
						}
						c.Types = append(c.Types, at[c.Run].Types...)
						at[c.Run], last = c, e.id
					}
				}
				for _, rec := range upTo {
					if !slices.Contains(at[rec.ID].Types, pawl.EventBlocker) {
						t.Errorf("the types of run %s are %v", rec.ID, at[rec.ID].Types)
					}
				}
			}
			l := h.listen(vera, path)
			read(l, h.start(`{"topic":"one","secret":"walrus-77"}`), h.start(`{"topic":"two"}`))
			h.listen(vera, "/api/v1/stream")
			read(l, h.start(`{"topic":"three","secret":"walrus-77"}`))
			l.resp.Body.Close()
			one, two := h.start(`{"topic":"four"}`), h.start(`{"topic":"five"}`)
			read(h.listen(vera, path, header("Last-Event-ID", last)), one, two)
			want[any](h, 204, otto, "DELETE", "/api/v1/runs/"+string(two.ID), nil)
			if e, _ := h.listen(vera, path+"&after="+last).next(); e.event != "reset" {
				t.Errorf("behind what was removed comes %+v", e)
			}
			want[server.Problem](h, 422, vera, "GET", path+"&after=x", nil)
		})
	}
}

// For what is told in short no history is read.
func TestBriefStreamReadsNoHistory(t *testing.T) {
	f := &faults{}
	h := open(t, "", func(o *server.Options) {
		o.Engine = &faultyEngine{faults: f}
		o.Journal = faultyJournal{o.Journal.(*journal.Memory), f}
	})
	l := h.listen(vera, "/api/v1/stream?brief=true")
	f.left.Store(1 << 40)
	id, err := h.engine.Start(t.Context(), letter, json.RawMessage(`{"topic":"tides"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for last := h.rest(id).LastSeq; ; {
		var all []server.Change
		e, ok := l.next()
		if err := json.Unmarshal([]byte(e.data), &all); !ok || err != nil {
			t.Fatalf("told is %+v, %v", e, err)
		}
		if all[0].Seq >= last {
			break
		}
	}
	if read := 1<<40 - f.left.Load(); read != 0 {
		t.Errorf("%d times a history was read", read)
	}
}

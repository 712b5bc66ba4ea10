package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/client"
)

// When a run is removed whoever listens to it is told, and hears another one that is begun
// under its id from its start.
func TestRunBegunAnew(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "sqlite": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			h := open(t, dir, nil)
			rec := h.start(`{"topic":"tides","secret":"walrus-77"}`)
			path := "/api/v1/runs/" + string(rec.ID)
			l := h.listen(vera, path+"/stream")
			followed := make(chan client.Message, 1000)
			go func() {
				defer close(followed)
				for m, err := range client.New(h.URL, vera).Follow(t.Context(), rec.ID, 0) {
					if err != nil {
						t.Error(err)
					}
					followed <- m
				}
			}()
			hear := func(upTo pawl.Seq) (all []heard) {
				for {
					e, ok := l.next()
					if !ok {
						t.Fatalf("the stream ended after %+v", all)
					}
					if e.event == "piece" {
						continue
					}
					all = append(all, e)
					var ev pawl.Event
					if json.Unmarshal([]byte(e.data), &ev); e.event == "event" && ev.Seq >= upTo {
						return all
					}
				}
			}
			hear(rec.LastSeq)
			for range rec.LastSeq {
				<-followed
			}
			want[any](h, 204, otto, "DELETE", path, nil)
			id, err := h.engine.Start(t.Context(), letter, json.RawMessage(`{"topic":"moon","secret":"heron-99"}`), &pawl.StartOptions{ID: rec.ID})
			if err != nil || id != rec.ID {
				t.Fatal(id, err)
			}
			anew := h.rest(rec.ID)
			if e, _ := l.next(); e.event != "reset" || e.id != "0" {
				t.Fatalf("behind what was removed comes %+v", e)
			}
			if e, ok := l.next(); ok { // else it had ended before the new one was there
				if e.id != "1" {
					t.Fatalf("behind reset comes %+v", e)
				}
				l.resp.Body.Close()
			}
			l = h.listen(vera, path+"/stream", header("Last-Event-ID", "0"))
			events := want[[]pawl.Event](h, 200, vera, "GET", path+"/events?limit=1000", nil)
			for i, e := range hear(anew.LastSeq) {
				var ev pawl.Event
				if err := json.Unmarshal([]byte(e.data), &ev); err != nil || ev.Seq != pawl.Seq(i+1) || ev.Hash != events[i].Hash || strings.Contains(e.data, "heron-99") {
					t.Fatalf("event %d of the new run is %+v, %v", i+1, e, err)
				}
			}
			h.ask(otto, "POST", path+"/cancel", nil)
			for m := range followed {
				if m.Reset {
					break
				}
			}
			seen := pawl.Seq(0)
			for m := range followed {
				if m.Event != nil {
					if m.Event.Seq != seen+1 {
						t.Fatalf("behind %d comes %d", seen, m.Event.Seq)
					}
					seen++
				}
			}
			if last := h.rest(rec.ID).LastSeq; seen != last {
				t.Errorf("the client heard %d of %d events", seen, last)
			}
		})
	}
}

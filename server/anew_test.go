package server_test

import (
	"encoding/json"
	"fmt"
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
				if !strings.HasPrefix(e.id, "1-") {
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

// Who was away while a run was removed and another one begun under its id is told so, and
// hears the other one from its start, however far it has come. An id that does not say which
// run it is of counts by its number alone.
func TestRunBegunAnewMeanwhile(t *testing.T) {
	h := open(t, "", nil)
	rec := h.start(`{"topic":"tides"}`)
	path := "/api/v1/runs/" + string(rec.ID)
	l := h.listen(vera, path+"/stream")
	var ids []string
	for range rec.LastSeq {
		e, _ := l.next()
		ids = append(ids, e.id)
	}
	l.resp.Body.Close()
	last := ids[len(ids)-1]
	if l := h.listen(vera, path+"/stream", header("Last-Event-ID", ids[2])); l.resp.StatusCode != 200 {
		t.Fatal(l.resp.Status)
	} else if e, _ := l.next(); e.id != ids[3] {
		t.Fatalf("behind %s comes %+v", ids[2], e)
	}
	for _, id := range []string{"3-", "3-" + strings.Repeat("a", 80), "-1-aaaaaaaa", "x-aaaaaaaa", "-"} {
		want[any](h, 422, vera, "GET", path+"/stream", nil, header("Last-Event-ID", id))
	}
	want[any](h, 204, otto, "DELETE", path, nil)
	want[any](h, 404, vera, "GET", path+"/stream", nil, header("Last-Event-ID", last))
	begin := func(input string) pawl.RunRecord {
		if _, err := h.engine.Start(t.Context(), letter, json.RawMessage(input), &pawl.StartOptions{ID: rec.ID}); err != nil {
			t.Fatal(err)
		}
		return h.rest(rec.ID)
	}
	hear := func(id string, upTo pawl.Seq) {
		t.Helper()
		l := h.listen(vera, path+"/stream", header("Last-Event-ID", id))
		if e, _ := l.next(); e.event != "reset" || e.id != "0" {
			t.Fatalf("behind %s of the run that was removed comes %+v", id, e)
		}
		for seq := range upTo {
			if e, _ := l.next(); !strings.HasPrefix(e.id, fmt.Sprint(seq+1, "-")) {
				t.Fatalf("behind %d comes %+v", seq, e)
			}
		}
		l.resp.Body.Close()
	}
	other := begin(`{"topic":"moon"}`)
	for _, id := range []string{ids[2], last, "1000" + last[strings.Index(last, "-"):]} {
		hear(id, other.LastSeq)
	}
	if e, _ := h.listen(vera, path+"/stream", header("Last-Event-ID", "3")).next(); !strings.HasPrefix(e.id, "4-") {
		t.Errorf("behind 3 comes %+v", e)
	}
	want[pawl.RunRecord](h, 202, otto, "POST", path+"/cancel", nil)
	other = h.rest(rec.ID)
	hear(fmt.Sprint(other.LastSeq, last[strings.Index(last, "-"):]), other.LastSeq)
	want[any](h, 204, vera, "GET", path+"/stream", nil, header("Last-Event-ID", fmt.Sprint(other.LastSeq)))
}

package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/relay"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/server"
)

// heard is one server-sent event.
type heard struct{ id, event, data string }

// listener reads a stream.
type listener struct {
	t     *testing.T
	resp  *http.Response
	lines *bufio.Scanner
}

func (h *house) listen(token, path string, change ...func(*http.Request)) *listener {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", h.URL+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for _, c := range change {
		c(req)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { cancel(); resp.Body.Close() })
	l := &listener{t: h.t, resp: resp, lines: bufio.NewScanner(resp.Body)}
	l.lines.Buffer(nil, 32<<20)
	return l
}

// next returns the next event; false: the stream has ended.
func (l *listener) next() (e heard, ok bool) {
	for l.lines.Scan() {
		name, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.event = value
		case "data":
			e.data = value
		case "":
			if e.event != "" {
				return e, true
			}
		}
	}
	return e, false
}

// rest returns what comes until the stream ends.
func (l *listener) rest() (all []heard) {
	for {
		e, ok := l.next()
		if !ok {
			return all
		}
		all = append(all, e)
	}
}

// A run is followed from its start, or from where one has been before, to its end, without
// gap or double; behind the end nothing comes.
func TestStreamOfARun(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "sqlite": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			h := open(t, dir, nil)
			rec := want[pawl.RunRecord](h, 201, otto, "POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"tides","secret":"walrus-77"}}`)
			path := "/api/v1/runs/" + string(rec.ID) + "/stream"
			first := h.listen(vera, path)
			if first.resp.StatusCode != 200 || first.resp.Header.Get("Content-Type") != "text/event-stream" {
				t.Fatalf("%d %v", first.resp.StatusCode, first.resp.Header)
			}
			rec = h.rest(rec.ID)
			second := h.listen(vera, path, header("Last-Event-ID", "3"))
			want[pawl.RunRecord](h, 200, olga, "POST", "/api/v1/runs/"+string(rec.ID)+"/decisions", h.decision(rec, "approve"))
			rec = h.rest(rec.ID)
			events := want[[]pawl.Event](h, 200, vera, "GET", "/api/v1/runs/"+string(rec.ID)+"/events?limit=1000", nil)
			for from, l := range map[int]*listener{0: first, 3: second, 5: h.listen(vera, path+"?after=5")} {
				all := l.rest()
				if len(all) != len(events)-from+1 || all[len(all)-1].event != "end" {
					t.Fatalf("from %d %d messages came for %d events: %+v", from, len(all), len(events), all)
				}
				for i, e := range all[:len(all)-1] {
					var ev pawl.Event
					if err := json.Unmarshal([]byte(e.data), &ev); err != nil || e.id != idOf(events, from+i) || ev.Hash != events[from+i].Hash || e.event != "event" {
						t.Errorf("message %d is %+v, %v", i, e, err)
					}
					if strings.Contains(e.data, "walrus") {
						t.Errorf("a secret is told: %s", e.data)
					}
				}
			}
			if l := h.listen(vera, path, header("Last-Event-ID", fmt.Sprint(len(events)))); l.resp.StatusCode != 204 {
				t.Errorf("behind the end: %d", l.resp.StatusCode)
			}
			want[server.Problem](h, 422, vera, "GET", path, nil, header("Last-Event-ID", "x"))
			want[server.Problem](h, 404, vera, "GET", "/api/v1/runs/000000000000/stream", nil)
			want[server.Problem](h, 401, "", "GET", path, nil)
		})
	}
}

// idOf is the id of one of a run's events in its stream.
func idOf(events []pawl.Event, i int) string {
	return fmt.Sprintf("%d-%.8s", events[i].Seq, strings.TrimPrefix(events[0].Hash, "sha256:"))
}

// All runs are followed by one stream, which goes on where it was; where that is not known
// any more, it says so.
func TestStreamOfAllRuns(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "sqlite": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			h := open(t, dir, nil)
			h.start(`{"topic":"before"}`)
			l := h.listen(vera, "/api/v1/stream")
			one, two := h.start(`{"topic":"one"}`), h.start(`{"topic":"two"}`)
			var all []heard
			seen := map[pawl.RunID]pawl.Seq{}
			read := func(l *listener) {
				for seen[one.ID] < one.LastSeq || seen[two.ID] < two.LastSeq {
					e, ok := l.next()
					if !ok {
						t.Fatalf("the stream ended after %+v", all)
					}
					var ev pawl.Event
					if err := json.Unmarshal([]byte(e.data), &ev); err != nil || ev.Seq != seen[ev.Run]+1 {
						t.Fatalf("%+v comes behind %+v, %v", e, seen, err)
					}
					seen[ev.Run], all = ev.Seq, append(all, e)
				}
			}
			read(l)
			l.resp.Body.Close()
			missed := all[4:]
			clear(seen)
			for _, e := range all[:4] {
				var ev pawl.Event
				json.Unmarshal([]byte(e.data), &ev)
				seen[ev.Run] = ev.Seq
			}
			all = nil
			read(h.listen(vera, "/api/v1/stream", header("Last-Event-ID", missed[0].id), func(r *http.Request) { r.Header.Set("Last-Event-ID", idBefore(missed, 0, h)) }))
			for i := range missed {
				if all[i].id != missed[i].id {
					t.Errorf("event %d has id %s, and had %s", i, all[i].id, missed[i].id)
				}
			}
			want[pawl.RunRecord](h, 202, otto, "POST", "/api/v1/runs/"+string(two.ID)+"/cancel", nil)
			h.rest(two.ID)
			h.ask(otto, "DELETE", "/api/v1/runs/"+string(two.ID), nil)
			e, _ := h.listen(vera, "/api/v1/stream?after="+missed[len(missed)-1].id).next()
			if e.event != "reset" {
				t.Errorf("behind what was removed comes %+v", e)
			}
			want[server.Problem](h, 422, vera, "GET", "/api/v1/stream?after=x", nil)
			want[server.Problem](h, 404, vera, "GET", "/api/v1/stream?pieces=000000000000", nil)
		})
	}
}

// idBefore is the id of the event before a missed one.
func idBefore(missed []heard, i int, h *house) string {
	var ev pawl.Event
	json.Unmarshal([]byte(missed[i].data), &ev)
	l := h.listen(vera, "/api/v1/stream?after="+firstID(h))
	last := firstID(h)
	for {
		e, ok := l.next()
		if !ok || e.id == missed[i].id {
			return last
		}
		last = e.id
	}
}

// firstID is the id of the first event of all.
func firstID(h *house) string {
	h.t.Helper()
	runs := want[[]pawl.RunSummary](h, 200, vera, "GET", "/api/v1/runs", nil)
	first := want[[]pawl.Event](h, 200, vera, "GET", "/api/v1/runs/"+string(runs[len(runs)-1].ID)+"/events", nil)[0]
	return "1-" + strings.TrimPrefix(first.Hash, "sha256:")[:16]
}

// Pieces of an answer come while it is written, without id, whole for whoever comes in the
// middle, and masked.
func TestPieces(t *testing.T) {
	r := relay.New("", nil)
	t.Cleanup(r.Close)
	said, goOn, heard := make(chan struct{}), make(chan struct{}), make(chan struct{})
	slow := llm.Catalog{"test": llm.Func(func(_ context.Context, req llm.Request, tell func(llm.Delta)) (llm.Response, error) {
		if req.Meta.Key == "parts[0]/write" {
			tell(llm.Delta{Text: `{"text":"Dear walrus-77`})
			close(said)
			<-goOn
			tell(llm.Delta{Text: ` and sea","words":2}`})
			<-heard // pieces and events are not told in turn: the answer waits for the listener
		}
		return llm.Response{Text: `{"text":"Dear walrus-77 and sea","words":2}`}, nil
	})}
	h := openWith(t, "", slow, r.Tell, func(o *server.Options) {
		o.Pieces = func(ctx context.Context, run pawl.RunID, tell func(pawl.Piece)) {
			l := r.Listen(run)
			defer l.Close()
			for {
				for _, p := range l.Take() {
					tell(p)
				}
				select {
				case <-l.Ready():
				case <-ctx.Done():
					return
				}
			}
		}
	})
	rec := want[pawl.RunRecord](h, 201, otto, "POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"tides","secret":"walrus-77"}}`)
	<-said
	path := "/api/v1/runs/" + string(rec.ID) + "/stream"
	first := h.listen(vera, path)
	text := func(l *listener, until string) (all string) {
		for !strings.Contains(all, until) {
			e, ok := l.next()
			if !ok {
				t.Fatalf("the stream ended after %q", all)
			}
			if e.event == "event" && strings.Contains(e.data, `"attempt"`) && strings.Contains(e.data, "parts[0]") {
				t.Fatalf("the answer came before its pieces: %q", all)
			}
			var p pawl.Piece
			if e.event == "piece" {
				if err := json.Unmarshal([]byte(e.data), &p); err != nil || e.id != "" || p.Run != rec.ID {
					t.Errorf("%+v, %v", e, err)
				}
				all += p.Text
			}
		}
		return all
	}
	begun := text(first, "Dear ")
	second := h.listen(vera, "/api/v1/stream?pieces="+string(rec.ID))
	text(second, "Dear ")
	close(goOn)
	if whole := begun + text(first, "sea"); !strings.HasPrefix(whole, `{"text":"Dear *** and sea`) {
		t.Errorf("the pieces are %q", whole)
	}
	close(heard)
	h.rest(rec.ID)
}

// As many streams are open as may be; of 1,000 more each is refused, and the server and
// the runs are none the worse for it.
func TestTooManyStreams(t *testing.T) {
	h := open(t, "", func(o *server.Options) { o.Streams = 20 })
	rec := h.start(`{"topic":"tides"}`)
	path := "/api/v1/runs/" + string(rec.ID) + "/stream"
	var open []*listener
	for range 20 {
		l := h.listen(vera, path)
		if _, ok := l.next(); !ok || l.resp.StatusCode != 200 {
			t.Fatalf("%d", l.resp.StatusCode)
		}
		open = append(open, l)
	}
	for n := range 1000 {
		if a := h.ask(vera, "GET", path, nil); a.StatusCode != 503 || a.Header.Get("Retry-After") == "" {
			t.Fatalf("stream %d is answered with %d %s", 20+n, a.StatusCode, a.text)
		}
	}
	want[pawl.RunRecord](h, 200, olga, "POST", "/api/v1/runs/"+string(rec.ID)+"/decisions", h.decision(rec, "approve"))
	for _, l := range open {
		if all := l.rest(); len(all) == 0 || all[len(all)-1].event != "end" {
			t.Errorf("a stream ended with %+v", all)
		}
	}
}

// Listeners who do not read slow nobody: the run comes to its end, and
// who reads gets all of it.
func TestStuckReader(t *testing.T) {
	h := open(t, "", nil)
	const n = 600
	rec := want[pawl.RunRecord](h, 201, otto, "POST", "/api/v1/runs", fmt.Sprintf(`{"flow":"many","input":{"n":%d,"text":%q}}`, n, strings.Repeat("x", 20_000)))
	path := "/api/v1/runs/" + string(rec.ID) + "/stream"
	for range 20 {
		conn, err := net.Dial("tcp", h.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n", path, vera)
	}
	reads := h.listen(vera, path)
	done := h.rest(rec.ID)
	if done.Status != pawl.StatusDone {
		t.Fatalf("the run is %s: %s", done.Status, done.Reason)
	}
	seen, last := pawl.Seq(0), "0"
	for seen < done.LastSeq { // it may be dropped, too, and comes again
		for _, e := range reads.rest() {
			if e.event == "event" {
				if number, _, _ := strings.Cut(e.id, "-"); number != fmt.Sprint(seen+1) {
					t.Fatalf("behind %d comes %s", seen, e.id)
				}
				seen, last = seen+1, e.id
			}
		}
		reads = h.listen(vera, path, header("Last-Event-ID", last))
	}
}

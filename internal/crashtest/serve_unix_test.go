//go:build unix

package crashtest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/client"
	"github.com/pawlrun/pawl/internal/responsestest"
)

// served is a server of a home, which is killed and started again at one address.
type served struct {
	*home
	addr  string
	token string
	*client.Client
}

func (h *home) serve() *served {
	h.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	s := &served{home: h, addr: l.Addr().String()}
	l.Close()
	p := h.start("", "token", "add", "tester", "--role", "operator", "--json")
	p.exits(0)
	var made struct{ Token string }
	if err := json.Unmarshal(p.stdout.Bytes(), &made); err != nil {
		h.t.Fatal(err)
	}
	s.token = made.Token
	s.Client = client.New("http://"+s.addr, s.token)
	return s
}

// up starts the server and waits until it listens.
func (s *served) up() *process {
	s.t.Helper()
	p := s.start("", "serve", "--addr", s.addr, "--limit", "40")
	p.says("serving at")
	return p
}

// get returns what the server answers to a GET.
func (s *served) get(path string) (int, string) {
	s.t.Helper()
	req, _ := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.addr+path, nil)
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	_ = resp.Write(&b)
	return resp.StatusCode, b.String()
}

// A server that is killed again and again under 200 runs loses none of them and pays for
// nothing twice but what was in flight; 50 streams go on where they were, without a gap and
// without an event twice.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	runs, streams := 200, 50
	if testing.Short() {
		runs, streams = 40, 20
	}
	s := newHome(t, articleApproved).serve()
	after := func(n int) func(responsestest.Call) bool {
		return func(c responsestest.Call) bool { return c.N > n }
	}
	release := s.provider.holding(after(runs / 2))
	p := s.up()
	ids := make([]pawl.RunID, runs)
	for i := range ids {
		start := client.Start{Flow: "article", Input: json.RawMessage(fmt.Sprintf(`{"topic": "tide %d"}`, i)), Key: fmt.Sprint("order ", i)}
		rec, err := s.Start(t.Context(), start)
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = rec.ID
		if again, err := s.Start(t.Context(), start); err != nil || again.ID != rec.ID {
			t.Fatalf("the same order again is run %s, %v", again.ID, err)
		}
	}
	var following sync.WaitGroup
	for _, id := range ids[:streams] {
		following.Go(func() {
			var last pawl.Seq
			for m, err := range s.Follow(t.Context(), id, 0) {
				switch {
				case err != nil:
					t.Errorf("stream of %s after %d: %v", id, last, err)
				case m.Event == nil:
				case m.Event.Seq != last+1:
					t.Errorf("stream of %s has event %d behind %d", id, m.Event.Seq, last)
					fallthrough
				default:
					last = m.Event.Seq
				}
			}
		})
	}
	const atOnce = 40 // runs, each with one call in flight; see up
	for _, next := range []func(responsestest.Call) bool{after(2 * runs), none} {
		p.holds(s.provider, 5) // so many at least are in flight when it dies
		p.kill()
		for len(s.provider.came) > 0 {
			<-s.provider.came
		}
		release()
		release = s.provider.holding(next)
		p = s.up()
	}
	following.Wait()
	for _, id := range ids {
		for _, err := range s.Follow(t.Context(), id, 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
		rec, err := s.Run(t.Context(), id)
		if err != nil || rec.Status != pawl.StatusDone {
			t.Errorf("run %s is %s: %v", id, rec.Status, err)
		}
	}
	if n, least := len(s.provider.Calls()), 3*runs; n < least || n > least+2*atOnce {
		t.Errorf("%d calls for %d steps, and two kills with at most %d in flight", n, least, atOnce)
	}
	s.checkIntegrity()
	db := s.open()
	defer s.closing(db)
	for _, id := range ids {
		s.events(db, id)
	}
}

// A server says whether it is ready and how it does, and ends when it is told to: what it
// has not finished, the next one does.
func TestServerEnds(t *testing.T) {
	t.Parallel()
	s := newHome(t, articleApproved).serve()
	p := s.up()
	if code, _ := s.get("/readyz"); code != http.StatusOK {
		t.Errorf("/readyz: %d", code)
	}
	release := s.provider.holding(number(2))
	rec, err := s.Start(t.Context(), client.Start{Flow: "article", Input: json.RawMessage(articleInput)})
	if err != nil {
		t.Fatal(err)
	}
	p.holds(s.provider, 1)
	if code, text := s.get("/metrics"); code != http.StatusOK || !strings.Contains(text, "gen_ai_client_operation_duration") {
		t.Errorf("/metrics: %d\n%s", code, text)
	}
	if resp, err := http.Get("http://" + s.addr + "/metrics"); err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("/metrics without a token: %v, %v", resp, err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.says("calls in flight")
	release()
	s.provider.holding(none)
	p.exits(143)
	s.up()
	for _, err := range s.Follow(t.Context(), rec.ID, 0) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if rec, err = s.Run(t.Context(), rec.ID); err != nil || rec.Status != pawl.StatusDone || unknowns(rec) != 0 {
		t.Errorf("run is %s with %d unknown attempts: %v", rec.Status, unknowns(rec), err)
	}
	if n := len(s.provider.Calls()); n != articleApproved.calls {
		t.Errorf("%d calls", n)
	}
}

//go:build unix

package crashtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/client"
	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/schedule"
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

// beside is another server of the same home.
func (s *served) beside() *served {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	addr := l.Addr().String()
	return &served{home: s.home, addr: addr, token: s.token, Client: client.New("http://"+addr, s.token)}
}

// up starts the server and waits until it listens.
func (s *served) up() *process {
	s.t.Helper()
	p := s.start("", "serve", "--addr", s.addr, "--limit", strconv.Itoa(serveLimit))
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
// without an event twice; and of a schedule that is due each minute, and has been for an hour
// when the server begins, each time is run once.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	runs, streams, minutes := 200, 50, 60
	if testing.Short() {
		runs, streams, minutes = 40, 20, 20
	}
	s := newHome(t, articleApproved).serve()
	minutely := s.minutely(schedule.MissedAll, time.Now().Add(-time.Duration(minutes)*time.Minute))
	ids := s.killedUnder(runs, streams, s.up, 2, func() { s.pause(minutely) })
	made := s.runsOf(minutely)
	if all := minutesOf(minutely, len(made)); len(made) < minutes || !slices.Equal(made, all) {
		t.Errorf("%d runs of a schedule that was due each minute for %d, with gaps: %v", len(made), minutes, made)
	}
	s.checkDone(append(ids, made...))
}

// killedUnder starts runs and follows some of them, while the server is killed and started
// again so many times, with calls in flight. It returns the runs when the streams are at
// their ends, and calls before, if not nil, ahead of the last look at them.
func (s *served) killedUnder(runs, streams int, up func() *process, kills int, before func()) []pawl.RunID {
	s.t.Helper()
	after := func(n int) func(responsestest.Call) bool {
		return func(c responsestest.Call) bool { return c.N > n }
	}
	release := s.provider.holding(after(runs / 2))
	p := up()
	ids := make([]pawl.RunID, runs)
	for i := range ids {
		start := client.Start{Flow: "article", Input: json.RawMessage(fmt.Sprintf(`{"topic": "tide %d"}`, i)), Key: fmt.Sprint("order ", i)}
		rec, err := s.Start(s.t.Context(), start)
		if err != nil {
			s.t.Fatal(err)
		}
		ids[i] = rec.ID
		if again, err := s.Start(s.t.Context(), start); err != nil || again.ID != rec.ID {
			s.t.Fatalf("the same order again is run %s, %v", again.ID, err)
		}
	}
	var following sync.WaitGroup
	for _, id := range ids[:streams] {
		following.Go(func() {
			var last pawl.Seq
			for m, err := range s.Follow(s.t.Context(), id, 0) {
				switch {
				case err != nil:
					s.t.Errorf("stream of %s after %d: %v", id, last, err)
				case m.Event == nil:
				case m.Event.Seq != last+1:
					s.t.Errorf("stream of %s has event %d behind %d", id, m.Event.Seq, last)
					fallthrough
				default:
					last = m.Event.Seq
				}
			}
		})
	}
	for n := range kills {
		p.holds(s.provider, 5) // so many at least are in flight when it dies
		p.kill()
		for len(s.provider.came) > 0 {
			<-s.provider.came
		}
		release()
		next := none
		if n < kills-1 {
			next = after(len(s.provider.Calls()) + runs/2)
		}
		release = s.provider.holding(next)
		p = up()
	}
	following.Wait()
	before()
	return ids
}

// pause has no more runs be made of a schedule.
func (s *served) pause(is schedule.Schedule) {
	s.t.Helper()
	if err := s.Do(s.t.Context(), http.MethodPost, "/schedules/"+is.Name+"/pause", nil, nil); err != nil {
		s.t.Fatal(err)
	}
}

// checkDone waits until all runs are done, and checks that no more was paid for than what was
// in flight at two kills.
func (s *served) checkDone(ids []pawl.RunID) {
	s.t.Helper()
	for _, id := range ids {
		for _, err := range s.Follow(s.t.Context(), id, 0) {
			if err != nil {
				s.t.Fatal(err)
			}
		}
		rec, err := s.Run(s.t.Context(), id)
		if err != nil || rec.Status != pawl.StatusDone {
			s.t.Errorf("run %s is %s: %v", id, rec.Status, err)
		}
	}
	if n, least := len(s.provider.Calls()), articleApproved.calls*len(ids); n < least || n > least+2*serveLimit {
		s.t.Errorf("%d calls for %d steps, and two kills with at most %d in flight", n, least, serveLimit)
	}
	s.checkIntegrity()
	db := s.open()
	defer s.closing(db)
	for _, id := range ids {
		s.events(db, id)
	}
}

// minutely stores a schedule of each minute since then, none of which waits for another.
func (s *served) minutely(missed schedule.Missed, since time.Time) schedule.Schedule {
	s.t.Helper()
	db := s.open()
	defer s.closing(db)
	is := schedule.Schedule{Name: "minutely-" + string(missed), Flow: "article", Cron: "* * * * *", Input: json.RawMessage(articleInput), CreatedAt: pawl.At(since), Until: pawl.At(since),
		Missed: missed, MissedLimit: schedule.MaxWaiting, Overlap: schedule.OverlapAllow}
	var err error
	if is.Input, err = articleApproved.flow.CheckInput(is.Input); err == nil {
		err = db.AddSchedule(s.t.Context(), is)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return is
}

// minutesOf returns the ids of the runs of a schedule's first n minutes.
func minutesOf(is schedule.Schedule, n int) []pawl.RunID {
	ids := make([]pawl.RunID, n)
	at := is.CreatedAt.Truncate(time.Minute)
	for i := range ids {
		at = at.Add(time.Minute)
		ids[i] = is.RunID(pawl.At(at))
	}
	return ids
}

// runsOf returns the runs of a schedule in the order of its times.
func (s *served) runsOf(is schedule.Schedule) (ids []pawl.RunID) {
	s.t.Helper()
	runs, err := s.Runs(s.t.Context(), url.Values{"limit": {"500"}, "flow": {"article"}})
	if err != nil {
		s.t.Fatal(err)
	}
	made := map[pawl.RunID]bool{}
	for _, r := range runs {
		if r.Schedule == is.Name {
			made[r.ID] = true
		}
	}
	const most = 2000 // minutes that any test is about
	for _, id := range minutesOf(is, most) {
		if made[id] {
			ids = append(ids, id)
		}
	}
	if len(ids) != len(made) {
		s.t.Fatalf("%d runs of the schedule %s, of which %d are of its times", len(made), is.Name, len(ids))
	}
	return ids
}

// Two servers on one data directory are as one: what is started through one is seen,
// followed and decided on through the other, and a key makes one run. One that is told to end
// does so while its successor is there already; the other has what it leaves, and nothing is
// paid for twice.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	one := newHome(t, articleApproved).serve()
	two := one.beside()
	p, _ := one.up(), two.up()
	start := client.Start{Flow: "article", Input: json.RawMessage(`{"topic": "tides", "approve": true}`), Key: "order 7"}
	ids := make(chan pawl.RunID, 8)
	for i := range cap(ids) {
		go func() {
			rec, err := []*served{one, two}[i%2].Start(t.Context(), start)
			if err != nil {
				t.Error(err)
			}
			ids <- rec.ID
		}()
	}
	id := <-ids
	for range cap(ids) - 1 {
		if other := <-ids; other != id {
			t.Errorf("one key made the runs %s and %s", id, other)
		}
	}
	decided := false
	var last pawl.Seq
	for m, err := range two.Follow(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if m.Event == nil {
			continue
		}
		if last++; m.Event.Seq != last {
			t.Errorf("behind %d comes %d", last-1, m.Event.Seq)
		}
		if m.Event.Type != pawl.EventBlocker || decided {
			continue
		}
		inbox, err := one.Inbox(t.Context())
		if err != nil || len(inbox) != 1 || inbox[0].Run != id {
			t.Fatalf("the inbox is %+v, %v", inbox, err)
		}
		d := client.Decision{Key: inbox[0].Key, What: pawl.DecideApprove, Digest: inbox[0].Digest}
		if _, err := one.Decide(t.Context(), id, d); err != nil {
			t.Fatal(err)
		}
		decided = true
		if _, err := two.Decide(t.Context(), id, d); !errors.Is(err, pawl.ErrConflict) {
			t.Errorf("deciding once more through the other: %v", err)
		}
	}
	if !decided {
		t.Error("nothing was asked")
	}

	const runs = 100 // more than both execute at once
	before := len(one.provider.Calls())
	release := one.provider.holding(func(c responsestest.Call) bool { return c.N > before+runs/4 })
	var left []pawl.RunID
	for i := range runs {
		rec, err := []*served{one, two}[i%2].Start(t.Context(), client.Start{Flow: "article", Input: json.RawMessage(articleInput)})
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, rec.ID)
	}
	p.holds(one.provider, 2*serveLimit)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.says("calls in flight")
	one.up() // in its place, while it ends
	release()
	one.provider.holding(none)
	p.exits(143)
	for i, id := range left {
		through := []*served{two, one}[i%2]
		for _, err := range through.Follow(t.Context(), id, 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if rec, err := through.Run(t.Context(), id); err != nil || rec.Status != pawl.StatusDone || unknowns(rec) != 0 {
			t.Errorf("run is %s with %d unknown attempts: %v", rec.Status, unknowns(rec), err)
		}
	}
	if n := len(one.provider.Calls()) - before; n != articleApproved.calls*runs {
		t.Errorf("%d calls for %d steps", n, articleApproved.calls*runs)
	}
	one.checkIntegrity()
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

package notifier_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/notifier"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/notice"
)

var update = flag.Bool("update", false, "write testdata anew")

// A run that waits, goes on and ends is told of each time, within a second, signed, and
// without what is in it.
func TestTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, h := memory(t), newHook(t, nil)
		n := p.start(h, func(o *notifier.Options) {
			o.Link = func(run pawl.RunID) string { return "http://127.0.0.1:7295/api/v1/runs/" + string(run) }
		})
		if err := n.Start(t.Context()); err != nil { // again: it does nothing
			t.Error(err)
		}
		id := p.run(letter, "tides")
		time.Sleep(1500 * time.Millisecond)
		p.decide(id, pawl.Decision{Key: "send", What: pawl.DecideApprove})
		time.Sleep(30 * time.Minute)
		if got := h.says(); !slices.Equal(got, []string{"run.waiting"}) { // it sleeps now
			t.Fatalf("told are %v", got)
		}
		time.Sleep(time.Hour)
		p.decide(id, pawl.Decision{Key: "print", What: pawl.DecideApprove})
		time.Sleep(1500 * time.Millisecond)
		other := p.run(letter, "moons")
		p.decide(other, pawl.Decision{Key: "send", What: pawl.DecideReject, Comment: "not today"})
		n.Stop()
		n.Stop()
		if got := h.says(); !slices.Equal(got[:3], []string{"run.waiting", "run.waiting", "run.done"}) || !slices.Contains(got, "run.canceled") {
			t.Errorf("told are %v", got)
		}
		calls := h.got()
		ids := map[string]bool{}
		for _, c := range calls {
			ids[c.id] = true
			if late := c.at.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); late > 3*time.Hour {
				t.Errorf("told at %v", c.at)
			}
		}
		if len(ids) != len(calls) {
			t.Errorf("ids are %v", ids)
		}
		golden(t, "testdata/waiting.json", strings.NewReplacer(string(id), "0123456789ab").Replace(calls[0].body))
		for i, is := range p.notices(id) {
			if is.ToldAt == nil || is.GaveUpAt != nil || is.Tries != 0 || is.Since != nil || is.ID != calls[i].id || is.To != "http://hook.example/***" {
				t.Errorf("notice %d is %+v, call %s", i, is, calls[i].id)
			}
		}
		p.close()
	})
}

// golden compares JSON with a file, whatever of it is random.
func golden(t *testing.T, file, got string) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(got), "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	if *update {
		if err := os.WriteFile(file, indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || indented.String() != string(want) {
		t.Errorf("%s: %v; got\n%s", file, err, indented.String())
	}
}

// What is no news is not told: a run that came to rest before, one that comes back to where
// it was, one that waits for a time or for a program, one that is paused.
func TestNoNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, h := memory(t), newHook(t, nil)
		before := p.run(letter, "before")
		n := p.start(h, nil)
		alone := p.run(waiting, "alone")
		time.Sleep(time.Minute)
		if got := h.says(); len(got) != 0 {
			t.Fatalf("told are %v", got)
		}
		p.decide(alone, pawl.Decision{Key: "first", What: pawl.DecideAnswer, Value: json.RawMessage(`"x"`)})
		time.Sleep(time.Minute)
		want := []string{"run.waiting"}
		if got := h.says(); !slices.Equal(got, want) {
			t.Fatalf("told are %v", got)
		}
		for _, key := range []pawl.Key{"both/await/paid", "both/await/paid#2"} { // events beside the question
			p.decide(alone, pawl.Decision{Key: key, What: pawl.DecideAnswer, Value: json.RawMessage(`"x"`)})
			for _, what := range []pawl.DirectiveKind{pawl.DirectPause, pawl.DirectResume} {
				if err := p.e.Direct(t.Context(), alone, pawl.Directive{What: what}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			time.Sleep(time.Minute)
		}
		again := open(t, p.j) // another process takes it up
		for _, id := range []pawl.RunID{alone, before} {
			if err := again.e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		if got := h.says(); !slices.Equal(got, want) {
			t.Errorf("told are %v", got)
		}
		failing := p.run(letter, "failing")
		time.Sleep(time.Hour)
		p.decide(failing, pawl.Decision{Key: "send", What: pawl.DecideApprove})
		time.Sleep(time.Hour)
		p.decide(failing, pawl.Decision{Key: "post", What: pawl.DecideRetry})
		time.Sleep(time.Hour)
		want = append(want, "run.waiting", "run.failed", "run.failed")
		if got := h.says(); !slices.Equal(got, want) {
			t.Errorf("told are %v, want %v", got, want)
		}
		n.Stop()
		p.close()
	})
}

// A receiver that is down is told when it is up, by whoever works then, of each rest once. Its
// runs do not wait for that.
func TestDownThenUp(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		process := func() place {
			db, err := sqlite.Open(t.Context(), dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			return open(t, db)
		}
		h := newHook(t, nil)
		h.pipes.setDown(true)
		p := process()
		n := p.start(h, nil)
		var ids []pawl.RunID
		for range 20 {
			id := p.run(quick, "tides")
			ids = append(ids, id)
			if rec, err := p.e.Get(t.Context(), id); err != nil || rec.Status != pawl.StatusDone {
				t.Fatalf("run %+v, %v", rec.Status, err)
			}
		}
		time.Sleep(time.Minute)
		if dials := h.pipes.dialed(); dials < 4 || dials > 10 {
			t.Errorf("tried %d times in a minute", dials) // one at a time, and less and less often
		}
		time.Sleep(3 * time.Hour)
		if dials := h.pipes.dialed(); dials < 100 || dials > 20+3*120 {
			t.Errorf("tried %d times in three hours", dials) // once a minute at the least, and twice at the most
		}
		for _, id := range ids {
			if is := p.notices(id)[0]; is.ToldAt != nil || is.GaveUpAt != nil || is.Since == nil || is.Problem != "connection refused" {
				t.Fatalf("notice is %+v", is)
			}
		}
		n.Stop()
		p.close()
		h.pipes.setDown(false)
		p = process()
		n = p.start(h, nil)
		time.Sleep(time.Hour)
		n.Stop()
		told := map[string]int{}
		for _, c := range h.got() {
			told[c.id]++
		}
		for _, id := range ids {
			if is := p.notices(id)[0]; is.ToldAt == nil || is.Problem != "" || told[is.ID] != 1 {
				t.Errorf("notice is %+v, told %d times", is, told[is.ID])
			}
		}
		p.close()
		if log := h.log.String(); strings.Count(log, "cannot be told") != 1 || strings.Contains(log, "otter") {
			t.Errorf("logged is\n%s", log)
		}
	})
}

// What an answer makes of a notice.
func TestAnswers(t *testing.T) {
	ra := func(status int, after string) func(w http.ResponseWriter, n int) {
		return func(w http.ResponseWriter, n int) {
			if n == 1 {
				w.Header().Set("Retry-After", after)
				w.WriteHeader(status)
			}
		}
	}
	for name, test := range map[string]struct {
		answer   func(w http.ResponseWriter, n int)
		calls    int
		from, to time.Duration // of the last call
		problem  string        // after the first
		gaveUp   bool
	}{
		"200":                   {answers(200), 1, 0, time.Second, "", false},
		"500 once":              {answers(500), 2, time.Second, 4 * time.Second, "it answers 500 Internal Server Error", false},
		"500 five times":        {answers(500, 502, 503, 400, 404), 6, 30 * time.Second, 70 * time.Second, "it answers 500 Internal Server Error", false},
		"410":                   {answers(410, 410), 1, 0, time.Second, "it answers 410 Gone", true},
		"429, later":            {ra(429, "600"), 2, 600 * time.Second, 602 * time.Second, "it answers 429 Too Many Requests", false},
		"503, at a time":        {ra(503, "Sat, 01 Jan 2000 00:20:00 GMT"), 2, 20 * time.Minute, 20*time.Minute + 2*time.Second, "it answers 503 Service Unavailable", false},
		"429, in years":         {ra(429, "99999999"), 2, time.Hour, time.Hour + 2*time.Second, "it answers 429 Too Many Requests", false},
		"429, before":           {ra(429, "-7"), 2, time.Second, 4 * time.Second, "it answers 429 Too Many Requests", false},
		"500, later":            {ra(500, "600"), 2, time.Second, 4 * time.Second, "it answers 500 Internal Server Error", false},
		"redirect":              {func(w http.ResponseWriter, n int) { w.Header().Set("Location", "/elsewhere"); answers(302)(w, n) }, 2, time.Second, 4 * time.Second, "it answers 302 Found, and redirects are not followed", false},
		"an answer without end": {func(w http.ResponseWriter, _ int) { writeOn(w) }, 1, 0, time.Second, "", false},
		"headers without end":   {manyHeaders, 2, time.Second, 4 * time.Second, "net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded 65536 bytes; aborted", false},
		"slow":                  {func(w http.ResponseWriter, n int) { sleepOnce(w, n) }, 2, 11 * time.Second, 14 * time.Second, "no answer within 10s", false},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := memory(t), newHook(t, test.answer)
			n := p.start(h, func(o *notifier.Options) {
				o.Transport = &http.Transport{DialContext: h.pipes.dial, MaxResponseHeaderBytes: 64 << 10}
			})
			id := p.run(quick, "tides")
			for len(h.got()) == 0 {
				time.Sleep(100 * time.Millisecond)
			}
			for range 200 { // until it is noted
				if is := p.notices(id)[0]; is.ToldAt != nil || is.Tries > 0 {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			if is := p.notices(id)[0]; is.Problem != test.problem || (is.GaveUpAt != nil) != test.gaveUp || (is.Since != nil) != (test.problem != "") {
				t.Errorf("%s: notice is %+v", name, is)
			}
			time.Sleep(2 * time.Hour)
			calls := h.got()
			last := calls[len(calls)-1]
			if late := last.at.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); len(calls) != test.calls || late < test.from || late > test.to {
				t.Errorf("%s: %d calls, the last after %v", name, len(calls), late)
			}
			for _, c := range calls {
				if c.id != calls[0].id || c.body != calls[0].body {
					t.Errorf("%s: another try has another id or body", name)
				}
			}
			if is := p.notices(id)[0]; (is.ToldAt != nil) == test.gaveUp {
				t.Errorf("%s: notice is %+v", name, is)
			}
			n.Stop()
			p.close()
		})
	}
}

// writeOn writes until nobody reads.
func writeOn(w http.ResponseWriter) {
	for {
		if _, err := w.Write(make([]byte, 1<<10)); err != nil {
			return
		}
	}
}

func manyHeaders(w http.ResponseWriter, n int) {
	if n == 1 {
		w.Header().Set("X-Long", strings.Repeat("x", 100<<10))
	}
}

func sleepOnce(w http.ResponseWriter, n int) {
	if n == 1 {
		time.Sleep(time.Minute)
	}
}

// What nobody takes for a day is given up, and so is what nobody told. A receiver whom nobody
// tells any more is owed nothing.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, h := memory(t), newHook(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(500) })
		n := p.start(h, nil)
		tried := p.run(quick, "tides")
		time.Sleep(25 * time.Hour)
		n.Stop()
		untold := p.run(quick, "untold")
		time.Sleep(30 * time.Hour)
		late := p.run(quick, "late")
		if is := p.notices(untold)[0]; is.GaveUpAt == nil || !is.GaveUpAt.Equal(is.At.Add(24*time.Hour)) || is.Problem != "nobody told it for a day" || is.Since != nil {
			t.Errorf("untold, and nobody tells any more: %+v", is)
		}
		n = p.start(h, nil)
		calls := len(h.got())
		time.Sleep(time.Hour)
		n.Stop()
		if is := p.notices(tried)[0]; is.GaveUpAt == nil || is.Tries < 20 || is.Tries > 60 || is.Problem != "it answers 500 Internal Server Error" {
			t.Errorf("tried: %+v", is)
		}
		if is := p.notices(untold)[0]; is.GaveUpAt == nil || is.Tries != 0 || is.Problem != "nobody told it for a day" || is.Since != nil {
			t.Errorf("untold: %+v", is)
		}
		if all := p.notices(late); len(all) != 0 || len(h.got()) != calls {
			t.Errorf("late: %+v, %d calls more", all, len(h.got())-calls)
		}
		p.close()
	})
}

// How it stands with a receiver is stored again after a while: somebody else who tells it may
// have stored that nothing comes through.
func TestNotedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, h := memory(t), newHook(t, nil)
		k := &noting{Keeper: p.keeper()}
		n := p.start(h, func(o *notifier.Options) { o.Keeper = k })
		for _, wait := range []time.Duration{2 * time.Second, 2 * time.Minute, 2 * time.Second} {
			p.run(quick, "tides")
			time.Sleep(wait)
		}
		n.Stop()
		if got := strings.Join(k.notes, ","); len(h.got()) != 3 || got != "ok,ok" {
			t.Errorf("after %d calls is noted %q", len(h.got()), got)
		}
		p.close()
	})
}

// noting is a keeper that remembers what is noted of a receiver.
type noting struct {
	notice.Keeper
	notes []string
}

func (k *noting) NoteTrouble(ctx context.Context, receiver string, since pawl.Time, problem string) error {
	k.notes = append(k.notes, cmp.Or(problem, "ok"))
	return k.Keeper.NoteTrouble(ctx, receiver, since, problem)
}

// forgetful is a keeper whose process dies before it can note what came of a notice.
type forgetful struct {
	notice.Keeper
}

func (forgetful) SettleNotice(context.Context, notice.Notice, pawl.Time) error {
	return &pawl.Error{Kind: pawl.ErrStorage, Message: "died"}
}

// Who dies between telling and noting that leaves a notice that is told again, as it was.
func TestKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, h := memory(t), newHook(t, nil)
		n := p.start(h, func(o *notifier.Options) { o.Keeper = forgetful{p.keeper()} })
		id := p.run(letter, "tides")
		time.Sleep(2 * time.Second)
		n.Stop()
		p.decide(id, pawl.Decision{Key: "send", What: pawl.DecideApprove}) // the run goes on
		n = p.start(h, nil)
		time.Sleep(50 * time.Second)
		if got := h.got(); len(got) != 1 {
			t.Fatalf("%d calls", len(got))
		}
		time.Sleep(time.Minute)
		n.Stop()
		got := h.got()
		if len(got) != 2 || got[0].id != got[1].id || got[0].body != got[1].body || got[0].Get("webhook-timestamp") == got[1].Get("webhook-timestamp") {
			t.Errorf("calls are %+v", got)
		}
		p.close()
	})
}

// Two servers on one data directory tell each rest once.
func TestTwoServers(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHook(t, nil)
		var both []place
		var tell []*notifier.Notifier
		for range 2 {
			db, err := sqlite.Open(t.Context(), dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			both = append(both, open(t, db))
			tell = append(tell, both[len(both)-1].start(h, nil))
		}
		for i := range 60 {
			both[i%2].run(quick, "tides")
			if i%7 == 0 {
				time.Sleep(time.Second)
			}
		}
		time.Sleep(time.Minute)
		told := map[string]int{}
		for _, c := range h.got() {
			told[c.id]++
		}
		if len(told) != 60 || len(h.got()) != 60 {
			t.Errorf("%d calls of %d notices, want 60 of 60", len(h.got()), len(told))
		}
		for i := range both {
			tell[i].Stop()
			both[i].close()
		}
	})
}

// A receiver that never answers has few calls open, however many runs come to rest, and costs
// them nothing. To stop does not wait for it for long.
func TestStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		open, most := 0, 0
		p, h := memory(t), newHook(t, func(http.ResponseWriter, int) {
			mu.Lock()
			open++
			most = max(most, open)
			mu.Unlock()
			time.Sleep(9 * time.Second)
			mu.Lock()
			open--
			mu.Unlock()
		})
		n := p.start(h, nil)
		began := time.Now()
		for range 200 {
			p.run(quick, "tides")
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("200 runs took %v", took)
		}
		time.Sleep(time.Minute)
		began = time.Now()
		n.Stop()
		took := time.Since(began)
		mu.Lock()
		if took > 6*time.Second || most != 4 {
			t.Errorf("to stop took %v, %d calls were open at once", took, most)
		}
		mu.Unlock()
		calls := len(h.got())
		time.Sleep(time.Hour) // all that was cut is told by the next, and what is left
		n = p.start(h, nil)
		time.Sleep(time.Hour)
		n.Stop()
		if got := len(h.got()); got < 200 || got > 200+4 || calls > 60 {
			t.Errorf("%d calls, %d before", got, calls)
		}
		p.close()
	})
}

// What was under way when it was stopped is told by the next one, at once.
func TestCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, h := memory(t), newHook(t, func(_ http.ResponseWriter, n int) {
			if n == 1 {
				time.Sleep(time.Minute)
			}
		})
		n := p.start(h, nil)
		id := p.run(quick, "tides")
		time.Sleep(1500 * time.Millisecond)
		n.Stop()
		n = p.start(h, nil)
		time.Sleep(1500 * time.Millisecond)
		if is := p.notices(id)[0]; is.ToldAt == nil || is.Tries != 0 || len(h.got()) != 2 {
			t.Errorf("%d calls, notice %+v", len(h.got()), is)
		}
		n.Stop()
		time.Sleep(time.Minute) // the first call ends
		p.close()
	})
}

// Whatever a person is asked is data in the body, and secrets are nowhere: neither what the
// flow calls sensitive, nor the address, nor the secret.
func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		p, h := open(t, db), newHook(t, answers(500, 302))
		h.pipes.setDown(true)
		n := p.start(h, nil)
		hostile := "\"},{\"status\":\"done\" \x1b[31m<script>\u2028\r\nX-Evil: 1 é"
		input, _ := json.Marshal(letterIn{Topic: hostile, Token: "sekret-otter"})
		id, err := p.e.Start(t.Context(), letter, input, nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		h.pipes.setDown(false)
		time.Sleep(time.Hour)
		n.Stop()
		calls := h.got()
		var told struct {
			Data struct {
				Blockers []struct{ Question, Who string }
			}
		}
		if err := json.Unmarshal([]byte(calls[0].body), &told); err != nil || len(told.Data.Blockers) != 1 || !strings.Contains(told.Data.Blockers[0].Question, "[31m<script>") || !strings.HasSuffix(told.Data.Blockers[0].Question, "***?") {
			t.Errorf("%v: %s", err, calls[0].body)
		}
		if strings.Contains(calls[0].body, "otter") || strings.Contains(calls[0].body, "Dear") || strings.ContainsRune(calls[0].body, '\x1b') {
			t.Errorf("the body is %s", calls[0].body)
		}
		shown, _ := json.Marshal(p.notices(id))
		for what, text := range map[string]string{"the log": h.log.String(), "the record": string(shown)} {
			if strings.Contains(text, "otter") || strings.Contains(text, "whsec") || strings.Contains(text, "MfKQ9") {
				t.Errorf("%s has a secret: %s", what, text)
			}
		}
		p.close()
		stored, err := os.ReadFile(dir + "/" + sqlite.FileName)
		if err != nil || !bytes.Contains(stored, []byte("hook.example")) {
			t.Fatalf("%v, or the receiver is not there", err)
		}
		for _, secret := range []string{"pass-otter", "path-otter", "query-otter", "whsec", "MfKQ9"} {
			if bytes.Contains(stored, []byte(secret)) {
				t.Errorf("the database has %s", secret)
			}
		}
	})
}

// Of a flow that this program does not have it is told that a run rests, and nothing that it
// says. A run that was removed is told of no more.
func TestUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, h := memory(t), newHook(t, nil)
		n := p.start(h, func(o *notifier.Options) { o.View = viewOf(p) })
		p.run(letter, "tides")
		time.Sleep(time.Second)
		n.Stop()
		if body := h.got()[0].body; strings.Contains(body, "tides") || !strings.Contains(body, `"question":"***"`) || !strings.Contains(body, `"status":"waiting"`) {
			t.Errorf("the body is %s", body)
		}
		p.close()
	})
}

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]string{
		"https://hook.example":                         "https://hook.example",
		"https://hook.example/":                        "https://hook.example",
		"http://127.0.0.1:8080/x":                      "http://127.0.0.1:8080/***",
		"http://[::1]:8080/?a=b":                       "http://[::1]:8080/***",
		"https://user:otter@hook.example/T0/B0/otter#": "https://hook.example/***",
		"ftp://hook.example":                           "",
		"file:///etc/passwd":                           "",
		"hook.example/otter":                           "",
		"http:/otter":                                  "",
		"https://user:ot ter@hook.example":             "",
		"https://:8080/otter":                          "",
		"https:otter":                                  "",
		"":                                             "",
		"http://otter\x00":                             "",
	} {
		target, err := notifier.ParseTarget(text)
		if (err == nil) != (want != "") || err == nil && target.String() != want {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && strings.Contains(err.Error(), "otter") {
			t.Errorf("%q is quoted: %v", text, err)
		}
	}
	one, _ := notifier.ParseTarget("https://a:b@hook.example/x")
	other, _ := notifier.ParseTarget("https://a:c@hook.example/x")
	third, _ := notifier.ParseTarget("https://a:c@hook.example/y")
	if one.Receiver("p") != other.Receiver("p") || one.Receiver("p").ID == one.Receiver("").ID || other.Receiver("p").ID == third.Receiver("p").ID {
		t.Error("receivers are taken for others")
	}
	var none error
	if _, none = notifier.ParseTarget("x"); none == nil || errors.Unwrap(none) != nil {
		t.Error(none)
	}
}

package server_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/webhook"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/server"
)

type receipt struct {
	Cents int    `json:"cents" pawl:"min=1"`
	Card  string `json:"card,omitempty" pawl:"sensitive"`
}

// Validate refuses what a schema lets through.
func (p receipt) Validate() error {
	if p.Cents == 13 {
		return errors.New("cents: is unlucky")
	}
	return nil
}

// order has a person look, awaits a payment and asks where to send what was bought.
var order = pawl.New("order", "Sells something.", func(r *pawl.Run, in letterIn) (string, error) {
	pawl.Approve(r, "look", in.Topic, "Sell it?")
	paid := pawl.Await[receipt](r, "paid")
	to := pawl.Input[string](r, "where", "Where to?", pawl.Shown(paid.Cents))
	pawl.Approve(r, "ship", to, "Ship it?")
	return fmt.Sprintf("%d cents, to %s", paid.Cents, to), nil
}, pawl.Example(letterIn{Topic: "a kettle"}))

// openHooks opens a house that sells things.
func openHooks(t *testing.T, change func(*server.Options)) *house {
	return open(t, t.TempDir(), func(o *server.Options) {
		o.Flows = append(o.Flows, order)
		if change != nil {
			change(o)
		}
	})
}

// ordered starts an order, and has a person look at it if it is to.
func (h *house) ordered(looked bool) pawl.RunRecord {
	h.t.Helper()
	rec := want[pawl.RunRecord](h, 201, otto, "POST", "/api/v1/runs", `{"flow":"order","input":{"topic":"a kettle"}}`)
	if rec = h.rest(rec.ID); looked {
		rec = h.approved(rec)
	}
	return rec
}

func (h *house) approved(rec pawl.RunRecord) pawl.RunRecord {
	h.t.Helper()
	want[pawl.RunRecord](h, 200, otto, "POST", "/api/v1/runs/"+string(rec.ID)+"/decisions", h.decision(rec, "approve"))
	return h.rest(rec.ID)
}

// hooked is a blocker as the API shows it, with where a program answers it.
type hooked struct {
	pawl.InboxItem
	Hook string `json:"hook"`
}

// hook is where a program answers what a run stands at.
func (h *house) hook(rec pawl.RunRecord) string {
	h.t.Helper()
	if len(rec.Blockers) != 1 {
		h.t.Fatalf("run is %s (%s), open are %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	return want[hooked](h, 200, otto, "GET", "/api/v1/runs/"+string(rec.ID)+"/blockers/"+string(rec.Blockers[0].Key), nil).Hook
}

// callback is where an event for a step is delivered.
func (h *house) callback(id pawl.RunID, key pawl.Key) string {
	h.t.Helper()
	events, err := h.journal.Read(h.t.Context(), id, 0, 1)
	if err != nil {
		h.t.Fatal(err)
	}
	created, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		h.t.Fatal(err)
	}
	secret, err := created.CallbackSecret(h.t.Context(), h.journal)
	if err != nil {
		h.t.Fatal(err)
	}
	return "/hooks/" + journal.Callback{Run: id, Key: key}.Address(secret)
}

// call calls a webhook as a program elsewhere does: without a token, under a name of which
// the server knows nothing.
func (h *house) call(status int, path, body string, change ...func(*http.Request)) (p server.Problem) {
	h.t.Helper()
	a := h.ask("", "POST", path, []byte(body), append([]func(*http.Request){header("Host", "hooks.example.net")}, change...)...)
	if a.StatusCode != status {
		h.t.Fatalf("%s with %.80s is answered with %d %s, want %d", path, body, a.StatusCode, a.text, status)
	}
	if len(a.text) > 0 {
		if err := json.Unmarshal(a.text, &p); err != nil {
			h.t.Fatal(err, string(a.text))
		}
	}
	return p
}

// A program answers an event and an input, each once for each delivery, and records say
// that it was one.
func TestHook(t *testing.T) {
	h := openHooks(t, nil)
	rec := h.ordered(true)
	paid := h.hook(rec)
	if !strings.HasPrefix(paid, "/hooks/"+string(rec.ID)+".") {
		t.Fatalf("the event's address is %q", paid)
	}
	p := h.call(422, paid, `{"cents":0}`, header("Webhook-Id", "msg_1"))
	if len(p.Errors) != 1 || p.Errors[0].Path != "body.cents" {
		t.Errorf("a wrong value is refused with %+v", p)
	}
	if p = h.call(422, paid, `{"cents":13}`); !strings.Contains(p.Detail, "cents: is unlucky") {
		t.Errorf("what a gate turns down is refused with %+v", p)
	}
	h.call(422, paid, `nonsense`)
	h.call(422, paid, ``)
	if now := h.rest(rec.ID); now.Status != pawl.StatusWaiting || len(now.Decisions) != 1 || h.hook(now) != paid {
		t.Fatalf("what was refused has changed the run: %+v", now)
	}
	h.call(204, paid, `{"cents":4000,"card":"4111-1111"}`, header("Webhook-Id", "msg_1"))
	h.call(204, paid, `{"cents":4000,"card":"4111-1111"}`, header("Webhook-Id", "msg_1"), header("Idempotency-Key", "other"))
	if p := h.call(409, paid, `{"cents":4000}`, header("Webhook-Id", "msg_2")); strings.Contains(p.Detail+fmt.Sprint(p.Decided), "msg_1") {
		t.Errorf("a second event is told of the first: %+v", p)
	}
	rec = h.rest(rec.ID)
	where := h.hook(rec)
	h.call(422, where, `7`, header("X-GitHub-Delivery", "d-1"))
	h.call(204, where, `"the harbour"`, header("X-GitHub-Delivery", "d-1"))
	h.call(204, where, `"the harbour"`, header("X-GitHub-Delivery", "d-1"))
	h.call(409, where, `"the harbour"`, header("X-GitHub-Delivery", "d-2"))
	rec = h.rest(rec.ID)
	if hook := h.hook(rec); hook != "" {
		t.Errorf("an approval has the address %q", hook)
	}
	rec = h.approved(rec)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"4000 cents, to the harbour"` {
		t.Fatalf("run is %s (%s): %s", rec.Status, rec.Reason, rec.Output)
	}
	who := map[pawl.Key]string{}
	for _, d := range want[pawl.RunRecord](h, 200, vera, "GET", "/api/v1/runs/"+string(rec.ID), nil).Decisions {
		who[d.Key] = d.Who + "/" + d.Delivery
	}
	if who["paid"] != "delivery msg_1/msg_1" || who["where"] != "delivery d-1/d-1" || who["ship"] != "otto/" {
		t.Errorf("decided by %v", who)
	}
	h.call(204, paid, `{"cents":4000}`, header("Webhook-Id", "msg_1")) // after the end, which came before
	h.call(409, paid, `{"cents":4000}`, header("Webhook-Id", "msg_3"))
	h.call(409, where, `"x"`)
	want[struct{}](h, 204, otto, "DELETE", "/api/v1/runs/"+string(rec.ID), nil)
	h.call(404, paid, `{"cents":4000}`, header("Webhook-Id", "msg_1"))
}

// An event that comes before it is awaited is kept, as one and the same by its body where
// it has no id; of many at once one counts.
func TestHookEarlyAndAtOnce(t *testing.T) {
	h := openHooks(t, nil)
	rec := h.ordered(false)
	address := h.callback(rec.ID, "paid") // as the flow can give it away before it awaits
	h.call(204, address, `{"cents":5}`)
	h.call(204, address, `{"cents":5}`)
	h.call(204, address, `{"cents":6}`)
	if now := h.rest(rec.ID); now.Reason != "Sell it?" || len(now.Decisions) != 2 || !now.Decisions[0].Waits {
		t.Fatalf("run is %s (%s), decided %+v", now.Status, now.Reason, now.Decisions)
	}
	if rec = h.approved(h.rest(rec.ID)); rec.Reason != "Where to?" {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}

	address = h.hook(rec)
	var calls sync.WaitGroup
	got := make(chan int, 20)
	for i := range 20 {
		calls.Go(func() {
			got <- h.ask("", "POST", address, []byte(`"the harbour"`), header("Webhook-Id", fmt.Sprint("msg_", i%2))).StatusCode
		})
	}
	calls.Wait()
	close(got)
	statuses := map[int]int{}
	for status := range got {
		statuses[status]++
	}
	if statuses[204] != 10 || statuses[409] != 10 {
		t.Errorf("answered with %v, want half of them taken", statuses)
	}
	answers := 0
	for _, d := range h.rest(rec.ID).Decisions {
		if d.Key == "where" {
			answers++
		}
	}
	if answers != 1 {
		t.Errorf("%d answers count", answers)
	}
}

// Secrets of a house, and one of somebody else.
const (
	standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	plainSecret    = "a secret of GitHub's"
	strange        = "some secret of somebody's"
)

// checking has calls for orders be signed with one of the secrets, by a clock of one's own.
func checking(t *testing.T, now func() time.Time) func(string, http.Header, []byte) error {
	secrets := secretsOf(t, standardSecret, plainSecret)
	return func(flow string, h http.Header, body []byte) error {
		if flow != "order" {
			return nil
		}
		return webhook.Verify(secrets, h, body, now())
	}
}

func secretsOf(t *testing.T, texts ...string) []webhook.Secret {
	t.Helper()
	secrets, err := webhook.ParseSecrets(strings.Join(texts, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return secrets
}

// signed signs a call by Standard Webhooks.
func signed(t *testing.T, secret, id string, at time.Time, body string) func(*http.Request) {
	h := webhook.Sign(secretsOf(t, secret), id, at, []byte(body))
	return func(r *http.Request) {
		for name, values := range h {
			r.Header[name] = values
		}
	}
}

// Where calls are to be signed, forged and stale ones, and those that are not signed, are
// answered as an address is that there is not; a replayed one changes nothing. No secret
// and no address stand in a log or in the journal, and a viewer sees no address.
func TestHookSigned(t *testing.T) {
	now := time.Unix(1764413468, 0)
	var log safeBuffer
	h := openHooks(t, func(o *server.Options) {
		o.CheckHook = checking(t, func() time.Time { return now })
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	rec := h.ordered(true)
	paid := h.hook(rec)
	const body = `{"cents":4000}`
	large := `{"cents":4000,"card":"` + strings.Repeat("4", 2<<20) + `"}`
	missing := h.call(404, "/hooks/nothing", body)
	if missing.Run != "" || missing.Step != "" || missing.Kind != pawl.ErrNotFound {
		t.Errorf("an address that there is not is answered with %+v", missing)
	}
	other := strings.Replace(paid, string(rec.ID), "0123456789ab", 1)
	chunked := func(r *http.Request) { r.ContentLength = -1 }
	for name, c := range map[string]struct {
		path, body string
		change     []func(*http.Request)
	}{
		"not signed":               {paid, body, nil},
		"with another secret":      {paid, body, []func(*http.Request){signed(t, strange, "msg_1", now, body)}},
		"another body":             {paid, `{"cents":1}`, []func(*http.Request){signed(t, standardSecret, "msg_1", now, body)}},
		"another id":               {paid, body, []func(*http.Request){signed(t, standardSecret, "msg_1", now, body), header("Webhook-Id", "msg_2")}},
		"stale":                    {paid, body, []func(*http.Request){signed(t, standardSecret, "msg_1", now.Add(-6*time.Minute), body)}},
		"from tomorrow":            {paid, body, []func(*http.Request){signed(t, standardSecret, "msg_1", now.Add(24*time.Hour), body)}},
		"for GitHub, wrong":        {paid, body, []func(*http.Request){header("X-Hub-Signature-256", "sha256="+strings.Repeat("00", 32))}},
		"wrong value, forged":      {paid, `{"cents":0}`, []func(*http.Request){signed(t, strange, "msg_1", now, `{"cents":0}`)}},
		"too large, forged":        {paid, large, []func(*http.Request){chunked, signed(t, strange, "msg_1", now, large)}},
		"signed, another run":      {other, body, []func(*http.Request){signed(t, standardSecret, "msg_1", now, body)}},
		"signed, no address":       {"/hooks/nothing", body, []func(*http.Request){signed(t, standardSecret, "msg_1", now, body)}},
		"signed, wrong signature":  {paid[:len(paid)-4] + "AAAA", body, []func(*http.Request){signed(t, standardSecret, "msg_1", now, body)}},
		"not signed, no address":   {"/hooks/nothing", body, nil},
		"signed, path goes up":     {"/hooks/..%2fapi%2fv1%2fruns", body, []func(*http.Request){signed(t, standardSecret, "msg_1", now, body)}},
		"signed, a null in it":     {"/hooks/%00", body, []func(*http.Request){signed(t, standardSecret, "msg_1", now, body)}},
		"signed, as a longer path": {"/hooks/" + strings.Repeat("a", 10_000), body, []func(*http.Request){signed(t, standardSecret, "msg_1", now, body)}},
	} {
		if got := h.call(404, c.path, c.body, c.change...); fmt.Sprint(got) != fmt.Sprint(missing) {
			t.Errorf("%s is answered with %+v, want as an address is that there is not", name, got)
		}
	}
	if p := h.call(413, paid, large, signed(t, standardSecret, "msg_1", now, large)); fmt.Sprint(p) != fmt.Sprint(h.call(413, "/hooks/nothing", large)) {
		t.Errorf("too much is answered with %+v", p)
	}
	if now := h.rest(rec.ID); now.Status != pawl.StatusWaiting || len(now.Decisions) != 1 {
		t.Fatalf("run is %s (%s), decided %+v", now.Status, now.Reason, now.Decisions)
	}

	h.call(422, paid, `{"cents":0}`, signed(t, standardSecret, "msg_1", now, `{"cents":0}`))
	h.call(204, paid, body, signed(t, standardSecret, "msg_1", now, body))
	now = now.Add(4 * time.Minute)
	h.call(204, paid, body, signed(t, standardSecret, "msg_1", now.Add(-4*time.Minute), body)) // replayed
	now = now.Add(4 * time.Minute)
	h.call(404, paid, body, signed(t, standardSecret, "msg_1", now.Add(-8*time.Minute), body))
	rec = h.rest(rec.ID)
	where := h.hook(rec)
	const said = `"the harbour"`
	mac := signedHub(plainSecret, said)
	h.call(404, where, `"the sea"`, mac)
	h.call(204, where, said, mac, header("X-GitHub-Delivery", "d-1"))
	for _, replayed := range []string{"X-GitHub-Delivery", "Webhook-Id", "Idempotency-Key"} { // which nobody has signed
		h.call(204, where, said, mac, header(replayed, "d-2"))
	}
	rec = h.approved(h.rest(rec.ID))
	if rec.Status != pawl.StatusDone || len(rec.Decisions) != 4 {
		t.Fatalf("run is %s (%s), decided %+v", rec.Status, rec.Reason, rec.Decisions)
	}

	logged := log.String()
	if !strings.Contains(logged, "is of none of the secrets") || !strings.Contains(logged, "too far from now") {
		t.Errorf("the log does not say why calls were not taken:\n%s", logged)
	}
	events, err := h.journal.Read(t.Context(), rec.ID, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	shown := string(h.ask(vera, "GET", "/api/v1/runs/"+string(rec.ID), nil).text) + string(h.ask(otto, "GET", "/api/v1/runs/"+string(rec.ID)+"/export", nil).text)
	for _, e := range events {
		shown += string(e.Body)
	}
	for _, secret := range []string{standardSecret[6:], plainSecret, paid[len(paid)-22:], where[len(where)-22:]} {
		if strings.Contains(logged, secret) || strings.Contains(shown, secret) {
			t.Errorf("%q stands in a log, the API or the journal", secret)
		}
	}
}

// signedHub signs a call as GitHub does.
func signedHub(secret, body string) func(*http.Request) {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return header("X-Hub-Signature-256", fmt.Sprintf("sha256=%x", mac.Sum(nil)))
}

// safeBuffer is a buffer that several write to.
type safeBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// A page can call no webhook, whatever it knows; no cookie and no token are of use there,
// the path leads nowhere else, and who calls too often is told when to call again.
func TestHookAbuse(t *testing.T) {
	h := openHooks(t, nil)
	rec := h.ordered(true)
	paid := h.hook(rec)
	const body = `{"cents":4000}`
	for name, change := range map[string][]func(*http.Request){
		"foreign origin":       {header("Origin", "https://evil.example")},
		"own origin":           {header("Origin", "http://hooks.example.net")},
		"no origin":            {header("Origin", "null")},
		"cross site":           {header("Sec-Fetch-Site", "cross-site"), header("Content-Type", "text/plain")},
		"cross-site form":      {header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Mode", "navigate")},
		"same origin":          {header("Sec-Fetch-Site", "same-origin")},
		"with its own token":   {header("Origin", "https://evil.example"), header("Authorization", "Bearer "+otto)},
		"with a ticket beside": {header("Origin", "https://evil.example"), header("Cookie", "pawl_session_80=ticket")},
	} {
		if p := h.call(403, paid, body, change...); p.Kind != server.ErrForbidden {
			t.Errorf("%s: %+v", name, p)
		}
		if known, unknown := h.call(403, paid, body, change...), h.call(403, "/hooks/nothing", body, change...); fmt.Sprint(known) != fmt.Sprint(unknown) {
			t.Errorf("%s: a page is told whether there is an address: %+v, %+v", name, known, unknown)
		}
	}
	for _, c := range []struct {
		token, method, path string
		status              int
	}{
		{otto, "GET", paid, 405},
		{otto, "PUT", paid, 405},
		{otto, "POST", paid + "/", 404},
		{otto, "POST", paid + "/x", 404},
		{otto, "POST", "/hooks/", 404},
		{otto, "POST", "/hooks", 404},
		{otto, "POST", "/hooks/%2e%2e/api/v1/runs", 404},
		{otto, "POST", "/hooks/../api/v1/runs", 307},
		{otto, "POST", "//hooks/x", 307},
		{otto, "POST", "/hooks/..", 307},
		{"", "GET", paid + "?token=ticket", 303},
		{"", "POST", paid + "?token=ticket", 422},
		{otto, "POST", "/api/v1" + paid, 404},
	} {
		a := h.ask(c.token, c.method, c.path, []byte("{}"))
		if a.StatusCode != c.status {
			t.Errorf("%s %s is answered with %d %s, want %d", c.method, c.path, a.StatusCode, a.text, c.status)
		}
		if to := a.Header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "ticket") {
			t.Errorf("%s %s is sent on to %q", c.method, c.path, to)
		}
		if len(a.Cookies()) > 0 && c.method != "GET" {
			t.Errorf("%s %s has got a cookie", c.method, c.path)
		}
	}
	for _, c := range []struct{ method, path string }{{"GET", paid}, {"POST", "/hooks/../api/v1/runs"}, {"POST", "/hooks/x/y"}, {"POST", "/api/v1/runs"}} {
		if a := h.ask(otto, c.method, c.path, []byte("{}"), header("Host", "hooks.example.net")); a.StatusCode != 403 {
			t.Errorf("%s %s for another host is answered with %d", c.method, c.path, a.StatusCode)
		}
	}
	conn, err := net.Dial("tcp", h.Listener.Addr().String()) // says no length, and never ends
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: hooks.example.net\r\nTransfer-Encoding: chunked\r\n\r\n", paid)
	go func() {
		for chunk := strings.Repeat(" ", 1<<16); ; {
			if _, err := fmt.Fprintf(conn, "%x\r\n%s\r\n", len(chunk), chunk); err != nil {
				return
			}
		}
	}()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("an endless body is answered with %v, %v", resp, err)
	}
	if now := h.rest(rec.ID); now.Status != pawl.StatusWaiting || len(now.Decisions) != 1 {
		t.Errorf("run is %s (%s), decided %+v", now.Status, now.Reason, now.Decisions)
	}

	slow := openHooks(t, func(o *server.Options) { o.Rate = 0.01 }) // a bucket of one
	slow.call(404, "/hooks/nothing", body)
	if a := slow.ask("", "POST", "/hooks/other", []byte(body)); a.StatusCode != 429 || a.Header.Get("Retry-After") == "" {
		t.Errorf("the second call is answered with %d %s", a.StatusCode, a.text)
	}
	slow.call(403, "/hooks/nothing", body, header("Origin", "https://evil.example"))
	if a := slow.ask(otto, "GET", "/api/v1/flows", nil); a.StatusCode != 200 {
		t.Errorf("after that, the API is answered with %d", a.StatusCode)
	}
}

// Behind a proxy all calls come from one address: those who guess paths hold nobody up, nor
// does one path another.
func TestHookRates(t *testing.T) {
	h := openHooks(t, nil)
	slow := server.New(&server.Options{Engine: h.engine, Journal: h.journal, Flows: []pawl.Flow{order}, Rate: 0.001}) // a bucket of one
	defer slow.Close()
	one, other := h.callback(h.ordered(true).ID, "paid"), h.callback(h.ordered(true).ID, "paid")
	for i, call := range []struct {
		path string
		code int
	}{{"/hooks/nothing", 404}, {"/hooks/nothing", 429}, {"/hooks/other", 429}, {one, 204}, {one, 429}, {other, 204}} {
		r := httptest.NewRequest("POST", call.path, strings.NewReader(`{"cents":4000}`))
		w := httptest.NewRecorder()
		if slow.ServeHTTP(w, r); w.Code != call.code {
			t.Errorf("call %d is answered with %d %s, want %d", i, w.Code, w.Body, call.code)
		}
	}
}

// For calls at one address beyond its bucket nothing is read.
func TestHookRateSavesReads(t *testing.T) {
	h := openHooks(t, nil)
	j := &countedJournal{Journal: h.journal}
	slow := server.New(&server.Options{Engine: h.engine, Journal: j, Flows: []pawl.Flow{order}, Rate: 0.001}) // a bucket of one
	defer slow.Close()
	paid := h.callback(h.ordered(true).ID, "paid")
	for _, code := range []int{204, 429, 429} {
		w := httptest.NewRecorder()
		if slow.ServeHTTP(w, httptest.NewRequest("POST", paid, strings.NewReader(`{"cents":4000}`))); w.Code != code {
			t.Errorf("a call is answered with %d %s, want %d", w.Code, w.Body, code)
		}
		if code == 204 {
			j.reads.Store(0)
		}
	}
	if n := j.reads.Load(); n != 0 {
		t.Errorf("histories are read %d times", n)
	}
}

// countedJournal counts how often histories are read.
type countedJournal struct {
	journal.Journal
	reads atomic.Int64
}

func (j *countedJournal) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	j.reads.Add(1)
	return j.Journal.Read(ctx, id, after, limit)
}

// A defect that a call meets is logged without the address.
func TestHookDefect(t *testing.T) {
	var log safeBuffer
	h := openHooks(t, func(o *server.Options) {
		o.CheckHook = func(string, http.Header, []byte) error { panic("oh") }
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	paid := h.hook(h.ordered(true))
	h.call(500, paid, `{"cents":1}`)
	if logged := log.String(); !strings.Contains(logged, "panic=oh") || strings.Contains(logged, paid[len(paid)-22:]) {
		t.Errorf("logged is %s", logged)
	}
}

// The address is a secret: an operator sees it, and nobody else, anywhere.
func TestHookIsSecret(t *testing.T) {
	h := openHooks(t, nil)
	rec := h.ordered(true)
	at := "/api/v1/runs/" + string(rec.ID)
	paid := h.hook(rec)
	actors["payer-me"] = server.Actor{Name: "paul", Role: server.RoleBlocker, Run: rec.ID, Key: "paid"}
	t.Cleanup(func() { delete(actors, "payer-me") })
	for _, token := range []string{vera, "payer-me"} {
		got := want[hooked](h, 200, token, "GET", at+"/blockers/paid", nil)
		if got.Hook != "" || got.Key != "paid" {
			t.Errorf("%s sees %+v", token, got)
		}
	}
	for _, path := range []string{at, at + "/steps", at + "/steps/paid", at + "/blockers", "/api/v1/inbox", at + "/events", at + "/export", "/api/v1/runs"} {
		if a := h.ask(vera, "GET", path, nil); a.StatusCode >= 400 || strings.Contains(string(a.text), paid[len(paid)-22:]) {
			t.Errorf("%s shows the address, or is answered with %d: %s", path, a.StatusCode, a.text)
		}
	}
}

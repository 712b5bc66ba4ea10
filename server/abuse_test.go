package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/server"
)

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		if name == "Host" {
			r.Host = value
			return
		}
		r.Header.Set(name, value)
	}
}

// What is meant for another host or sent by a page of another site is refused, whoever
// sends it, before anything else is looked at.
func TestForeignRequests(t *testing.T) {
	h := open(t, "", func(o *server.Options) { o.Hosts = []string{"pawl.example.com"} })
	port := h.Listener.Addr().(*net.TCPAddr).Port
	for _, c := range []struct {
		name   string
		change []func(*http.Request)
		status int
	}{
		{"own address", nil, 200},
		{"localhost", []func(*http.Request){header("Host", fmt.Sprint("LOCALHOST:", port))}, 200},
		{"localhost with a dot", []func(*http.Request){header("Host", fmt.Sprint("localhost.:", port))}, 200},
		{"IPv6", []func(*http.Request){header("Host", fmt.Sprintf("[::1]:%d", port))}, 200},
		{"named host", []func(*http.Request){header("Host", "pawl.example.com")}, 200},
		{"rebound name", []func(*http.Request){header("Host", fmt.Sprint("evil.example:", port))}, 403},
		{"name that begins alike", []func(*http.Request){header("Host", "localhost.evil.example")}, 403},
		{"other address", []func(*http.Request){header("Host", "192.0.2.7")}, 403},
		{"own origin", []func(*http.Request){header("Origin", fmt.Sprint("http://127.0.0.1:", port))}, 200},
		{"foreign origin", []func(*http.Request){header("Origin", "https://evil.example")}, 403},
		{"no origin", []func(*http.Request){header("Origin", "null")}, 403},
		{"other port", []func(*http.Request){header("Origin", fmt.Sprint("http://127.0.0.1:", port+1))}, 403},
		{"file", []func(*http.Request){header("Origin", "file://127.0.0.1")}, 403},
		{"cross site", []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, 403},
		{"same site, other origin", []func(*http.Request){header("Sec-Fetch-Site", "same-site")}, 403},
		{"cross-site link to the API", []func(*http.Request){header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Mode", "navigate")}, 403},
		{"same origin", []func(*http.Request){header("Sec-Fetch-Site", "same-origin")}, 200},
	} {
		for _, request := range []struct{ method, path, body string }{{"GET", "/api/v1/runs", ""}, {"POST", "/api/v1/verify", "x"}, {"PUT", "/api/v1/limits/day", "x"}, {"DELETE", "/api/v1/limits/day", ""},
			{"PUT", "/api/v1/schedules/daily", `{"flow":"letter","cron":"0 7 * * *","input":{"topic":"x"}}`}, {"POST", "/api/v1/schedules/daily/run-now", ""}, {"DELETE", "/api/v1/schedules/daily", ""}, {"POST", "/api/v1/demo", ""}} {
			a := h.ask(otto, request.method, request.path, []byte(request.body), c.change...)
			if refused := a.StatusCode == 403; refused != (c.status == 403) {
				t.Errorf("%s: %s is answered with %d, want %d: %s", c.name, request.method, a.StatusCode, c.status, a.text)
			}
		}
	}
	if a := h.ask("", "GET", "/", nil, header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Mode", "navigate")); a.StatusCode != 200 {
		t.Errorf("a link to the page is answered with %d", a.StatusCode)
	}
	if a := h.ask("", "GET", "/healthz", nil, header("Host", "evil.example")); a.StatusCode != 403 {
		t.Errorf("health for another host is answered with %d", a.StatusCode)
	}
}

// Nobody without a token learns or does anything, and nobody does more than their role.
func TestRoles(t *testing.T) {
	actors["editor-me"] = server.Actor{} // its run is known below
	t.Cleanup(func() { delete(actors, "editor-me") })
	h := open(t, "", nil)
	rec := h.start(`{"topic":"tides"}`)
	other := h.start(`{"topic":"moon"}`)
	actors["editor-me"] = server.Actor{Name: "edith", Role: server.RoleBlocker, Run: rec.ID, Key: "send"}
	const editor = "editor-me"
	at, beside := "/api/v1/runs/"+string(rec.ID), "/api/v1/runs/"+string(other.ID)
	type request struct{ method, path, body string }
	look := []request{{"GET", "/api/v1/flows", ""}, {"GET", "/api/v1/flows/letter", ""}, {"GET", "/api/v1/flows/letter/sources", ""}, {"GET", "/api/v1/runs", ""}, {"GET", at, ""}, {"GET", at + "/steps", ""},
		{"GET", at + "/steps/send", ""}, {"GET", at + "/events", ""}, {"GET", "/api/v1/inbox", ""}, {"GET", at + "/export", ""}, {"GET", at + "/verify", ""}, {"GET", at + "/revisions?steps=send", ""},
		{"GET", "/api/v1/openapi.json", ""}, {"GET", "/api/v1/limits", ""}, {"POST", at + "/rerun/plan", "{}"}, {"POST", at + "/fork/plan", `{"at":"send"}`}}
	act := []request{{"POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"x"}}`}, {"POST", at + "/decisions", `{"key":"send","what":"approve","digest":"x"}`}, {"POST", at + "/pause", ""},
		{"POST", at + "/resume", ""}, {"POST", at + "/cancel", ""}, {"POST", at + "/guidance", `{"text":"x"}`}, {"POST", at + "/raise", `{"calls":9}`}, {"POST", at + "/rerun", ""},
		{"POST", at + "/fork", `{"at":"send"}`}, {"POST", "/api/v1/runs/import", "x"}, {"DELETE", at, ""}, {"PUT", "/api/v1/limits/day", `{"limit":{"calls":0}}`}, {"DELETE", "/api/v1/limits/day", ""},
		{"PUT", "/api/v1/schedules/daily", `{"flow":"letter","cron":"0 7 * * *","input":{"topic":"x"}}`}, {"POST", "/api/v1/schedules/daily/run-now", ""}, {"DELETE", "/api/v1/schedules/daily", ""}, {"POST", "/api/v1/demo", ""}}
	status := func(token string, r request, change ...func(*http.Request)) int {
		t.Helper()
		return h.ask(token, r.method, r.path, []byte(r.body), change...).StatusCode
	}
	for _, r := range append(append([]request{}, look...), act...) {
		for _, token := range []string{"", "nobody", " "} {
			if got := status(token, r); got != 401 {
				t.Errorf("%s %s with token %q is answered with %d", r.method, r.path, token, got)
			}
		}
		if got := status("", r, header("Authorization", "Basic b3R0bzpydW4tbWU=")); got != 401 {
			t.Errorf("%s %s with a password is answered with %d", r.method, r.path, got)
		}
		if got := status(editor, r); got != 403 && r != act[1] {
			t.Errorf("%s %s is answered with %d for who may decide on one blocker", r.method, r.path, got)
		}
	}
	for _, r := range look {
		if got := status(vera, r); got >= 400 {
			t.Errorf("%s %s is answered with %d for a viewer", r.method, r.path, got)
		}
		if got := status(stella, r); got >= 400 {
			t.Errorf("%s %s is answered with %d for a starter", r.method, r.path, got)
		}
	}
	for _, r := range act {
		if got := status(vera, r); got != 403 {
			t.Errorf("%s %s is answered with %d for a viewer", r.method, r.path, got)
		}
		if got := status(stella, r); got != 403 && (r.method != "POST" || r.path != "/api/v1/runs") {
			t.Errorf("%s %s is answered with %d for a starter", r.method, r.path, got)
		}
	}
	want[server.Problem](h, 403, stella, "POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"moons"},"prompts":[{"name":"write","text":"Spell it backwards."}]}`)
	if own := want[pawl.RunRecord](h, 201, stella, "POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"moons"}}`); own.Who != "stella" {
		t.Errorf("the starter's run is of %s", own.Who)
	}
	if now := h.rest(rec.ID); now.Status != pawl.StatusWaiting || len(now.Decisions) != 0 {
		t.Fatalf("the run is %+v", now)
	}
	want[server.Problem](h, 403, editor, "GET", beside+"/blockers/send", nil)
	want[server.Problem](h, 403, editor, "GET", at+"/blockers/other", nil)
	want[server.Problem](h, 403, editor, "POST", beside+"/decisions", h.decision(other, "approve"))
	want[server.Problem](h, 403, editor, "POST", at+"/decisions", `{"what":"raise","budget":{"calls":9}}`)
	want[pawl.InboxItem](h, 200, editor, "GET", at+"/blockers/send", nil)
	want[pawl.InboxItem](h, 200, vera, "GET", at+"/blockers/send", nil)
	got := want[pawl.RunRecord](h, 200, editor, "POST", at+"/decisions", h.decision(rec, "approve"))
	if len(got.Decisions) != 1 || got.Decisions[0].Who != "edith" {
		t.Errorf("decided by %+v", got.Decisions)
	}
	if string(got.Input) != "null" || got.Who != "" || len(got.Steps) != 0 {
		t.Errorf("who decides on one blocker is told %+v", got)
	}
}

// The ticket becomes a cookie and leaves the address; the cookie does what the ticket did,
// and a page of another site has no use for it.
func TestTicket(t *testing.T) {
	h := open(t, "", nil)
	a := h.ask("", "GET", "/runs/x?a=b&token=ticket", nil)
	c := a.Cookies()
	if a.StatusCode != 303 || a.Header.Get("Location") != "/runs/x?a=b" || len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || c[0].Value == "ticket" {
		t.Fatalf("%d to %q with %+v", a.StatusCode, a.Header.Get("Location"), c)
	}
	with := func(r *http.Request) { r.AddCookie(c[0]) }
	rec := want[pawl.RunRecord](h, 201, "", "POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"tides"}}`, with)
	if rec.Who != "paula" {
		t.Errorf("started by %q", rec.Who)
	}
	want[server.Problem](h, 403, "", "POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"tides"}}`, with, header("Origin", "https://evil.example"))
	want[server.Problem](h, 401, "nobody", "GET", "/api/v1/runs", nil, with) // a token that is wrong is not made up for
	for _, path := range []string{"/?token=wrong", "//evil.example/?token=ticket", "/%5C%5Cevil.example?token=ticket", `/\evil.example?token=wrong`} {
		a := h.ask("", "GET", path, nil)
		to := a.Header.Get("Location")
		if strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) || strings.Contains(to, "ticket") || strings.Contains(to, "http") {
			t.Errorf("%s is sent on to %q", path, to)
		}
		if strings.Contains(path, "wrong") && len(a.Cookies()) > 0 {
			t.Errorf("%s has got a cookie", path)
		}
	}
}

// What is wrong with a request is said, with its place, and no request is more than the
// server takes.
func TestBadRequests(t *testing.T) {
	h := open(t, "", nil)
	rec := h.start(`{"topic":"tides"}`)
	at := "/api/v1/runs/" + string(rec.ID)
	for _, c := range []struct {
		method, path, body string
		status             int
		text               string
	}{
		{"POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"x"}`, 400, "unexpected end of JSON"},
		{"POST", "/api/v1/runs", ``, 400, "body"},
		{"POST", "/api/v1/runs", `null`, 422, "body"},
		{"POST", "/api/v1/runs", `[]`, 422, "body"},
		{"POST", "/api/v1/runs", `{"flow":"letter"}`, 422, "body"},
		{"POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"x"},"who":"somebody"}`, 422, "who"},
		{"POST", "/api/v1/runs", `{"flow":"nope","input":{}}`, 422, "body.flow"},
		{"POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":""}}`, 422, `"path":"body.input.topic"`},
		{"POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"x","more":1}}`, 422, `body.input`},
		{"POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"x"},"model":"nope/nope"}`, 422, "nope"},
		{"POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"x"},"budget":{"calls":-1}}`, 422, "body.budget.calls"},
		{"POST", "/api/v1/runs", `{"flow":"letter","input":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, 0, ""},
		{"POST", "/api/v1/runs", "{\"flow\":\"letter\",\"input\":{\"topic\":\"\xff\"}}", 0, ""},
		{"POST", at + "/decisions", `{"key":"send","what":"cancel","digest":"x"}`, 422, "body.what"},
		{"POST", at + "/decisions", `{"key":"send","what":"approve"}`, 422, "body.digest"},
		{"POST", at + "/decisions", `{"key":"send","what":"approve","digest":"sha256:00"}`, 409, "conflict"},
		{"POST", at + "/decisions", `{"key":"send","what":"answer","digest":"x","value":1}`, 0, ""},
		{"POST", at + "/decisions", `{"key":"nope","what":"approve","digest":"x"}`, 0, "nope"},
		{"POST", at + "/guidance", `{"text":""}`, 422, "body.text"},
		{"POST", at + "/fork", `{"at":"nope"}`, 0, "nope"},
		{"POST", at + "/rerun", `{"input":{"topic":7}}`, 422, "body.input.topic"},
		{"POST", at + "/rerun", `{"input_patch":{"topic":null}}`, 422, "topic"},
		{"PUT", "/api/v1/limits/day", `{}`, 422, "limit"},
		{"PUT", "/api/v1/limits/day", `{"limit":{}}`, 422, `"path":"body.limit"`},
		{"PUT", "/api/v1/limits/day", `{"limit":{"calls":-1}}`, 422, "body.limit.calls"},
		{"PUT", "/api/v1/limits/day", `{"limit":{"usd":1e300}}`, 422, "usd"},
		{"PUT", "/api/v1/limits/day", `{"limit":{"calls":9223372036854775808}}`, 422, "calls"},
		{"PUT", "/api/v1/limits/day", `{"limit":{"calls":1},"tz":"../../etc/passwd"}`, 422, "time zone"},
		{"PUT", "/api/v1/limits/day", `{"limit":{"calls":1},"tz":"Local"}`, 422, "time zone"},
		{"PUT", "/api/v1/limits/day", `{"limit":{"calls":1},"who":"somebody"}`, 422, "who"},
		{"PUT", "/api/v1/limits/week", `{"limit":{"calls":1}}`, 422, "path.per"},
		{"PUT", "/api/v1/limits/day?flow=nope", `{"limit":{"calls":1}}`, 422, "query.flow"},
		{"PUT", "/api/v1/limits/day?flow=%00%1B", `{"limit":{"calls":1}}`, 422, "query.flow"},
		{"PUT", "/api/v1/limits", `{"limit":{"calls":1}}`, 405, "GET"},
		{"POST", "/api/v1/limits/day", `{"limit":{"calls":1}}`, 405, "PUT, DELETE"},
		{"DELETE", "/api/v1/limits/day", "", 404, "there is no limit"},
		{"DELETE", "/api/v1/limits/day?flow=%00", "", 404, "there is no limit"},
		{"GET", "/api/v1/runs?limit=0", "", 422, "query.limit"},
		{"GET", "/api/v1/runs?limit=x", "", 422, "query.limit"},
		{"GET", "/api/v1/runs?nope=1", "", 422, "nope"},
		{"GET", "/api/v1/runs/..%2F..%2Fetc%2Fpasswd", "", 404, "not_found"},
		{"GET", "/api/v1/runs/%00", "", 404, "not_found"},
		{"GET", "/api/v1/runs/" + strings.Repeat("a", 5000), "", 422, "path.run"},
		{"GET", "/api/v1/flows/../../etc/passwd", "", 0, ""},
		{"GET", at + "/steps/..%2F..%2Fx", "", 404, "not_found"},
		{"GET", at + "/steps/parts//write", "", 0, ""},
		{"GET", at + "/steps/", "", 422, "path.key"},
		{"GET", at + "/nope", "", 404, "there is no such route"},
		{"PUT", at, "{}", 405, "GET, DELETE"},
		{"PATCH", "/api/v1/runs", "{}", 405, "GET, POST"},
		{"OPTIONS", "/api/v1/runs", "", 405, ""},
		{"TRACE", "/", "", 404, ""},
	} {
		a := h.ask(olga, c.method, c.path, []byte(c.body))
		if c.status != 0 && a.StatusCode != c.status || a.StatusCode >= 500 || a.StatusCode < 300 || !strings.Contains(string(a.text), c.text) {
			t.Errorf("%s %.80s %.80s is answered with %d %s, want %d with %q", c.method, c.path, c.body, a.StatusCode, a.text, c.status, c.text)
		}
		if a.StatusCode >= 400 && a.Header.Get("Content-Type") != "application/problem+json" && c.method != "TRACE" {
			t.Errorf("%s %.80s is answered as %s", c.method, c.path, a.Header.Get("Content-Type"))
		}
	}
	if now := h.rest(rec.ID); now.Status != pawl.StatusWaiting || len(now.Decisions) != 0 {
		t.Errorf("the run is %+v", now)
	}
}

// endless is a text that has no end.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// A body of 100 MB is refused without being read to its end.
func TestHugeBody(t *testing.T) {
	h := open(t, "", nil)
	for _, path := range []string{"/api/v1/runs", "/api/v1/runs/x/decisions", "/api/v1/runs/x/guidance", "/hooks/x"} {
		conn, err := net.Dial("tcp", h.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n", path, otto)
		go io.Copy(conn, io.LimitReader(endless{}, 100<<20))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s is answered with %d", path, resp.StatusCode)
		}
	}
	if a := h.ask(vera, "GET", "/api/v1/runs", nil); a.StatusCode != 200 {
		t.Errorf("after that: %d", a.StatusCode)
	}
}

// Who asks too often is told when to ask again, and others are not kept waiting.
func TestRate(t *testing.T) {
	h := open(t, "", func(o *server.Options) { o.Rate = 0.01 }) // a bucket of one
	if a := h.ask(vera, "GET", "/api/v1/flows", nil); a.StatusCode != 200 {
		t.Errorf("the first is answered with %d", a.StatusCode)
	}
	a := h.ask(vera, "GET", "/api/v1/flows", nil)
	if a.StatusCode != 429 || a.Header.Get("Retry-After") == "" || !strings.Contains(string(a.text), `"rate_limit"`) {
		t.Errorf("the second is answered with %d %s", a.StatusCode, a.text)
	}
	if a := h.ask(otto, "GET", "/api/v1/flows", nil); a.StatusCode != 200 {
		t.Errorf("somebody else is answered with %d", a.StatusCode)
	}
	if a := h.ask("nobody", "GET", "/api/v1/flows", nil); a.StatusCode != 401 {
		t.Errorf("a wrong token is answered with %d", a.StatusCode)
	}
	if a := h.ask("", "GET", "/api/v1/flows", nil); a.StatusCode != 429 {
		t.Errorf("another one from there is answered with %d", a.StatusCode)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := h.ask("", "GET", path, nil); a.StatusCode != 200 {
			t.Errorf("%s is answered with %d after that", path, a.StatusCode)
		}
		if a := h.ask("", "GET", path, nil); a.StatusCode != 429 {
			t.Errorf("%s once more is answered with %d", path, a.StatusCode)
		}
	}
}

// Who may only look tests no guess of a hidden value: that a plan would reuse a step with it
// would say that it is right.
func TestGuess(t *testing.T) {
	h := open(t, "", nil)
	rec := h.start(`{"topic":"tides","secret":"orange"}`)
	at := "/api/v1/runs/" + string(rec.ID)
	reused := func(token, body string) (n int) {
		t.Helper()
		for _, step := range want[[]pawl.PlannedStep](h, 200, token, "POST", at+"/rerun/plan", body) {
			if step.Expect == pawl.ExpectReuse {
				n++
			}
		}
		return n
	}
	if right, wrong := reused(otto, `{"input_patch":{"secret":"orange"}}`), reused(otto, `{"input_patch":{"secret":"apple"}}`); right == wrong {
		t.Errorf("a guess shows nothing, right or wrong: %d and %d steps are reused", right, wrong)
	}
	if reused(vera, `{"model":"test/one"}`) == 0 {
		t.Error("a viewer sees no plan")
	}
	for path, bodies := range map[string][]string{
		"/rerun/plan": {`{"input_patch":{"secret":"orange"}}`, `{"input":{"topic":"tides","secret":"orange"}}`, `{"input_patch":{}}`, `{"prompts":[{"name":"write","text":"x"}]}`},
		"/fork/plan":  {`{"at":"send","result":{}}`, `{"at":"send","prompts":[{"name":"write","text":"x"}]}`},
	} {
		for _, body := range bodies {
			if a := h.ask(vera, "POST", at+path, body); a.StatusCode != 403 {
				t.Errorf("%s with %s is answered with %d to a viewer: %s", path, body, a.StatusCode, a.text)
			}
		}
	}
}

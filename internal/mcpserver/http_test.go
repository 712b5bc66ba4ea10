package mcpserver_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mcpserver"
	"github.com/pawlrun/pawl/server"
)

// bearer sends requests with a token.
type bearer struct{ token string }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(r)
}

var actors = map[string]server.Actor{
	"view-me":  {Name: "vera", Role: server.RoleViewer},
	"start-me": {Name: "stella", Role: server.RoleStarter},
	"run-me":   {Name: "otto", Role: server.RoleOperator},
	"other-me": {Name: "olga", Role: server.RoleOperator},
	"one-me":   {Name: "edith", Role: server.RoleBlocker},
}

// serve serves a house over HTTP, behind the checks of the API.
func (h *house) serve(change ...func(*http.Server)) *httptest.Server {
	h.t.Helper()
	return h.serveAt(-1, change...)
}

// serveAt is serve with a rate for each token; negative: none.
func (h *house) serveAt(rate float64, change ...func(*http.Server)) *httptest.Server {
	h.t.Helper()
	s := server.New(&server.Options{Engine: h.engine, Journal: h.journal, Rate: rate, Ticket: "ticket", Visitor: server.Actor{Name: "paula", Role: server.RoleOperator},
		Authenticate: func(secret string) (server.Actor, bool) { a, ok := actors[secret]; return a, ok }})
	s.Handle("/mcp", server.RoleViewer, h.Handler(func(r *http.Request) mcpserver.Actor {
		a := server.ActorOf(r.Context())
		return mcpserver.Actor{Name: a.Name, Start: a.Role == server.RoleStarter, Operate: a.Role == server.RoleOperator}
	}))
	web := httptest.NewUnstartedServer(s)
	for _, c := range change {
		c(web.Config)
	}
	web.Start()
	h.t.Cleanup(func() {
		h.Close()
		s.Close()
		web.Close()
	})
	return web
}

func (h *house) dialHTTP(web *httptest.Server, token, era string, p person, change ...func(*mcp.ClientOptions)) *agent {
	h.t.Helper()
	a := dial(h.t, &mcp.StreamableClientTransport{Endpoint: web.URL + "/mcp", HTTPClient: &http.Client{Transport: bearer{token}}}, era, p, change...)
	h.t.Cleanup(func() { a.Close() })
	return a
}

// Over HTTP who starts and decides is the name of the token, and who may look does no more.
func TestHTTP(t *testing.T) {
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			h := open(t, allowed)
			web := h.serve()
			a := h.dialHTTP(web, "run-me", era, func(*mcp.ElicitParams) (*mcp.ElicitResult, error) {
				return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"decision": "approve"}}, nil
			})
			run := a.start("letter", map[string]any{"topic": "tides"}).Run
			if run.Who != "otto" {
				t.Errorf("the run was started by %q", run.Who)
			}
			vera := h.dialHTTP(web, "view-me", era, nil)
			vera.rest(run.ID)
			vera.fails("run_start", map[string]any{"flow": "letter", "input": map[string]any{"topic": "x"}}, "forbidden", "vera")
			vera.fails("run_control", map[string]any{"run": run.ID, "action": "cancel"}, "forbidden")
			vera.fails("inbox_decide", map[string]any{"run": run.ID, "step": "send", "what": "approve", "digest": run.Blockers[0].Digest}, "forbidden")
			stella := h.dialHTTP(web, "start-me", era, nil)
			if own := stella.start("letter", map[string]any{"topic": "moons"}).Run; own.Who != "stella" || len(own.Blockers) != 1 {
				t.Errorf("the starter's run is %+v", own)
			} else {
				stella.fails("run_control", map[string]any{"run": own.ID, "action": "cancel"}, "forbidden", "stella")
				stella.fails("inbox_decide", map[string]any{"run": own.ID, "step": "send", "what": "approve", "digest": own.Blockers[0].Digest}, "forbidden", "start")
			}
			params := &mcp.CallToolParams{Name: "run_wait", Arguments: map[string]any{"run": run.ID}}
			params.SetProgressToken(7)
			if r, err := a.CallTool(t.Context(), params); err != nil || r.IsError {
				t.Fatal(err, r)
			}
			if told := <-a.told; !strings.Contains(told, string(run.ID)) {
				t.Errorf("progress is %q", told)
			}
			var got answered
			a.call(&got, "inbox_decide", map[string]any{"run": run.ID, "step": "send"})
			if got = a.rest(run.ID); got.Run.Status != pawl.StatusDone || got.Run.Decisions[0].Who != "otto" {
				t.Errorf("the run is %+v", got.Run)
			}
		})
	}
}

// post sends a message to a server as it is.
func post(t *testing.T, url, body string, change func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/mcp", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("Authorization", "Bearer run-me")
	if change != nil {
		change(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}`

// Pages of other sites, other hosts, nobody's tokens and cookies alone get nothing, in either era.
func TestHTTPRefuses(t *testing.T) {
	h := open(t, nil)
	web := h.serve()
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			if name == "Host" {
				r.Host = value
				return
			}
			if r.Header.Set(name, value); value == "" {
				r.Header.Del(name)
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"as it is to be":   {nil, 200},
		"foreign origin":   {set("Origin", "https://evil.example"), 403},
		"cross site":       {set("Sec-Fetch-Site", "cross-site"), 403},
		"rebound name":     {set("Host", "evil.example"), 403},
		"no token":         {set("Authorization", ""), 401},
		"unknown token":    {set("Authorization", "Bearer x"), 401},
		"for one question": {set("Authorization", "Bearer one-me"), 403},
	} {
		for _, modern := range []bool{false, true} {
			status, text := post(t, web.URL, hello, func(r *http.Request) {
				if c.change != nil {
					c.change(r)
				}
				if modern {
					r.Header.Set("Mcp-Protocol-Version", "2026-07-28")
				}
			})
			if c.status != 200 && status != c.status || c.status == 200 && status != 200 && !modern {
				t.Errorf("%s: got %d, want %d: %s", name, status, c.status, text)
			}
		}
	}
	jar := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	let, err := jar.Get(web.URL + "/?token=ticket")
	if err != nil {
		t.Fatal(err)
	}
	let.Body.Close()
	if len(let.Cookies()) != 1 {
		t.Fatalf("the page is let in with %v", let.Cookies())
	}
	status, text := post(t, web.URL, hello, func(r *http.Request) {
		r.Header.Del("Authorization")
		r.AddCookie(let.Cookies()[0])
	})
	if status != 401 {
		t.Errorf("a cookie alone is answered with %d: %s", status, text)
	}
}

// A session is for the token that has begun it.
func TestHTTPSessions(t *testing.T) {
	h := open(t, nil)
	web := h.serve()
	a := h.dialHTTP(web, "run-me", eras[0], nil)
	status, text := post(t, web.URL, `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`, func(r *http.Request) {
		r.Header.Set("Mcp-Session-Id", a.ID())
		r.Header.Set("Authorization", "Bearer other-me")
	})
	if status != 403 {
		t.Errorf("the session of another one is answered with %d: %s", status, text)
	}
}

// What a person is asked is for the token that has asked it, and for the server that has.
func TestHTTPStates(t *testing.T) {
	h := open(t, allowed)
	web := h.serve()
	itself := func(o *mcp.ClientOptions) { o.MultiRoundTrip = &mcp.MultiRoundTripOptions{Disabled: true} }
	asks := func(*mcp.ElicitParams) (*mcp.ElicitResult, error) { return &mcp.ElicitResult{Action: "cancel"}, nil }
	otto, olga := h.dialHTTP(web, "run-me", eras[1], asks, itself), h.dialHTTP(web, "other-me", eras[1], asks, itself)
	run := otto.start("letter", map[string]any{"topic": "tides"}).Run
	params := &mcp.CallToolParams{Name: "inbox_decide", Arguments: map[string]any{"run": run.ID, "step": "send"}}
	asked, err := otto.CallTool(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	params.RequestState = asked.RequestState
	params.InputResponses = mcp.InputResponseMap{"decision": &mcp.ElicitResult{Action: "accept", Content: map[string]any{"decision": "approve"}}}
	other := &house{Server: mcpserver.New(t.Context(), &mcpserver.Options{Engine: h.engine, Journal: h.journal, Flows: []pawl.Flow{letter}, AllowDecisions: true}), t: t, journal: h.journal, engine: h.engine}
	for name, a := range map[string]*agent{"another token": olga, "another server": other.dialHTTP(other.serve(), "run-me", eras[1], asks, itself)} {
		if r, err := a.CallTool(t.Context(), params); err == nil || !strings.Contains(err.Error(), "requestState") {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
	}
	if r, err := otto.CallTool(t.Context(), params); err != nil || r.IsError {
		t.Errorf("%v, %s", err, text(r))
	}
}

// What is too large is refused, and the next request is answered.
func TestHTTPLarge(t *testing.T) {
	h := open(t, nil)
	web := h.serve()
	large := fmt.Sprintf(`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"docs_search","arguments":{"query":%q}}}`, strings.Repeat("x", 50<<20))
	if status, text := post(t, web.URL, large, nil); status != http.StatusRequestEntityTooLarge && status != http.StatusBadRequest {
		t.Errorf("got %d: %.200s", status, text)
	}
	h.dialHTTP(web, "run-me", eras[1], nil).call(nil, "flow_list", nil)
}

// A thousand calls at once over HTTP are answered, each, or told that they are too many; the
// server has a rate for each token.
func TestHTTPManyCalls(t *testing.T) {
	for rate, most := range map[float64]int{-1: 0, 100: 1000} {
		h := open(t, nil)
		web := h.serveAt(rate)
		call := func() (int, string) {
			return post(t, web.URL, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_start","arguments":{"flow":"count","input":{"topic":"x"},"idempotency_key":"one"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`,
				func(r *http.Request) {
					r.Header.Set("Mcp-Protocol-Version", "2026-07-28")
					r.Header.Set("Mcp-Method", "tools/call")
					r.Header.Set("Mcp-Name", "run_start")
				})
		}
		var all sync.WaitGroup
		var refused atomic.Int64
		for range 1000 {
			all.Go(func() {
				switch status, text := call(); {
				case status == http.StatusTooManyRequests:
					refused.Add(1)
				case status != http.StatusOK || !strings.Contains(text, `\"flow\":\"count\"`):
					t.Errorf("got %d: %.300s", status, text)
				}
			})
		}
		all.Wait()
		if n := int(refused.Load()); n > most || most > 0 && n == 0 {
			t.Errorf("at a rate of %v, %d calls are refused", rate, n)
		}
		if runs, err := h.engine.List(t.Context(), pawl.RunFilter{}); err != nil || len(runs) != 1 {
			t.Errorf("%d runs were started under one key: %v", len(runs), err)
		}
	}
}

// A run lives on when its client gives up, and the client finds it again.
func TestClientGivesUp(t *testing.T) {
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			h := open(t, nil)
			a := h.dialHTTP(h.serve(), "run-me", era, nil)
			args := map[string]any{"flow": "slow", "input": map[string]any{}, "idempotency_key": "k", "wait_seconds": 45}
			ctx, giveUp := context.WithCancel(t.Context())
			params := &mcp.CallToolParams{Name: "run_start", Arguments: args}
			params.SetProgressToken(1)
			ended := make(chan error, 1)
			go func() { _, err := a.CallTool(ctx, params); ended <- err }()
			told := <-a.told
			giveUp()
			if err := <-ended; err == nil {
				t.Error("the call has ended by itself")
			}
			var again answered
			args["wait_seconds"] = 0
			a.call(&again, "run_start", args)
			if !again.Again || !strings.Contains(told, string(again.ID)) {
				t.Errorf("the run is %+v, told was %q", again, told)
			}
			if again.Run.Status.AtRest() {
				t.Errorf("the run is %s", again.Run.Status)
			}
			close(h.held)
			if got := a.rest(again.ID); got.Run.Status != pawl.StatusDone {
				t.Errorf("the run is %s", got.Run.Status)
			}
		})
	}
}

// An answer may take longer than the server's limit of time for all others.
func TestHTTPTakesLong(t *testing.T) {
	for _, era := range eras {
		h := open(t, nil)
		a := h.dialHTTP(h.serve(func(s *http.Server) { s.WriteTimeout = time.Millisecond }), "run-me", era, nil)
		params := &mcp.CallToolParams{Name: "run_start", Arguments: map[string]any{"flow": "slow", "input": map[string]any{}, "wait_seconds": 45}}
		params.SetProgressToken(1)
		ended := make(chan error, 1)
		go func() { _, err := a.CallTool(t.Context(), params); ended <- err }()
		<-a.told
		close(h.held)
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", era, err)
		}
	}
}

// There are only so many sessions at once.
func TestManySessions(t *testing.T) {
	h := open(t, nil)
	web := h.serve()
	for i := range 1001 {
		status, text := post(t, web.URL, hello, nil)
		if want := map[bool]int{true: 200, false: 503}[i < 1000]; status != want {
			t.Fatalf("session %d: got %d, want %d: %s", i, status, want, text)
		}
	}
	h.dialHTTP(web, "run-me", eras[1], nil).call(nil, "flow_list", nil) // which needs none
}

// Lines that are no messages are refused one by one, what was asked before the end is answered,
// and nothing but the protocol is written.
func TestLines(t *testing.T) {
	h := open(t, nil)
	var in bytes.Buffer
	large := fmt.Sprintf(`{"jsonrpc":"2.0","id":"large","method":"tools/call","params":{"name":"flow_list","arguments":{"x":%q}}}`, strings.Repeat("x", 50<<20))
	for _, line := range []string{
		hello, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, "junk", "[]", `[{"jsonrpc":"2.0","id":5,"method":"ping"}]`, `{"id":"no version","method":"ping"}`, "", "\x00\xff", large,
		`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"nothing"}}`,
		`{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"flow_list"}}`,
	} {
		in.WriteString(line + "\n")
	}
	in.WriteString(`{"jsonrpc":"2.0","id":99,"method":"tools/ca`) // cut
	var out bytes.Buffer
	if err := h.Run(t.Context(), &in, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"id":1,"result"`, `"id":"large","error":{"code":-32600`, `"id":"no version","error"`, `"id":7,"error"`, `"id":8,"result"`, `larger than 16 MiB`, `"id":null,"error":{"code":-32700`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("nothing says %s", want)
		}
	}
	if n := strings.Count(out.String(), `"id":null,"error"`); n != 5 {
		t.Errorf("%d lines are refused without an id, want 5", n)
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, `{"jsonrpc":"2.0",`) {
			t.Errorf("something else is written: %.200q", line)
		}
	}
}

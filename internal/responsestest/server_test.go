package responsestest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl/internal/responsestest"
)

const hello = `{"model":"m","store":false,"input":[{"role":"user","content":"Say hello to the world."}]}`

func post(t *testing.T, ctx context.Context, url, body string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/responses", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer key")
	req.Header.Set("Content-Type", "application/json")
	return http.DefaultClient.Do(req)
}

// get posts body and returns status and text.
func get(t *testing.T, srv *responsestest.Server, body string) (int, string) {
	t.Helper()
	res, err := post(t, t.Context(), srv.URL(), body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestSameRequestSameAnswer(t *testing.T) {
	a, b := responsestest.New(t), responsestest.New(t)
	_, first := get(t, a, hello)
	_, second := get(t, b, hello)
	if first != second {
		t.Errorf("two servers differ:\n%s\n%s", first, second)
	}
	var object struct {
		Status string
		Output []struct{ Content []struct{ Type, Text string } }
		Usage  struct {
			Input  int `json:"input_tokens"`
			Output int `json:"output_tokens"`
		}
	}
	if err := json.Unmarshal([]byte(first), &object); err != nil {
		t.Fatal(err)
	}
	text := object.Output[0].Content[0].Text
	if object.Status != "completed" || text == "" || object.Usage.Input != 5 || object.Usage.Output != len(strings.Fields(text)) {
		t.Errorf("answer %s", first)
	}
	if v := a.Violations(); len(v) > 0 {
		t.Errorf("violations %q", v)
	}
}

func TestStreamTellsTheSameAsPlain(t *testing.T) {
	srv := responsestest.New(t)
	_, plain := get(t, srv, hello)
	_, events := get(t, srv, strings.Replace(hello, "{", `{"stream":true,`, 1))
	var names []string
	var deltas strings.Builder
	var last struct {
		Response struct{ Output json.RawMessage }
	}
	for _, line := range strings.Split(events, "\n") {
		if name, ok := strings.CutPrefix(line, "event: "); ok && (len(names) == 0 || names[len(names)-1] != name) {
			names = append(names, name)
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var e struct{ Type, Delta string }
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			t.Fatal(err)
		}
		deltas.WriteString(e.Delta)
		if err := json.Unmarshal([]byte(data), &last); err != nil {
			t.Fatal(err)
		}
	}
	want := "response.created response.in_progress response.output_item.added response.content_part.added " +
		"response.output_text.delta response.output_text.done response.content_part.done response.output_item.done response.completed"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("events %s, wants %s", got, want)
	}
	var object struct {
		Output []struct{ Content []struct{ Text string } }
	}
	if err := json.Unmarshal([]byte(plain), &object); err != nil {
		t.Fatal(err)
	}
	if text := object.Output[0].Content[0].Text; deltas.String() != text || !strings.Contains(string(last.Response.Output), strings.Fields(text)[0]) {
		t.Errorf("deltas %q, last event %s, wants %q", deltas.String(), last.Response.Output, text)
	}
	if c := srv.Calls(); c[0].Digest != c[1].Digest || c[1].Nth != 2 || srv.Count(c[0].Digest) != 2 || len(srv.Repeated()) != 1 {
		t.Errorf("the same content is counted apart: %+v", c)
	}
}

func TestViolations(t *testing.T) {
	const input = `"input":[{"role":"user","content":"x"}]`
	format := func(f string) string { return `{"model":"m","store":false,` + input + `,"text":{"format":` + f + `}}` }
	for _, tt := range []struct{ name, body, message string }{
		{"no JSON", `{"model"`, "could not parse"},
		{"two bodies", hello + hello, "could not parse"},
		{"unknown field", `{"model":"m","store":false,` + input + `,"max_tokens":10}`, "unknown parameter: 'max_tokens'"},
		{"temperature", `{"model":"m","store":false,` + input + `,"temperature":2.5}`, "from 0 to 2"},
		{"no model", `{"store":false,` + input + `}`, "model"},
		{"model of another type", `{"model":1,"store":false,` + input + `}`, "invalid type"},
		{"stored", `{"model":"m",` + input + `}`, "store"},
		{"few tokens", `{"model":"m","store":false,"max_output_tokens":15,` + input + `}`, ">= 16"},
		{"no input", `{"model":"m","store":false}`, "input"},
		{"empty input", `{"model":"m","store":false,"input":[]}`, "input"},
		{"empty text", `{"model":"m","store":false,"input":""}`, "input"},
		{"unknown role", `{"model":"m","store":false,"input":[{"role":"tool","content":"x"}]}`, "input[0].role"},
		{"no content", `{"model":"m","store":false,"input":[{"role":"user"}]}`, "input[0].content"},
		{"content null", `{"model":"m","store":false,"input":[{"role":"user","content":null}]}`, "input[0].content"},
		{"chat part", `{"model":"m","store":false,"input":[{"role":"user","content":[{"type":"text","text":"x"}]}]}`, "content[0].type"},
		{"input part of the assistant", `{"model":"m","store":false,"input":[{"role":"assistant","content":[{"type":"input_text","text":"x"}]}]}`, "content[0].type"},
		{"part without text", `{"model":"m","store":false,"input":[{"role":"user","content":[{"type":"input_text"}]}]}`, "content[0].text"},
		{"unknown field of an item", `{"model":"m","store":false,"input":[{"role":"user","content":"x","name":"n"}]}`, "input[0]"},
		{"other item", `{"model":"m","store":false,"input":[{"type":"reasoning"}]}`, "input[0].type"},
		{"format of chat", format(`{"type":"json_schema","json_schema":{"name":"a"}}`), "text.format"},
		{"JSON mode without the word", format(`{"type":"json_object"}`), "must contain the word 'json'"},
		{"unknown format", format(`{"type":"xml"}`), "text.format.type"},
		{"no name", format(`{"type":"json_schema","strict":true,"schema":{}}`), "text.format.name"},
		{"name with a space", format(`{"type":"json_schema","name":"a b","strict":true,"schema":{}}`), "text.format.name"},
		{"not strict", format(`{"type":"json_schema","name":"a","schema":{}}`), "text.format.strict"},
		{"schema", format(`{"type":"json_schema","name":"a","strict":true,"schema":{"type":"object"}}`), "invalid schema for response_format 'a'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := responsestest.New(t)
			srv.On(func(responsestest.Call) responsestest.Reply {
				t.Error("the script saw an invalid request")
				return responsestest.Reply{}
			})
			status, body := get(t, srv, tt.body)
			var e struct {
				Error struct{ Message, Type string }
			}
			if err := json.Unmarshal([]byte(body), &e); err != nil || status != 400 || e.Error.Type != "invalid_request_error" || e.Error.Message == "" {
				t.Errorf("answer %d %s", status, body)
			}
			if v := srv.Violations(); len(v) != 1 || !strings.Contains(v[0], tt.message) {
				t.Errorf("violations %q, wants one with %q", v, tt.message)
			}
			if c := srv.Calls(); len(c) != 1 {
				t.Errorf("%d calls recorded", len(c))
			}
		})
	}
}

func TestTransportViolations(t *testing.T) {
	for _, tt := range []struct {
		name, method, path, key, contentType string
		status                               int
	}{
		{"no key", "POST", "/responses", "", "application/json", 401},
		{"no bearer", "POST", "/responses", "Basic eA==", "application/json", 401},
		{"GET", "GET", "/responses", "Bearer k", "application/json", 405},
		{"other path", "POST", "/completions", "Bearer k", "application/json", 404},
		{"doubled slash", "POST", "//responses", "Bearer k", "application/json", 404},
		{"content type", "POST", "/responses", "Bearer k", "text/plain", 400},
		{"query", "POST", "/responses?x=1", "Bearer k", "application/json", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := responsestest.New(t)
			req, err := http.NewRequestWithContext(t.Context(), tt.method, srv.URL()+tt.path, strings.NewReader(hello))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", tt.contentType)
			if tt.key != "" {
				req.Header.Set("Authorization", tt.key)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if v := srv.Violations(); res.StatusCode != tt.status || len(v) != 1 {
				t.Errorf("status %d and violations %q, wants %d and one", res.StatusCode, v, tt.status)
			}
		})
	}
}

func TestScript(t *testing.T) {
	srv := responsestest.New(t)
	var before []int
	srv.On(func(c responsestest.Call) responsestest.Reply {
		r := responsestest.Reply{}
		if c.Nth == 1 {
			r = responsestest.WrongKey(c, true).Header("Retry-After", "2")
		}
		return r.Before(func(c responsestest.Call) { before = append(before, c.N) })
	})
	for i, want := range []int{401, 200, 401} {
		body := hello
		if i == 2 {
			body = strings.Replace(hello, "world", "moon", 1)
		}
		if status, text := get(t, srv, body); status != want {
			t.Errorf("call %d: %d %s, wants %d", i+1, status, text, want)
		}
	}
	if len(before) != 3 || before[2] != 3 {
		t.Errorf("before was called for %v", before)
	}
	if c := srv.Calls(); c[1].Nth != 2 || c[2].N != 3 || c[2].Nth != 1 || !strings.Contains(c[2].Prompt(), "moon") {
		t.Errorf("calls %+v", c)
	}
}

func TestInFlight(t *testing.T) {
	srv := responsestest.New(t)
	srv.On(func(responsestest.Call) responsestest.Reply { return responsestest.Hang("") })
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, err := post(t, ctx, srv.URL(), hello); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, wants canceled", err)
			}
		})
	}
	srv.WaitInFlight(5)
	if n := srv.InFlight(); n != 5 {
		t.Errorf("%d in flight", n)
	}
	cancel()
	wg.Wait()
	srv.WaitIdle()
	srv.WaitCalls(5)
	if srv.InFlight() != 0 || srv.MaxInFlight() != 5 {
		t.Errorf("%d in flight, at most %d", srv.InFlight(), srv.MaxInFlight())
	}
}

// Close lets go of calls that hang or are delayed, and can be called again.
func TestCloseLetsGo(t *testing.T) {
	for name, reply := range map[string]responsestest.Reply{
		"hang":  responsestest.Hang(""),
		"delay": responsestest.Text("late").After(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			srv := responsestest.New(t)
			srv.On(func(responsestest.Call) responsestest.Reply { return reply })
			failed := make(chan error, 1)
			go func() {
				res, err := post(t, context.WithoutCancel(t.Context()), srv.URL(), hello)
				if err == nil {
					_, err = io.ReadAll(res.Body)
					res.Body.Close()
				}
				failed <- err
			}()
			srv.WaitInFlight(1)
			srv.Close()
			srv.Close()
			if err := <-failed; err == nil {
				t.Error("the call was answered")
			}
		})
	}
}

func TestReplyMethodsCopy(t *testing.T) {
	base := responsestest.Text("x").Header("A", "1")
	one, two := base.Header("B", "1"), base.Header("B", "2")
	srv := responsestest.New(t)
	replies := []responsestest.Reply{base, one, two}
	srv.On(func(c responsestest.Call) responsestest.Reply { return replies[c.N-1] })
	for i, want := range []string{"", "1", "2"} {
		res, err := post(t, t.Context(), srv.URL(), hello)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("B"); got != want || res.Header.Get("A") != "1" {
			t.Errorf("reply %d has headers %v", i, res.Header)
		}
	}
}

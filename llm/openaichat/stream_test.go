package openaichat_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/openaichat"
)

const mark = "data: [DONE]\n\n"

func chunk(choices, rest string) string {
	return `data: {"id":"c1","object":"chat.completion.chunk","model":"qwen3","choices":[` + choices + `]` + rest + "}\n\n"
}

func delta(content string) string {
	return chunk(`{"index":0,"delta":{"content":"`+content+`"},"finish_reason":null}`, "")
}

func finish(reason string) string {
	return chunk(`{"index":0,"delta":{},"finish_reason":"`+reason+`"}`, "")
}

func TestStreams(t *testing.T) {
	counts := chunk("", `,"usage":`+usageJSON)
	usage := &llm.Usage{InputTokens: 12, OutputTokens: 5, CachedTokens: 8}
	for _, tt := range []struct {
		name, events string
		text         string // the answer; empty: an error
		usage        *llm.Usage
		kind         llm.ErrorKind
		heard        string // and, with an error, the partial text
	}{
		{"plain sailing", delta("Hel") + delta("lo") + finish("stop") + counts + mark, "Hello", usage, "", "Hello"},
		{"no counts", delta("Hello") + finish("stop") + mark, "Hello", nil, "", "Hello"},
		{"counts null in every chunk", strings.ReplaceAll(delta("Hello")+finish("stop"), "]}\n", `],"usage":null}`+"\n") + counts + mark, "Hello", usage, "", "Hello"},
		{"counts beside the finish", delta("Hello") + strings.Replace(finish("stop"), `]}`+"\n", `],"usage":`+usageJSON+"}\n", 1) + mark, "Hello", usage, "", "Hello"},
		{"counts so far in every chunk", strings.Replace(delta("Hello"), `]}`+"\n", `],"usage":{"prompt_tokens":12,"completion_tokens":1}}`+"\n", 1) + finish("stop") + counts + mark, "Hello", usage, "", "Hello"},
		{"counts of the beginning only", strings.Replace(delta("Hello"), `]}`+"\n", `],"usage":{"prompt_tokens":12,"completion_tokens":1}}`+"\n", 1) + finish("stop") + mark, "Hello", &llm.Usage{InputTokens: 12, OutputTokens: 1}, "", "Hello"},
		{"finish without the mark", delta("Hello") + finish("stop"), "Hello", nil, "", "Hello"},
		{"mark without a finish", delta("Hello") + mark, "Hello", nil, "", "Hello"},
		{"mark without its blank line", delta("Hello") + finish("stop") + "data: [DONE]", "Hello", nil, "", "Hello"},
		{"last words beside the finish", delta("Hel") + chunk(`{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}`, "") + mark, "Hello", nil, "", "Hello"},
		{"reasoning", chunk(`{"index":0,"delta":{"reasoning_content":"hm","content":null}}`, "") + chunk(`{"index":0,"delta":{"reasoning":"hm","content":""}}`, "") + delta("Hello") + finish("stop") + mark, "Hello", nil, "", "Hello"},
		{"an end in every chunk", chunk(`{"index":0,"delta":{"content":"Hel"},"finish_reason":"stop"}`, `,"usage":{"prompt_tokens":12,"completion_tokens":1}`) + chunk(`{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}`, `,"usage":`+usageJSON) + mark, "Hello", usage, "", "Hello"},
		{"an end in every chunk, none behind", chunk(`{"index":0,"delta":{"content":"Hel"},"finish_reason":"stop"}`, "") + chunk(`{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}`, ""), "", nil, llm.Network, "Hello"},
		{"the word null for an end in every chunk", chunk(`{"index":0,"delta":{"content":"Hel"},"finish_reason":"null"}`, "") + chunk(`{"index":0,"delta":{"content":"lo"},"finish_reason":"null"}`, "") + finish("stop") + mark, "Hello", nil, "", "Hello"},
		{"fields of another type", chunk(`{"index":0,"delta":{"content":"Hel","tool_calls":"none","refusal":0},"finish_reason":false}`, `,"usage":[],"error":false`) + delta("lo") + finish("stop") + mark, "Hello", nil, "", "Hello"},
		{"error beside a choice", delta("Hello") + chunk(`{"index":0,"delta":{"content":""},"finish_reason":"stop","error":{"code":502,"message":"upstream"}}`, "") + mark, "", nil, llm.Overloaded, "Hello"},
		{"several choices", delta("Hel") + chunk(`{"index":1,"delta":{"content":"Other"},"finish_reason":"length"}`, "") + delta("lo") + finish("stop") + mark, "Hello", nil, "", "Hello"},
		{"comments, blank lines, foreign chunks", ": OPENROUTER PROCESSING\n\n\n" + `data: {"object":"ping"}` + "\n\n" + `data: {"choices":[],"prompt_filter_results":[]}` + "\n\n" + delta("Hello") + finish("stop") + mark, "Hello", nil, "", "Hello"},
		{"error null in every chunk", strings.ReplaceAll(delta("Hello")+finish("stop"), "]}\n", `],"error":null}`+"\n") + mark, "Hello", nil, "", "Hello"},
		{"what follows the end is not read", delta("Hello") + finish("stop") + mark + `data: {"error":"late"}` + "\n\n", "Hello", nil, "", "Hello"},
		{"trouble behind the finish", delta("Hello") + finish("stop") + `data: {"error":"late"}` + "\n\n", "Hello", nil, "", "Hello"},
		{"broken event behind the finish", delta("Hello") + finish("stop") + "data: {\n\n", "Hello", nil, "", "Hello"},
		{"line ends of another system", strings.ReplaceAll(delta("Hello")+finish("stop")+counts+mark, "\n", "\r\n"), "Hello", usage, "", "Hello"},

		{"end without either", delta("Hello"), "", nil, llm.Network, "Hello"},
		{"end behind whole JSON", delta("{}"), "", nil, llm.Network, "{}"},
		{"nothing", "", "", nil, llm.Network, ""},
		{"finish cut off", delta("Hello") + strings.TrimRight(finish("stop"), "\n"), "", nil, llm.Network, "Hello"},
		{"mark alone", mark, "", nil, llm.Overloaded, ""},
		{"length", delta("Hello") + finish("length") + counts + mark, "", usage, llm.Truncated, "Hello"},
		{"length and an early end", delta("Hello") + finish("length"), "", nil, llm.Truncated, "Hello"},
		{"filter", delta("Hello") + finish("content_filter") + mark, "", nil, llm.Filtered, "Hello"},
		{"refusal", chunk(`{"index":0,"delta":{"refusal":"I "}}`, "") + chunk(`{"index":0,"delta":{"refusal":"won't"}}`, "") + finish("stop") + mark, "", nil, llm.Refused, ""},
		{"broken event", delta("Hello") + "data: {\"choices\":\n\n", "", nil, llm.Overloaded, "Hello"},
		{"error chunk", delta("Hello") + `data: {"error":{"message":"slow","code":"rate_limit_exceeded"}}` + "\n\n" + mark, "", nil, llm.RateLimit, "Hello"},
		{"error chunk with a finish", delta("Hello") + `data: {"id":"c1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"upstream"}}` + "\n\n" + mark, "", nil, llm.Overloaded, "Hello"},
		{"error chunk with a status", delta("Hello") + `data: {"error":{"object":"error","message":"bad","type":"BadRequestError","code":400}}` + "\n\n" + mark, "", nil, llm.Invalid, "Hello"},
		{"error chunk as a string", `data: {"error":"model crashed"}` + "\n\n", "", nil, llm.Overloaded, ""},
		{"error event", "event: error\n" + `data: {"message":"oops"}` + "\n\n", "", nil, llm.Overloaded, ""},
		{"finish that says error", delta("Hello") + finish("error") + mark, "", nil, llm.Overloaded, "Hello"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := start(t)
			reply(srv, responsestest.Raw(200, "text/event-stream", tt.events))
			var heard strings.Builder
			resp, err := model.Generate(t.Context(), ask("Hello."), func(d llm.Delta) { heard.WriteString(d.Text) })
			if heard.String() != tt.heard {
				t.Errorf("heard %q, wants %q", heard.String(), tt.heard)
			}
			if tt.kind == "" {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(llm.Response{Text: tt.text, Model: "qwen3", ID: "c1", Usage: tt.usage}, resp); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
				return
			}
			e := wantKind(t, err, tt.kind)
			if e.Partial != tt.heard || e.Message == "" || !cmp.Equal(e.Usage, tt.usage) {
				t.Errorf("got %+v, wants partial %q and usage %+v", e, tt.heard, tt.usage)
			}
		})
	}
}

// open is an answer whose connection stays open behind what it sends: text, a
// time.Duration of silence, or an error with which it breaks (io.EOF: it ends). Time in the
// tests that use it is fake.
func open(t *testing.T, sends ...any) *openaichat.Model {
	t.Helper()
	return openaichat.New(&openaichat.Options{BaseURL: "http://far.test/v1", HTTPClient: &http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			near, far := io.Pipe()
			go func() {
				for _, send := range sends {
					switch send := send.(type) {
					case string:
						_, _ = io.WriteString(far, send)
					case time.Duration:
						time.Sleep(send)
					case error:
						_ = far.CloseWithError(send)
					}
				}
			}()
			stop := context.AfterFunc(r.Context(), func() { _ = far.CloseWithError(r.Context().Err()) })
			t.Cleanup(func() { stop() })
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: near, Request: r}, nil
		}),
	}})
}

// Some servers leave the connection open. A complete answer does not wait for it.
func TestStreamsThatStayOpen(t *testing.T) {
	for _, tt := range []struct {
		name, events string
		took         time.Duration
		kind         llm.ErrorKind
	}{
		{"behind the mark", delta("Hello") + finish("stop") + mark, 0, ""},
		{"behind the counts", delta("Hello") + finish("stop") + chunk("", `,"usage":`+usageJSON), 0, ""},
		{"behind the finish", delta("Hello") + finish("stop"), 2 * time.Second, ""},
		{"behind a finish that was none", delta("Hello") + finish("length"), 2 * time.Second, llm.Truncated},
		{"in the middle", delta("Hello"), time.Minute, llm.Timeout},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				begun := time.Now()
				resp, err := open(t, tt.events).Generate(ctx, ask("Hello."), ignore)
				if took := time.Since(begun); took != tt.took {
					t.Errorf("took %v, wants %v", took, tt.took)
				}
				if tt.kind != "" {
					if e := wantKind(t, err, tt.kind); e.Partial != "Hello" {
						t.Errorf("partial %q", e.Partial)
					}
				} else if err != nil || resp.Text != "Hello" {
					t.Errorf("got %q, %v", resp.Text, err)
				}
			})
		})
	}
}

// An end that stands in every piece says nothing: neither that the answer is complete
// before its text has come, nor behind its first words.
func TestEndsInEveryPiece(t *testing.T) {
	ends := func(delta string) string {
		return chunk(`{"index":0,"delta":{`+delta+`},"finish_reason":"stop"}`, "")
	}
	thinks := chunk(`{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}`, "")
	reset := errors.New("connection reset by peer")
	const long = 50 * time.Second
	for _, tt := range []struct {
		name string
		send []any
		text string // the answer; empty: an error
		kind llm.ErrorKind
		took time.Duration
	}{
		{"a role first", []any{ends(`"role":"assistant","content":""`), long, ends(`"content":"Hello"`) + mark}, "Hello", "", long},
		{"a thought first", []any{ends(`"reasoning_content":"hm"`), long, ends(`"content":"Hello"`) + mark}, "Hello", "", long},
		{"silence within", []any{ends(`"content":"Hel"`), long, ends(`"content":"lo"`) + mark}, "Hello", "", long},
		{"silence within, behind a thought without", []any{thinks + ends(`"content":"Hel"`), long, ends(`"content":"lo"`) + mark}, "Hello", "", long},
		{"broken behind the first", []any{ends(`"content":"Hel"`), reset}, "", llm.Network, 0},
		{"broken behind the first, and a thought without", []any{thinks + ends(`"content":"Hel"`), reset}, "", llm.Network, 0},
		{"an error behind the first", []any{ends(`"content":"Hel"`) + `data: {"error":{"message":"oops"}}` + "\n\n"}, "", llm.Overloaded, 0},
		{"ended behind the first, which was all", []any{ends(`"content":"Hello"`), io.EOF}, "Hello", "", 0},
		{"broken behind an end that is one", []any{delta("Hello") + finish("stop"), reset}, "Hello", "", 0},
		{"a thought alone", []any{thinks + finish("stop")}, "", llm.Overloaded, 2 * time.Second},
		{"a refusal alone", []any{chunk(`{"index":0,"delta":{"refusal":"No."}}`, "") + finish("stop")}, "", llm.Refused, 2 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				resp, err := open(t, tt.send...).Generate(t.Context(), ask("Hello."), ignore)
				if took := time.Since(begun); took != tt.took {
					t.Errorf("took %v, wants %v", took, tt.took)
				}
				if tt.kind != "" {
					wantKind(t, err, tt.kind)
				} else if err != nil || resp.Text != tt.text {
					t.Errorf("got %q, %v", resp.Text, err)
				}
			})
		})
	}
}

// Counts are those of the answer if no text came behind them.
func TestCountsOfTheBeginning(t *testing.T) {
	first := chunk(`{"index":0,"delta":{"content":"The"}}`, `,"usage":{"prompt_tokens":12,"completion_tokens":1,"total_tokens":13}`)
	for name, events := range map[string]string{
		"complete":         first + delta(" tides") + finish("stop") + mark,
		"broke off":        first + delta(" tides"),
		"thought behind":   first + chunk(`{"index":0,"delta":{"reasoning":"hm"}}`, "") + finish("stop") + mark,
		"an error follows": first + delta(" tides") + `data: {"error":{"message":"oops"}}` + "\n\n",
	} {
		srv, model := start(t)
		reply(srv, responsestest.Raw(200, "text/event-stream", events))
		resp, err := model.Generate(t.Context(), ask("Hello."), ignore)
		usage := resp.Usage
		if e, ok := err.(*llm.Error); ok {
			usage = e.Usage
		}
		if usage != nil {
			t.Errorf("%s: counted as %+v", name, *usage)
		}
	}
}

// Over real connections the far side is let go as well.
func TestConnectionIsLetGo(t *testing.T) {
	srv, model := start(t)
	reply(srv, responsestest.KeepOpen("Hello there"))
	resp, err := model.Generate(t.Context(), ask("Hello."), ignore)
	if err != nil || resp.Text != "Hello there" || resp.Usage == nil {
		t.Fatalf("got %+v, %v", resp, err)
	}
	srv.WaitIdle()
}

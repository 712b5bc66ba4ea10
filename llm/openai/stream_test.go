package openai_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
)

func TestStreams(t *testing.T) {
	delta := func(s string) string {
		return `event: response.output_text.delta` + "\n" + `data: {"type":"response.output_text.delta","delta":"` + s + `"}` + "\n\n"
	}
	done := func(event, text string) string {
		return `data: {"type":"` + event + `","response":` + object(`"completed"`, `"output":[`+message("null", outputText(text))+`]`) + "}\n\n"
	}
	for _, tt := range []struct {
		name, events string
		text         string // the answer; empty: an error
		kind         llm.ErrorKind
		partial      string
		heard        string
	}{
		{"plain sailing", delta("Hel") + delta("lo") + done("response.completed", "Hello"), "Hello", "", "", "Hello"},
		{"response.done", delta("Hello") + done("response.done", "Hello"), "Hello", "", "", "Hello"},
		{"the last event is the truth", delta("Helo") + done("response.completed", "Hello"), "Hello", "", "", "Helo"},
		{"text only in the last event", done("response.completed", "Hello"), "Hello", "", "", ""},
		{"event name instead of a type", "event: response.output_text.delta\ndata: {\"delta\":\"Hi\"}\n\n" + done("response.completed", "Hi"), "Hi", "", "", "Hi"},
		{"comments, blank lines, unknown events", ": ping\n\n\n" + `data: {"type":"response.new.thing","delta":{"x":1}}` + "\n\n" + delta("Hi") + done("response.completed", "Hi"), "Hi", "", "", "Hi"},
		{"error null in every event", `data: {"type":"response.in_progress","error":null}` + "\n\n" + `data: {"type":"response.output_text.delta","delta":"Hi","error":null}` + "\n\n" + done("response.completed", "Hi"), "Hi", "", "", "Hi"},
		{"what follows the last event is not read", done("response.completed", "Hi") + `data: {"type":"error","message":"late"}` + "\n\n", "Hi", "", "", ""},
		{"incomplete event, completed status", delta("Hi") + `data: {"type":"response.incomplete","response":` + object(`"completed"`, `"incomplete_details":{"reason":"max_output_tokens"},"output":[`+message("null", outputText("Hi"))+`]`) + "}\n\n", "", llm.Truncated, "Hi", "Hi"},

		{"end without a last event", delta("Hello"), "", llm.Network, "Hello", "Hello"},
		{"nothing", "", "", llm.Network, "", ""},
		{"DONE without a last event", delta("Hello") + "data: [DONE]\n\n", "", llm.Network, "Hello", "Hello"},
		{"last event without its blank line", delta("Hello") + strings.TrimRight(done("response.completed", "Hello"), "\n"), "", llm.Network, "Hello", "Hello"},
		{"last event without an answer", delta("Hello") + `data: {"type":"response.completed"}` + "\n\n", "", llm.Overloaded, "Hello", "Hello"},
		{"broken event", delta("Hello") + "data: {\"type\":\n\n", "", llm.Overloaded, "Hello", "Hello"},
		{"error event", delta("Hello") + `data: {"type":"error","code":"rate_limit_exceeded","message":"slow","param":null}` + "\n\n", "", llm.RateLimit, "Hello", "Hello"},
		{"error event without a code", `data: {"type":"error","code":null,"message":"oops","param":null}` + "\n\n", "", llm.Overloaded, "", ""},
		{"error event with an envelope", `data: {"type":"error","error":{"type":"insufficient_quota","code":"insufficient_quota","message":"pay"}}` + "\n\n", "", llm.Quota, "", ""},
		{"error without a type", `data: {"error":{"type":"invalid_request_error","code":null,"message":"bad"}}` + "\n\n", "", llm.Invalid, "", ""},
		{"error as a string", `data: {"error":"model crashed"}` + "\n\n", "", llm.Overloaded, "", ""},
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
				if err != nil || resp.Text != tt.text {
					t.Fatalf("got %q and %v, wants %q", resp.Text, err, tt.text)
				}
				return
			}
			if e := wantKind(t, err, tt.kind); e.Partial != tt.partial || e.Message == "" {
				t.Errorf("got %+v, wants partial %q", e, tt.partial)
			}
		})
	}
}

// A model may be one whose thoughts have no beginning: then nothing is heard before they
// end. Where the server tells them in events of their own, the answer is heard as it comes.
func TestThoughtsInEventsOfTheirOwn(t *testing.T) {
	const text = "The tides\n</think>\nrise."
	event := func(rest string) string { return `data: {"type":"response.` + rest + "}\n\n" }
	message := event(`output_item.added","item":{"type":"message","role":"assistant"}`)
	thought := event(`reasoning_text.delta","delta":"hm"`)
	summary := event(`reasoning_summary_text.delta","delta":"hm"`)
	deltas := event(`output_text.delta","delta":"The tides\n"`) + event(`output_text.delta","delta":"</think>\nrise."`)
	done := event(`completed","response":` + object(`"completed"`, `"output":[{"type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}]},`+
		`{"type":"message","role":"assistant","content":[`+outputText(`The tides\n</think>\nrise.`)+`]}]`))
	for name, events := range map[string]string{"before the message": thought + message + deltas + done, "a summary": summary + message + deltas + done, "within it": message + thought + deltas + done} {
		srv, model := start(t)
		reply(srv, responsestest.Raw(200, "text/event-stream", events))
		req := ask("Hello.")
		req.Model = "deepseek-r1:8b"
		var heard []string
		resp, err := model.Generate(t.Context(), req, func(d llm.Delta) { heard = append(heard, d.Text) })
		if err != nil || resp.Text != text || len(heard) != 2 || strings.Join(heard, "") != text {
			t.Errorf("%s: got %q and %v, heard %q", name, resp.Text, err, heard)
		}
	}
}

// Some gateways keep the connection open behind the last event. The call must not
// wait for them, and must let go of the connection.
func TestStreamThatStaysOpen(t *testing.T) {
	srv, model := start(t)
	reply(srv, responsestest.KeepOpen("Hello there"))
	resp, err := model.Generate(t.Context(), ask("Hello."), ignore)
	if err != nil || resp.Text != "Hello there" {
		t.Fatalf("got %q, %v", resp.Text, err)
	}
	srv.WaitIdle()
}

// A server that does not stream answers plainly all the same.
func TestPlainAnswerToAStream(t *testing.T) {
	srv, model := start(t)
	reply(srv, responsestest.Raw(200, "application/json; charset=utf-8", object(`"completed"`, `"output":[`+message("null", outputText("Hi"))+`]`)))
	resp, err := model.Generate(t.Context(), ask("Hello."), ignore)
	if err != nil || resp.Text != "Hi" {
		t.Fatalf("got %q, %v", resp.Text, err)
	}
}

func TestRequestIDOfAFailedStream(t *testing.T) {
	srv, model := start(t)
	reply(srv, responsestest.Cut("Hi").Header("X-Request-Id", "req_abc"))
	_, err := model.Generate(t.Context(), ask("Hello."), ignore)
	if e := wantKind(t, err, llm.Network); e.RequestID != "req_abc" {
		t.Errorf("request id %q", e.RequestID)
	}
}

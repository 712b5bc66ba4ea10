package anthropic_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
)

func counts(u *llm.Usage) string {
	if u == nil {
		return ""
	}
	return fmt.Sprintf("%d/%d/%d", u.InputTokens, u.CachedTokens, u.OutputTokens)
}

// The events of a good stream.
const (
	begun  = `{"type":"message_start","message":{"id":"msg_1","type":"message","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":30,"output_tokens":1}}}`
	opened = `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`
	hel    = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}`
	lo     = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo."}}`
	closed = `{"type":"content_block_stop","index":0}`
	ended  = `{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}`
	stop   = `{"type":"message_stop"}`
	ping   = `{"type":"ping"}`
)

// named writes events as the vendor does, bare without their names.
func named(events ...string) string {
	var b strings.Builder
	for _, e := range events {
		_, typ, _ := strings.Cut(e, `"type":"`)
		typ, _, _ = strings.Cut(typ, `"`)
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", typ, e)
	}
	return b.String()
}

func bare(events ...string) string {
	return "data: " + strings.Join(events, "\n\ndata: ") + "\n\n"
}

// until is a good stream up to the text.
func until(further ...string) []string { return append([]string{begun, opened, ping, hel}, further...) }

func failure(typ, message string) string {
	return `{"type":"error","error":{"type":"` + typ + `","message":"` + message + `"}}`
}

var streams = []quirk{
	{name: "whole", body: named(until(lo, closed, ended, stop)...), text: "Hello.", usage: "40/30/5"},
	{name: "without names", body: bare(until(lo, closed, ended, stop)...), text: "Hello.", usage: "40/30/5"},
	{name: "comments and what is unknown", body: ": hi\n\n" + named(until(`{"type":"future_event","x":1}`, `{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","text":"no"}}`, lo, ended, stop)...), text: "Hello.", usage: "40/30/5"},
	{name: "text in the start of a block", body: named(begun, strings.Replace(opened, `"text":""`, `"text":"Hel"`, 1), lo, ended, stop), text: "Hello.", usage: "40/30/5"},
	{name: "two blocks", body: named(until(closed, strings.ReplaceAll(opened, `:0`, `:1`), strings.ReplaceAll(lo, `:0`, `:1`), ended, stop)...), text: "Hello.", usage: "40/30/5"},
	{name: "thoughts", body: named(begun, `{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}`, closed,
		opened, hel, lo, ended, stop), text: "Hello.", usage: "40/30/5"},
	{name: "counts again at the end", body: named(until(lo, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":12,"cache_read_input_tokens":null,"output_tokens":5}}`, stop)...), text: "Hello.", usage: "42/30/5"},
	{name: "no counts at the end", body: named(until(lo, `{"type":"message_delta","delta":{"stop_reason":"end_turn"}}`, stop)...), text: "Hello."},

	{name: "types beside the data alone", body: strings.NewReplacer(`"type":"content_block_delta",`, "", `"type":"message_stop"`, "", `"type":"message_delta",`, "").Replace(named(until(lo, closed, ended, stop)...)), text: "Hello.", usage: "40/30/5"},
	{name: "two ends", body: named(until(lo, ended, `{"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":6}}`, stop)...), text: "Hello.", usage: "40/30/6"},
	{name: "nothing but thoughts", body: named(begun, `{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`, ended, stop), kind: llm.Overloaded, message: "reasoning", usage: "40/30/5"},

	{name: "no end", body: named(until(lo)...), kind: llm.Network, text: "Hello."},
	{name: "no message_stop", body: named(until(lo, closed, ended)...), kind: llm.Network, text: "Hello.", usage: "40/30/5"},
	{name: "a gateway's mark before the end", body: named(until(lo)...) + "data: [DONE]\n\n", kind: llm.Network, text: "Hello."},
	{name: "nothing", body: ": hi\n\n", kind: llm.Network},
	{name: "no stop reason", body: named(until(lo, stop)...), kind: llm.Overloaded, text: "Hello.", message: "does not say why"},
	{name: "an unknown stop reason", body: named(until(lo, strings.Replace(ended, "end_turn", "eclipse", 1), stop)...), kind: llm.Overloaded, text: "Hello.", message: `"eclipse"`, usage: "40/30/5"},
	{name: "cut by the limit", body: named(until(strings.Replace(ended, "end_turn", "max_tokens", 1), stop)...), kind: llm.Truncated, text: "Hel", usage: "40/30/5"},
	{name: "a refusal in the middle", body: named(until(`{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"bio","explanation":"Not that."}},"usage":{"output_tokens":5}}`, stop)...),
		kind: llm.Refused, text: "Hel", message: "Not that.", code: "bio", usage: "40/30/5"},
	{name: "overloaded in the middle", body: named(until(failure("overloaded_error", "Overloaded"))...), kind: llm.Overloaded, text: "Hel", message: "Overloaded"},
	{name: "an error without its name", body: bare(until(failure("overloaded_error", "Overloaded"))...), kind: llm.Overloaded, text: "Hel", message: "Overloaded"},
	{name: "rate limited in the middle", body: named(until(failure("rate_limit_error", "try again in 2s"))...), kind: llm.RateLimit, text: "Hel", after: 2 * time.Second},
	{name: "timed out in the middle", body: named(until(failure("timeout_error", "slow"))...), kind: llm.Timeout, text: "Hel"},
	{name: "an error at once", body: named(failure("api_error", "Internal server error")), kind: llm.Overloaded, message: "Internal server error", nobody: true},
	{name: "a wrong key", body: named(failure("authentication_error", "invalid x-api-key")), kind: llm.Auth, nobody: true},
	{name: "an error that says nothing", body: named(until(`{"type":"error"}`)...), kind: llm.Overloaded, text: "Hel", message: "did not say why"},
	{name: "an event that is broken", body: named(until()...) + "event: content_block_delta\ndata: {\"type\":\n\n", kind: llm.Overloaded, text: "Hel", message: "not JSON"},
	{name: "fields of other types", body: named(`{"type":"message_start","message":7}`, opened, hel, lo, `{"type":"content_block_delta","delta":"x"}`, ended, stop), text: "Hello."},
}

func TestStreams(t *testing.T) {
	for _, q := range streams {
		t.Run(q.name, func(t *testing.T) {
			var heard strings.Builder
			q.run(t, responsestest.Raw(200, "text/event-stream", q.body), func(d llm.Delta) { heard.WriteString(d.Text) })
			if heard.String() != q.text {
				t.Errorf("heard %q, wants %q", heard.String(), q.text)
			}
		})
	}
}

// Gateways keep the connection open behind the last event.
func TestStopsAtTheEnd(t *testing.T) {
	srv, model := start(t)
	reply(srv, responsestest.KeepOpen("Hello."))
	resp, err := model.Generate(t.Context(), ask("Say hello."), func(llm.Delta) {})
	if err != nil || resp.Text != "Hello." {
		t.Errorf("got %q, %v", resp.Text, err)
	}
}

// Of a model whose template begins a thought nothing is let go of before its end, unless
// the server tells thoughts apart.
func TestThoughtsApartHoldNothingBack(t *testing.T) {
	srv, model := start(t)
	thought := `{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`
	reply(srv, responsestest.Raw(200, "text/event-stream", named(begun, thought, opened, hel, lo, ended, stop)))
	req := ask("Say hello.")
	req.Model = "qwen3-thinking"
	var heard []string
	if _, err := model.Generate(t.Context(), req, func(d llm.Delta) { heard = append(heard, d.Text) }); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(heard, "|"); got != "Hel|lo." {
		t.Errorf("heard %q", got)
	}
}

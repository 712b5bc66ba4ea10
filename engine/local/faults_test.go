package local_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/responsestest"
)

// told is what a vendor lets one know of what a call took.
type told int

const (
	nothingTaken told = iota // no answer came: as a rule it is not billed
	counted                  // the counts came with it
	uncounted                // an answer came, or part of it, without them
)

// fault is a way in which a vendor's answer differs from the plain one.
type fault struct {
	name string

	// play makes it of the good answer.
	play func(c responsestest.Call, good string) responsestest.Reply
	told told
	says string        // is in the reason of a run that it stops
	wait time.Duration // that is asked for
	slow bool          // it takes long

	ofStreams bool // of a whole answer nothing comes
	racy      bool // over TCP what was sent before it may be lost
}

func playStatus(code int, errorCode, message string) func(responsestest.Call, string) responsestest.Reply {
	return func(responsestest.Call, string) responsestest.Reply {
		return responsestest.Status(code, errorCode, message)
	}
}

func playBody(code int, json string) func(responsestest.Call, string) responsestest.Reply {
	return func(responsestest.Call, string) responsestest.Reply {
		return responsestest.Raw(code, "application/json", json)
	}
}

// transientFaults pass, or do no harm.
var transientFaults = []fault{
	{name: "429, OpenAI", wait: 2 * time.Second, says: "slow down", play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.Status(429, "rate_limit_exceeded", "slow down").Header("Retry-After", "2")
	}},
	{name: "429, in words", wait: 1500 * time.Millisecond, says: "Rate limit reached",
		play: playStatus(429, "rate_limit_exceeded", "Rate limit reached on tokens per min (TPM): Limit 30000, Used 29000, Requested 4000. Please try again in 1.5s.")},
	{name: "429, Gemini", wait: 3 * time.Second, says: "You exceeded your current quota",
		play: playBody(429, `[{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3s"}]}}]`)},
	{name: "429, Azure", wait: 27 * time.Second, slow: true, says: "Requests have exceeded",
		play: playStatus(429, "", "Requests have exceeded the limit. Please retry after 27 seconds.")},
	{name: "429, Groq", wait: 6 * time.Second, says: "tokens are used up", play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.Status(429, "", "tokens are used up").Header("X-Ratelimit-Remaining-Tokens", "0").Header("X-Ratelimit-Reset-Tokens", "6s")
	}},
	{name: "429, Anthropic", says: "would exceed your rate limit", play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.StatusType(429, "rate_limit_error", "", "This request would exceed your rate limit.")
	}},
	{name: "500", says: "had an error", play: playStatus(500, "server_error", "The server had an error.")},
	{name: "502, a page", says: "502 Bad Gateway", play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.HTML(502, "502 Bad Gateway")
	}},
	{name: "503, a list", says: "model is overloaded", play: playBody(503, `[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]`)},
	{name: "504", says: "took too long", play: playStatus(504, "", "upstream took too long")},
	{name: "529, Anthropic", says: "Overloaded", play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.StatusType(529, "overloaded_error", "", "Overloaded")
	}},
	{name: "nothing", says: "answered with nothing", told: uncounted, play: func(responsestest.Call, string) responsestest.Reply { return responsestest.Empty() }},
	{name: "a list as an answer", says: "backend error", play: playBody(200, `[{"error":{"code":500,"message":"backend error"}}]`)},
	{name: "a list of a rate as an answer", says: "slow down there", play: playBody(200, `[{"error":{"code":429,"message":"slow down there","status":"RESOURCE_EXHAUSTED"}}]`)},
	{name: "failed", says: "sorry", told: uncounted, play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.Failed("server_error", "sorry")
	}},
	{name: "an error in the stream", says: "upstream broke", told: uncounted, play: func(c responsestest.Call, _ string) responsestest.Reply {
		const broke = `{"type":"error","error":{"type":"server_error","message":"upstream broke"}}`
		if !c.Stream {
			return responsestest.Raw(200, "application/json", broke)
		}
		return responsestest.Raw(200, "text/event-stream", "event: error\ndata: "+broke+"\n\n")
	}},
	{name: "an error beside a choice", says: "upstream broke", told: uncounted, play: func(c responsestest.Call, _ string) responsestest.Reply {
		if c.API == responsestest.Responses || !c.Stream {
			return responsestest.Failed("server_error", "upstream broke")
		}
		return responsestest.Raw(200, "text/event-stream", `data: {"id":"x","choices":[{"index":0,"delta":{"content":"Half a"},"finish_reason":"error","error":{"code":502,"message":"upstream broke"}}]}`+"\n\n")
	}},
	{name: "reset", says: "network", play: func(responsestest.Call, string) responsestest.Reply { return responsestest.Reset() }},
	{name: "silence", says: "no complete answer", slow: true, play: func(responsestest.Call, string) responsestest.Reply { return responsestest.Hang("") }},
	{name: "cut", says: "network", told: uncounted, play: func(_ responsestest.Call, good string) responsestest.Reply { return responsestest.Cut(good) }},
	{name: "reset in the middle", says: "network", racy: true, told: uncounted, play: func(_ responsestest.Call, good string) responsestest.Reply {
		return responsestest.Abort(good)
	}},
	{name: "silence in the middle", says: "no complete answer", slow: true, ofStreams: true, told: uncounted, play: func(_ responsestest.Call, good string) responsestest.Reply {
		return responsestest.Hang(good)
	}},
	{name: "no answer but a thought", says: "nothing except reasoning", told: counted, play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.Text("<think>\nWhat is wanted?\n</think>\n")
	}},

	{name: "truncated", says: "limit", told: counted, play: func(_ responsestest.Call, good string) responsestest.Reply {
		return responsestest.Incomplete("max_output_tokens", good[:len(good)/2])
	}},
	{name: "bad", says: "good", told: counted, play: func(c responsestest.Call, good string) responsestest.Reply {
		return responsestest.Text(strings.NewReplacer("good", "bad", `"score":7`, `"score":70`).Replace(good))
	}},
	{name: "no JSON", says: "JSON", told: counted, play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.Text("Sure! Here is what you asked for.")
	}},

	{name: "a thought", told: counted, play: func(_ responsestest.Call, good string) responsestest.Reply {
		return responsestest.Text("<think>\nPerhaps {\"score\": 1}?\n</think>\n\n" + good)
	}},
	{name: "the end of a thought", told: counted, play: func(_ responsestest.Call, good string) responsestest.Reply {
		return responsestest.Text("What is wanted?\n</think>\n\n" + good)
	}},
	{name: "a fence", told: counted, play: func(_ responsestest.Call, good string) responsestest.Reply {
		return responsestest.Text("```" + fenceOf(good) + "\n" + good + "\n```")
	}},
	{name: "a fence behind a thought", told: counted, play: func(_ responsestest.Call, good string) responsestest.Reply {
		return responsestest.Text("<think>Hm.</think>```" + fenceOf(good) + "\n" + good + "\n```")
	}},
	{name: "no counts", told: uncounted, play: func(_ responsestest.Call, good string) responsestest.Reply {
		return responsestest.Text(good).Uncounted()
	}},
}

// lastingFaults are not tried again.
var lastingFaults = []fault{
	{name: "refusal", says: "cannot help", told: counted, play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.Refusal("I cannot help with that.")
	}},
	{name: "filter", says: "content filter", told: counted, play: func(responsestest.Call, string) responsestest.Reply {
		return responsestest.Incomplete("content_filter", "")
	}},
	{name: "moderation", says: "requires moderation",
		play: playBody(403, `{"error":{"code":403,"message":"m requires moderation. Your input was flagged.","metadata":{"reasons":["violence"]}}}`)},
	{name: "no credit", says: "no credit", play: playStatus(http.StatusTooManyRequests, "insufficient_quota", "no credit is left")},
	{name: "too long", says: "maximum context length", play: playStatus(400, "context_length_exceeded", "This model's maximum context length is 8192 tokens.")},
}

func fenceOf(good string) string {
	if strings.HasPrefix(good, "{") {
		return "json"
	}
	return "markdown"
}

// manner is how a vendor refuses for good to be asked: requests that have a part. It costs
// nothing. The adapter asks once more in another way within the same attempt, which the
// journal counts as one call in two requests. Where both are refused no answer comes of the
// attempt: it is a call to the journal, and only requests in the vendor's books.
type manner struct {
	name    string
	refuses [][2]string // a part of a request, and the sentence
}

var manners = []manner{
	{}, {}, // what OpenAI takes
	{"no schemas", [][2]string{noSchemas}},
	{"no bounds", [][2]string{{`"minItems"`, "invalid schema for response format: minItems is not supported"}}},
	{"no system", [][2]string{noSystem}},
	{"another limit", [][2]string{{`"max_tokens"`, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."}}},
	{"no streams", [][2]string{{`"stream":true`, "streaming is not supported"}}},
	{"a small limit", [][2]string{smallLimit}},
	{"no forms", [][2]string{noSchemas, {`"json_object"`, "response_format type json_object is unavailable now"}}},
	{"very little", [][2]string{smallLimit, noSystem, noSchemas}},
}

var (
	noSchemas  = [2]string{`"json_schema"`, "response_format type json_schema is unavailable now"}
	noSystem   = [2]string{`"system"`, "System role not supported"}
	smallLimit = [2]string{`tokens":16384`, "max_tokens is too large: 16384. This model supports at most 4096 completion tokens, whereas you provided 16384."}
)

// refusal returns the sentence with which a request is refused; empty: it is not.
func (m manner) refusal(c responsestest.Call) string {
	for _, r := range m.refuses {
		if strings.Contains(string(c.Body), r[0]) {
			return r[1]
		}
	}
	return ""
}

// refused reports whether an attempt came to nothing since each of its requests was refused
// so.
func (m manner) refused(a pawl.Attempt) bool {
	return a.Error != nil && slices.ContainsFunc(m.refuses, func(r [2]string) bool { return strings.Contains(a.Error.Message, r[1]) })
}

func (m manner) String() string { return fmt.Sprintf("%q", m.name) }

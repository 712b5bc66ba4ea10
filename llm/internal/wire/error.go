package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// wireError is what a provider says about a failure, in every shape seen: OpenAI's
// {"error":{...}}, the same without the envelope (a failed response, an error
// event), a bare string (Ollama), "detail" (servers built on FastAPI), a list of any
// of these (Gemini's compatible address), "errors" (Cloudflare's gateway). Codes may be
// numbers.
type wireError struct {
	Message string
	Type    string
	Status  string // Google's word; Type has it, or what the details say
	Code    string
	Param   string
	Delay   time.Duration // that is told beside the sentence; 0: none
	Flagged bool          // a moderation says what it found in the input
}

// maxErrorDepth bounds how deep an error may stand in envelopes: each is read anew.
const maxErrorDepth = 4

func parseWireError(raw []byte) (wireError, bool) { return readError(raw, maxErrorDepth) }

func readError(raw []byte, depth int) (wireError, bool) {
	if depth == 0 {
		return wireError{}, false
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		for _, one := range list {
			if e, ok := readError(one, depth-1); ok {
				return e, true
			}
		}
		return wireError{}, false
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return wireError{Message: text}, text != ""
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return wireError{}, false
	}
	for _, name := range []string{"error", "errors"} {
		e, ok := readError(fields[name], depth-1)
		if ok && e.Code == "" {
			e.Code = word(fields["code"]) // xAI: {"code":"...","error":"..."}
		}
		if ok {
			return e, true
		}
	}
	return readFields(fields, depth)
}

// word is what the error is called. Google's code is the HTTP status again.
func (e wireError) word() string {
	if e.Status != "" {
		return e.Type
	}
	return e.Code
}

func readFields(fields map[string]json.RawMessage, depth int) (wireError, bool) {
	e := wireError{
		Message: withoutInput(word(fields["message"])),
		Type:    word(fields["type"]),
		Code:    word(fields["code"]),
		Param:   word(fields["param"]),
	}
	if e.Message == "" {
		e.Message = cmp.Or(readFaults(fields["detail"]), withoutInput(word(fields["detail"])))
	}
	if msg := word(fields["msg"]); e.Message == "" && msg != "" {
		f := fault{Msg: msg}
		_ = json.Unmarshal(fields["loc"], &f.Loc)
		e.Message = f.String()
	}
	if e.Type == "" {
		_ = json.Unmarshal(fields["status"], &e.Status) // Google's; elsewhere it is a number
		e.Type = e.Status
	}
	e.readDetails(fields["details"])
	e.readMetadata(fields["metadata"], depth)
	return e, e != wireError{}
}

// readDetails reads Google's google.rpc.ErrorInfo and RetryInfo.
func (e *wireError) readDetails(raw json.RawMessage) {
	var details []json.RawMessage
	_ = json.Unmarshal(raw, &details) // elsewhere it is something else
	for _, raw := range details {
		var d struct {
			Type               string `json:"@type"`
			Reason, RetryDelay string
		}
		_ = json.Unmarshal(raw, &d)
		if d.Reason != "" && strings.HasSuffix(d.Type, "google.rpc.ErrorInfo") {
			e.Type = d.Reason
		}
		if d.RetryDelay != "" {
			e.Delay = readDelay(d.RetryDelay)
		}
	}
}

// readMetadata reads OpenRouter's: what its moderation found, or the error of the
// provider behind it, as a text (https://openrouter.ai/docs/api-reference/errors).
func (e *wireError) readMetadata(raw json.RawMessage, depth int) {
	var m struct {
		Raw          string
		Reasons      []json.RawMessage
		FlaggedInput string `json:"flagged_input"`
	}
	_ = json.Unmarshal(raw, &m)
	e.Flagged = len(m.Reasons) > 0 || m.FlaggedInput != ""
	if m.Raw == "" {
		return
	}
	behind, ok := readError([]byte(m.Raw), depth-1)
	if !ok {
		behind = wireError{Message: m.Raw}
	}
	e.Message += ": " + behind.Message
	if e.Type == "" {
		e.Type = behind.Code
	}
	e.Delay, e.Flagged = max(e.Delay, behind.Delay), e.Flagged || behind.Flagged
}

// IsError reports whether an error field of an answer holds an error: some servers send
// false, 0 or an object of nulls where there is none.
func IsError(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "false", "0", `""`, "{}", "[]":
		return false
	}
	if e, ok := parseWireError(raw); ok {
		return e.Message != "" || e.Type != "" || e.Code != "" && e.Code != "0" || e.Flagged
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return true
	}
	return slices.ContainsFunc(slices.Collect(maps.Values(fields)), func(v json.RawMessage) bool { return string(v) != "null" && string(v) != `""` })
}

// word reads a string, and anything else as its JSON text.
func word(raw json.RawMessage) string {
	var s string
	if len(raw) == 0 || string(raw) == "null" || json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// statusError sorts an answer whose HTTP status is not a success.
func statusError(res *http.Response, body []byte) *llm.Error {
	w, ok := parseWireError(body)
	if !ok || w.Message == "" {
		w.Message = describe(res.Header.Get("Content-Type"), body)
		if w.Message == "" {
			w.Message = strings.ToLower(http.StatusText(res.StatusCode))
		}
	}
	e := &llm.Error{
		Kind:       obey(res.Header.Get("X-Should-Retry"), res.StatusCode, kindOf(res.StatusCode, w)),
		Message:    w.Message,
		Code:       w.word(),
		RetryAfter: retryAfter(res.Header),
	}
	if res.StatusCode == http.StatusForbidden && isGatewayPage(body) {
		e.Kind = llm.Overloaded
		e.Hint = "a gateway in front of the server turned the call away before the server saw it: try again, or from another network"
	}
	if e.Code == "" {
		e.Code = w.Type
	}
	if e.RetryAfter == 0 && e.Kind.Transient() {
		e.RetryAfter = delayOf(res.Header, e.Kind, w)
	}
	if isLoading(res.StatusCode, w.Message) {
		e.RetryAfter = cmp.Or(e.RetryAfter, loadingDelay)
		e.Hint = "the server is still loading its model; if that takes longer than the attempts, resume then"
	}
	return From(res, e)
}

// loadingDelay is how long to wait for a server that loads its model: a large one takes
// minutes to read, and the usual delays would have used up a step's attempts by then.
const loadingDelay = 20 * time.Second

// isLoading reports whether a server loads its model: llama.cpp says "Loading model".
func isLoading(status int, message string) bool {
	return status == http.StatusServiceUnavailable && strings.Contains(strings.ToLower(message), "loading model")
}

// ProviderError sorts an error that came inside an answer or a stream, where no
// HTTP status tells what it is.
func ProviderError(raw string) llm.Error {
	w, _ := parseWireError([]byte(raw))
	if w.Type == "error" { // the type of the event, not of the error
		w.Type = ""
	}
	if w.Message == "" {
		w.Message = "the provider failed and did not say why"
	}
	status, _ := strconv.Atoi(w.Code) // gateways put the status they met into the code
	if status < 400 || status > 599 {
		status = 0
	}
	e := llm.Error{Kind: kindOf(status, w), Message: w.Message, Code: w.word()}
	if e.Kind.Transient() {
		e.RetryAfter = delayOf(nil, e.Kind, w)
	}
	return e
}

// requestIDs are the headers that name a request.
var requestIDs = []string{
	"X-Request-Id", // OpenAI, gateways
	"Request-Id",   // Anthropic
}

// From adds what the HTTP response tells about an error. The status of a success
// is left out: "HTTP 200" beside a failure would only confuse.
func From(res *http.Response, e *llm.Error) *llm.Error {
	if res.StatusCode/100 != 2 {
		e.Status = res.StatusCode
	} else if billed(e.Kind) {
		e.Answered = true
	}
	for _, name := range requestIDs {
		e.RequestID = cmp.Or(e.RequestID, res.Header.Get(name))
	}
	return e
}

// NoAnswer is From for a body that is none of the API's, such as the page of a gateway:
// no model answered.
func NoAnswer(res *http.Response, e *llm.Error) *llm.Error {
	e = From(res, e)
	e.Answered = false
	return e
}

// billed reports whether a failure within a success is billed as an answer: it was sent
// as one, or the answer had begun when the connection broke or time ran out.
func billed(k llm.ErrorKind) bool {
	switch k {
	case llm.Overloaded, llm.Filtered, llm.ContextLength, llm.Network, llm.Timeout:
		return true
	}
	return false
}

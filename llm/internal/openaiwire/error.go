package openaiwire

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// wireError is what a provider says about a failure, in every shape seen: OpenAI's
// {"error":{...}}, the same without the envelope (a failed response, an error
// event), a bare string (Ollama), "detail" (servers built on FastAPI). Codes may
// be numbers.
type wireError struct {
	Message string
	Type    string
	Code    string
	Param   string
}

func parseWireError(raw []byte) (wireError, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return wireError{}, false
	}
	if inner, ok := fields["error"]; ok && string(inner) != "null" {
		var text string
		if json.Unmarshal(inner, &text) == nil {
			return wireError{Message: text}, true
		}
		return parseWireError(inner)
	}
	e := wireError{
		Message: word(fields["message"]),
		Type:    word(fields["type"]),
		Code:    word(fields["code"]),
		Param:   word(fields["param"]),
	}
	if e.Message == "" {
		e.Message = word(fields["detail"])
	}
	return e, e != wireError{}
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
		Code:       w.Code,
		RetryAfter: retryAfter(res.Header),
	}
	if e.Code == "" {
		e.Code = w.Type
	}
	return From(res, e)
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
	return llm.Error{Kind: kindOf(status, w), Message: w.Message, Code: w.Code}
}

// From adds what the HTTP response tells about an error. The status of a success
// is left out: "HTTP 200" beside a failure would only confuse.
func From(res *http.Response, e *llm.Error) *llm.Error {
	if res.StatusCode/100 != 2 {
		e.Status = res.StatusCode
	} else if e.Kind == llm.Overloaded || e.Kind == llm.Filtered {
		e.Answered = true // it was sent as an answer, and is billed as one
	}
	e.RequestID = res.Header.Get("X-Request-Id")
	return e
}

package responsestest

import (
	"cmp"
	"net/http"
	"strings"
)

// geminiStatus is Google's word for an HTTP status.
var geminiStatus = map[int]string{
	http.StatusBadRequest: "INVALID_ARGUMENT", http.StatusUnauthorized: "UNAUTHENTICATED", http.StatusForbidden: "PERMISSION_DENIED",
	http.StatusNotFound: "NOT_FOUND", http.StatusConflict: "ABORTED", http.StatusTooManyRequests: "RESOURCE_EXHAUSTED",
	http.StatusInternalServerError: "INTERNAL", http.StatusServiceUnavailable: "UNAVAILABLE", http.StatusGatewayTimeout: "DEADLINE_EXCEEDED",
}

// failure puts the code of a script in the place of the status: the wire's own code is the
// HTTP status again.
func (geminiAPI) failure(f failure) map[string]any {
	return map[string]any{"error": map[string]any{
		"code": f.status, "message": f.message, "status": cmp.Or(f.code, f.typ, geminiStatus[f.status], "UNKNOWN"),
	}}
}

// geminiFinish puts an answer's status into the words of the API. A refusal, which it does
// not know, is a filter's.
func (a answer) geminiFinish() string {
	switch {
	case a.refusal != "":
		return "PROHIBITED_CONTENT"
	case a.status == "completed":
		return "STOP"
	case a.reason == "max_output_tokens":
		return "MAX_TOKENS"
	case a.reason == "content_filter":
		return "SAFETY"
	}
	return strings.ToUpper(cmp.Or(a.reason, a.status))
}

func (geminiAPI) object(a answer, c Call) map[string]any {
	if a.code != "" {
		return geminiAPI{}.failure(failure{status: http.StatusInternalServerError, code: a.code, message: a.message})
	}
	return a.geminiPiece(c, a.text, a.geminiFinish())
}

// geminiPiece is a part of an answer. One without text has no parts, as where all was
// thought, and one that a filter stopped before its first word no content.
func (a answer) geminiPiece(c Call, text, finish string) map[string]any {
	candidate := map[string]any{"index": 0}
	switch {
	case text != "":
		candidate["content"] = map[string]any{"role": "model", "parts": []any{map[string]any{"text": text}}}
	case finish == "STOP" || finish == "MAX_TOKENS":
		candidate["content"] = map[string]any{"role": "model"}
	}
	if finish != "" {
		candidate["finishReason"] = finish
	}
	if a.refusal != "" {
		candidate["finishMessage"] = a.refusal
	}
	o := map[string]any{"candidates": []any{candidate}, "modelVersion": cmp.Or(a.model, c.Model), "responseId": a.id("resp", c)}
	if !a.uncounted {
		o["usageMetadata"] = a.geminiUsage(c)
	}
	return o
}

func (a answer) geminiUsage(c Call) map[string]any {
	u := a.counted(c)
	counts := map[string]any{"promptTokenCount": u.input, "totalTokenCount": u.input + u.output}
	for name, n := range map[string]int64{"candidatesTokenCount": u.output - u.reasoning, "thoughtsTokenCount": u.reasoning, "cachedContentTokenCount": u.cached} {
		if n > 0 { // zeros are left out
			counts[name] = n
		}
	}
	if a.tier != "" {
		counts["serviceTier"] = a.tier
	}
	return counts
}

// geminiEvents writes events in the order of the API. There is no mark behind the last.
type geminiEvents struct {
	events *events
	call   Call
}

func (geminiAPI) stream(e *events, c Call) answerStream { return &geminiEvents{events: e, call: c} }

func (s *geminiEvents) open(text string) {
	a := answer{status: "completed", text: text}
	for _, piece := range pieces(text) {
		s.events.send("", mustJSON(a.geminiPiece(s.call, piece, "")))
	}
}

func (s *geminiEvents) whole(a answer) {
	if a.code != "" {
		s.events.send("", mustJSON(geminiAPI{}.object(a, s.call)))
		return
	}
	all := pieces(a.text)
	for i, piece := range all {
		if i < len(all)-1 {
			s.events.send("", mustJSON(a.geminiPiece(s.call, piece, "")))
		}
	}
	last := ""
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	s.events.send("", mustJSON(a.geminiPiece(s.call, last, a.geminiFinish())))
}

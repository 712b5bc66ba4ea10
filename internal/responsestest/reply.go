package responsestest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

type kind int

const (
	kindDefault  kind = iota
	kindAnswer        // a response object, plain or as a stream
	kindRaw           // status, headers and body as given
	kindFailure       // an error in the API's form
	kindHang          // nothing, or the start of a stream, until the client goes
	kindReset         // a TCP reset before any byte
	kindCut           // an end before the answer is complete
	kindAbort         // a TCP reset in the middle of the answer
	kindKeepOpen      // a complete stream whose connection stays open
)

// Reply is what the server does with a call. The zero Reply is the default answer.
// Its methods return a changed copy.
type Reply struct {
	kind    kind
	answer  answer
	partial string // text sent before a Hang, Cut or Abort

	status  int
	header  http.Header
	body    string
	failure failure

	before func(Call)
	after  time.Duration
}

// Before has fn called when the call has arrived, before anything is answered: to
// kill a child process, or to move something at a known moment.
func (r Reply) Before(fn func(Call)) Reply { r.before = fn; return r }

// After delays the reply. A client that goes away or a server that closes ends the
// delay, and nothing is sent.
func (r Reply) After(d time.Duration) Reply { r.after = d; return r }

// Header adds a header to the HTTP response.
func (r Reply) Header(key, value string) Reply {
	h := r.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Add(key, value)
	r.header = h
	return r
}

// Usage sets the token counts of an answer; without it words are counted.
func (r Reply) Usage(input, output, cached int64) Reply {
	r.answer.usage = &usage{input: input, output: output, cached: cached}
	return r
}

// Reasoning says that so many of the output tokens of Usage, which goes before, are
// reasoning. Chat Completions then count them beside the completion, as xAI and gateways
// to Gemini do: in the total alone.
func (r Reply) Reasoning(tokens int64) Reply {
	u := *r.answer.usage
	u.reasoning = tokens
	r.answer.usage = &u
	return r
}

// Written says that so many of the input tokens of Usage, which goes before, were written
// to a cache. Only the Messages API tells.
func (r Reply) Written(tokens int64) Reply {
	u := *r.answer.usage
	u.written = tokens
	r.answer.usage = &u
	return r
}

// Tier names the service tier of an answer. With Chat Completions and the Messages API that
// is the ordinary one else, with the others none is named.
func (r Reply) Tier(name string) Reply { r.answer.tier = name; return r }

// Uncounted leaves the token counts of an answer out.
func (r Reply) Uncounted() Reply { r.answer.uncounted = true; return r }

// As says that another model answers than the one that was asked.
func (r Reply) As(model string) Reply { r.answer.model = model; return r }

// Text answers with text.
func Text(text string) Reply {
	return Reply{kind: kindAnswer, answer: answer{status: "completed", text: text}}
}

// JSON answers with the JSON of v, which must have one.
func JSON(v any) Reply {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("responsestest: marshal %T: %v", v, err))
	}
	return Text(string(b))
}

// Refusal answers that the model declines.
func Refusal(text string) Reply {
	return Reply{kind: kindAnswer, answer: answer{status: "completed", refusal: text}}
}

// Incomplete answers with text that was cut for a reason: max_output_tokens or
// content_filter.
func Incomplete(reason, text string) Reply {
	return Reply{kind: kindAnswer, answer: answer{status: "incomplete", reason: reason, text: text}}
}

// Failed answers 200 with a response whose status is failed.
func Failed(code, message string) Reply {
	return Reply{kind: kindAnswer, answer: answer{status: "failed", code: code, message: message}}
}

// WithStatus answers 200 with text and any status, as no provider should.
func WithStatus(status, text string) Reply {
	return Reply{kind: kindAnswer, answer: answer{status: status, text: text}}
}

// Status answers with an HTTP status and the error body of the API that was asked. The
// error type follows from the status; an empty code is sent as null.
func Status(status int, code, message string) Reply {
	return StatusType(status, "", code, message)
}

// StatusType is Status with an error type of its own.
func StatusType(status int, typ, code, message string) Reply {
	return Reply{kind: kindFailure, failure: failure{status: status, typ: typ, code: code, message: message}}
}

// WrongKey answers 401 as the provider does, with the caller's key in the message:
// whole, or masked in its middle.
func WrongKey(c Call, whole bool) Reply {
	key := c.APIKey
	if n := len(key); !whole && n > 12 {
		key = key[:8] + "*********" + key[n-4:]
	}
	return Status(http.StatusUnauthorized, "invalid_api_key",
		"Incorrect API key provided: "+key+". You can find your API key at https://platform.openai.com/account/api-keys.")
}

// HTML answers with a page, as gateways do.
func HTML(status int, title string) Reply {
	return Raw(status, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html><head><title>"+title+
		"</title></head>\n<body><center><h1>"+title+"</h1></center><hr><center>gateway</center></body></html>\n")
}

// Raw answers with exactly this status, content type and body, whatever the call
// asked for. With text/event-stream the body is a scripted stream.
func Raw(status int, contentType, body string) Reply {
	return Reply{kind: kindRaw, status: status, body: body}.Header("Content-Type", contentType)
}

// Empty answers 200 with no body.
func Empty() Reply { return Raw(http.StatusOK, "application/json", "") }

// Hang answers nothing until the client goes away or the server closes. A stream
// that has partial text sends it first.
func Hang(partial string) Reply { return Reply{kind: kindHang, partial: partial} }

// Reset breaks the connection with a TCP reset before any byte of an answer.
func Reset() Reply { return Reply{kind: kindReset} }

// Cut sends part of an answer and ends too early: a stream ends properly but has
// no terminal event, a plain body is shorter than announced.
func Cut(partial string) Reply { return Reply{kind: kindCut, partial: partial} }

// Abort sends part of an answer and then resets the connection.
func Abort(partial string) Reply { return Reply{kind: kindAbort, partial: partial} }

// KeepOpen answers like Text. A stream stays open after its terminal event until
// the client goes away or the server closes.
func KeepOpen(text string) Reply {
	r := Text(text)
	r.kind = kindKeepOpen
	return r
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

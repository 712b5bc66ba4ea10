package wire

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// API is what one API does its own way, for one call.
type API interface {
	// Send makes the request, once, in the dialect, and returns the server's response
	// with its body unread. streams: the answer is asked for in events. The endpoint's Post
	// sends it; its errors are returned as they are.
	Send(ctx context.Context, d Dialect, streams bool) (*http.Response, error)

	// ReadBody reads a whole answer, which is not empty.
	ReadBody(res *http.Response, body []byte) (llm.Response, error)

	// ReadStream reads an answer in events; see Events. It leaves the body open.
	ReadStream(ctx context.Context, res *http.Response, stream func(llm.Delta)) (llm.Response, error)
}

// Generate makes one attempt; see llm.Model. The answer is streamed over the wire
// only if stream is not nil, and if the model's streams are to be had and are counted.
// The *llm.Error it returns is the caller's own.
//
// A server that refuses how it was asked, and says so, has done no work yet: it is asked
// once more in another dialect, which is kept for the model. If that is refused, too, and
// something is left to change, the error is transient, so that the next attempt goes on.
func (e *Endpoint) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta), api API) (llm.Response, error) {
	asked, requests, begun := e.dialects.of(req.Model), 0, time.Now()
	resp, err := e.exchange(ctx, asked, stream, api)
	if change := e.learn(req, asked, stream != nil, err); change != "" {
		asked, requests, begun = e.dialects.of(req.Model), 2, time.Now()
		resp, err = e.exchange(ctx, asked, stream, api)
		if change := e.learn(req, asked, stream != nil, err); change != "" {
			refused := *err.(*llm.Error) // what learn looked at
			refused.Kind, refused.Hint = llm.Overloaded, cmp.Or(e.dialects.say(req.Model), change)
			err = &refused
		}
	}
	advice := ""
	if asked.ignores(req, resp, err) {
		advice = e.unheldAdvice(req.Model)
		change := ""
		if err == nil { // else the error says it
			change = unheldHint + strings.TrimPrefix(advice, unheldSays)
		}
		e.dialects.learn(req.Model, Dialect{unheld: true}, change)
	}
	if stream != nil {
		if next, ok := asked.afterAnswer(resp, err, time.Since(begun)); ok {
			e.dialects.learn(req.Model, next, "")
		}
	}
	if err != nil {
		failed := e.finish(ctx, req, err)
		failed.Requests, failed.MostTokens = requests, e.MostTokens(req.Model)
		if advice != "" {
			failed.Hint = strings.TrimSuffix(advice+"; "+failed.Hint, "; ")
		}
		return llm.Response{}, failed
	}
	resp.Advice, resp.Hint = advice, e.dialects.say(req.Model)
	resp.Model, resp.Requests, resp.MostTokens = e.modelName(resp.Model), requests, e.MostTokens(req.Model)
	e.scrubAnswer(&resp)
	resp.Usage = e.finishTier(resp.Usage)
	return resp, nil
}

// learn remembers what a refusal asks for, and returns in words what changes.
func (e *Endpoint) learn(req llm.Request, asked Dialect, listened bool, err error) (change string) {
	refusal, ok := err.(*llm.Error)
	if !ok {
		return ""
	}
	next, change, ok := asked.after(req, listened, refusal, e.limits)
	if ok {
		e.dialects.learn(req.Model, next, change)
	}
	return change
}

func (e *Endpoint) exchange(ctx context.Context, asked Dialect, stream func(llm.Delta), api API) (llm.Response, error) {
	if e.invalid != nil {
		return llm.Response{}, e.invalid
	}
	streams := stream != nil && asked.Streams()
	res, err := api.Send(ctx, asked, streams)
	if err != nil {
		return llm.Response{}, e.sendError(ctx, err)
	}
	defer res.Body.Close()

	if streams && !isDocument(res) {
		return api.ReadStream(ctx, res, stream)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return llm.Response{}, From(res, e.transportError(ctx, err))
	}
	if len(body) == 0 {
		return llm.Response{}, From(res, &llm.Error{Kind: llm.Overloaded, Message: "the server answered with nothing"})
	}
	return api.ReadBody(res, body)
}

// Decode reads the JSON of a whole answer; see Unmarshal.
func (e *Endpoint) Decode(res *http.Response, body []byte, into any) error {
	err := Unmarshal(body, into)
	if err == nil {
		return nil
	}
	if w, ok := parseWireError(body); ok && bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) && w.Message != "" {
		inner := ProviderError(string(body)) // Gemini's compatible address sends errors in a list
		return NoAnswer(res, &inner)
	}
	if media := res.Header.Get("Content-Type"); isWebPage(media, body) && !isGatewayPage(body) {
		return NoAnswer(res, &llm.Error{Kind: llm.Invalid,
			Message: "the server answered with " + describe(media, body),
			Hint:    e.checkAddress()})
	}
	from := NoAnswer
	if bytes.HasPrefix(bytes.TrimLeft(body, "[ \t\r\n"), []byte("{")) { // an answer that is broken, or a list of its pieces
		from = From
	}
	return from(res, &llm.Error{Kind: llm.Overloaded,
		Message: "the answer is not JSON: " + describe(res.Header.Get("Content-Type"), body),
		Hint:    e.AddressHint()})
}

// Unmarshal reads a JSON object into a struct. A field whose type is another than ours
// is left as it is: what stands beside an answer must not cost the answer.
func Unmarshal(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	var field *json.UnmarshalTypeError
	if errors.As(err, &field) && field.Field != "" {
		return nil
	}
	return err
}

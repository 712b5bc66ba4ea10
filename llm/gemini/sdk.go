package gemini

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/genai"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// newSDK builds the SDK's client with everything that it would take from the environment
// said outright. A retry option that is not nil would have it make five attempts.
func newSDK(ctx context.Context, e *wire.Endpoint, opts Options) (client *genai.Client) {
	root, apiVersion := split(opts.BaseURL)
	config := &genai.ClientConfig{
		APIKey: opts.APIKey, Backend: genai.BackendGeminiAPI,
		HTTPClient: &http.Client{Transport: capture{e}},
		HTTPOptions: genai.HTTPOptions{
			BaseURL: root, APIVersion: apiVersion,
			Headers: http.Header{"User-Agent": {wire.UserAgent()}},
		},
	}
	// It fails without a key alone. The error prints all of the configuration. Where both
	// variables of keys are set it says on the standard logger that it uses one of them, which
	// it does not: that cannot be turned off but for the whole program, which is not ours.
	client, _ = genai.NewClient(ctx, config)
	return client
}

// send makes a request by the SDK and returns the raw response. The SDK is not let read
// it: an error loses its headers, 200 with an error in it is a success without candidates,
// and a comment in a stream ends that.
func (c *call) send(ctx context.Context, streams bool, contents []*genai.Content, config *genai.GenerateContentConfig) (*http.Response, error) {
	c.built.Do(func() { c.sdk = newSDK(ctx, c.endpoint, c.opts) }) // no call comes so far without a key
	if c.sdk == nil {
		return nil, &llm.Error{Kind: llm.Invalid, Message: "the client of the API cannot be built with these options"}
	}
	var got captured
	ctx = context.WithValue(ctx, capturedKey{}, &got)
	if !streams {
		_, err := c.sdk.Models.GenerateContent(ctx, c.req.Model, contents, config)
		return got.response(err)
	}
	for _, err := range c.sdk.Models.GenerateContentStream(ctx, c.req.Model, contents, config) {
		return got.response(err)
	}
	return got.response(nil)
}

// captured is the response of one request.
type captured struct{ res *http.Response }

type capturedKey struct{}

func (got *captured) response(err error) (*http.Response, error) {
	switch {
	case got.res != nil:
		return got.res, nil
	case err == nil:
		err = errors.New("the SDK sent nothing")
	}
	return nil, err
}

// capture sends the SDK's requests through the endpoint, keeps the response for the call
// that made the request, and has the SDK read an empty one.
type capture struct{ endpoint *wire.Endpoint }

func (t capture) RoundTrip(req *http.Request) (*http.Response, error) {
	got, ok := req.Context().Value(capturedKey{}).(*captured)
	if !ok || got.res != nil {
		return nil, errors.New("one request is all that a call makes") // the SDK asks on where an answer is a part of one
	}
	res, err := t.endpoint.Do(req.Clone(req.Context()))
	if err != nil {
		var sent *url.Error
		if errors.As(err, &sent) { // the SDK's client puts it into one of its own
			err = sent.Err
		}
		return nil, err
	}
	got.res = res
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {res.Header.Get("Content-Type")}}, Body: io.NopCloser(strings.NewReader(t.nothing(req))), Request: req,
	}, nil
}

// nothing is an answer in which there is none.
func (capture) nothing(req *http.Request) string {
	if strings.HasSuffix(req.URL.Path, ":streamGenerateContent") {
		return ""
	}
	return "{}"
}

package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Post sends a request of the endpoint's by no SDK: body as JSON to the path beneath an
// address, through Middlewares. It is for APIs that many servers speak and whose official
// SDK costs a program more than the request is worth; see package openaichat.
func (e *Endpoint) Post(ctx context.Context, baseURL, path string, body any) (*http.Response, error) {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return nil, err
	}
	u, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	// Not JoinPath: of two slashes, which gateways have in their addresses, it makes one.
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+"/"+path, strings.TrimRight(u.EscapedPath(), "/")+"/"+path
	u.RawQuery, u.Fragment = "", "" // Middlewares set the query
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), &raw)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", agent)
	if e.key != "" {
		e.vendor.Authorize(req.Header, e.key)
	}
	return e.Do(req)
}

// Do sends a request through Middlewares.
func (e *Endpoint) Do(req *http.Request) (*http.Response, error) {
	next := e.client.Do
	middlewares := e.Middlewares()
	for i := len(middlewares) - 1; i >= 0; i-- {
		then, middleware := next, middlewares[i]
		next = func(req *http.Request) (*http.Response, error) { return middleware(req, then) }
	}
	return next(req)
}

package wire

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// Middleware stands between an SDK and the network.
type Middleware = func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error)

// Middlewares are what every request of the endpoint's goes through, first the first.
// They set the query of the base URL, and turn every answer that is not a success into
// an *llm.Error.
func (e *Endpoint) Middlewares() []Middleware {
	var all []Middleware
	if e.query != nil {
		all = append(all, withQuery(*e.query))
	}
	return append(all, screen)
}

// HTTPClient is what an SDK sends the endpoint's requests with, each through Middlewares.
func (e *Endpoint) HTTPClient() *http.Client { return e.client }

// UserAgent is what requests say of who sends them.
func UserAgent() string { return agent }

// withQuery adds the query of the address to that of each request, as it stands there: Azure
// wants an api-version. SDKs drop it.
func withQuery(query string) Middleware {
	return func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		req.URL.RawQuery = strings.Trim(query+"&"+req.URL.RawQuery, "&")
		return next(req)
	}
}

// screen turns every answer that is not a success into an *llm.Error, because SDKs can
// only read JSON errors and drop the status of others, and bounds what a success may
// send.
func screen(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	res, err := next(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 != 2 {
		defer res.Body.Close()
		// A body that breaks off still leaves us the status.
		body, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBytes))
		return nil, statusError(res, bytes.TrimSpace(body))
	}
	res.Body = http.MaxBytesReader(nil, res.Body, maxAnswerBytes)
	return res, nil
}

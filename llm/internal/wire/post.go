package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Post sends a request of the endpoint's: body as JSON to the path beneath an address, which
// may both have a query. Every answer that is not a success becomes an *llm.Error, and what a
// success may send is bounded.
func (e *Endpoint) Post(ctx context.Context, baseURL, path string, body any) (*http.Response, error) {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return nil, err
	}
	u, err := url.Parse(baseURL)
	if err != nil {
		return nil, invalid("the base URL is not an address") // New has said so
	}
	path, query, _ := strings.Cut(path, "?")
	// Not JoinPath: of two slashes, which gateways have in their addresses, it makes one.
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+"/"+path, strings.TrimRight(u.EscapedPath(), "/")+"/"+path
	u.RawQuery, u.Fragment = strings.Trim(u.RawQuery+"&"+query, "&"), "" // Azure wants an api-version
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
	res, err := e.client.Do(req)
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

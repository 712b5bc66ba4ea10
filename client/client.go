// Package client asks a server that `serve` has started, or one made with package server.
//
//	c := client.New("http://127.0.0.1:7295", token)
//	run, err := c.Start(ctx, client.Start{Flow: "article", Input: input, Key: "order 7"})
//	for m, err := range c.Follow(ctx, run.ID, 0) { … }
//
// It returns the records of package pawl. What the server refuses is a *pawl.Error with
// the kind, the hint, the run and the step that it says, and how long it wants to be left
// alone. Routes without a method of their own are asked by [Client.Do]; docs/api.md lists
// them.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
)

// Client asks one server. It is safe for concurrent use.
type Client struct {
	// HTTP sends the requests; nil: http.DefaultClient.
	HTTP *http.Client

	base, token string
}

// New returns a client of the server at an address, as in http://127.0.0.1:7295.
func New(base, token string) *Client {
	return &Client{base: strings.TrimSuffix(base, "/"), token: token}
}

// Start is a run that is to be started.
type Start struct {
	Flow   string          `json:"flow"`
	Input  json.RawMessage `json:"input"`
	Model  string          `json:"model,omitempty"`  // empty: what prompts say, or the server's default
	Budget *Budget         `json:"budget,omitempty"` // nil: no limit

	// Key is an idempotency key: the same again with the same run begins nothing. Empty:
	// each is another run.
	Key string `json:"-"`
}

// Budget bounds what a run may take; nil: no limit.
type Budget struct {
	USD    *float64 `json:"usd,omitempty"`
	Tokens *int64   `json:"tokens,omitempty"`
	Calls  *int64   `json:"calls,omitempty"`
}

// Decision lifts a blocker, in the name of the client's token.
type Decision struct {
	Key     pawl.Key          `json:"key,omitempty"`
	What    pawl.DecisionKind `json:"what"`
	Digest  string            `json:"digest,omitempty"` // the blocker's, of what was shown
	Value   json.RawMessage   `json:"value,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	Comment string            `json:"comment,omitempty"`
}

// Raise sets limits of a run's own budget. With the digest of a budget blocker as it was
// shown it lifts that: at a limit on many runs, where it is wanted, the limits are then what
// the run may take beyond it.
type Raise struct {
	Budget
	Digest  string `json:"digest,omitempty"`
	Comment string `json:"comment,omitempty"`
}

// Start makes a run durable and returns it as it stands then.
func (c *Client) Start(ctx context.Context, s Start) (run pawl.RunRecord, err error) {
	return run, c.send(ctx, http.MethodPost, "/runs", keyHeader(s.Key), s, &run)
}

// keyHeader has an idempotency key, if there is one.
func keyHeader(key string) http.Header {
	if key == "" {
		return nil
	}
	return http.Header{"Idempotency-Key": {key}}
}

// Run returns a run as it stands.
func (c *Client) Run(ctx context.Context, id pawl.RunID) (run pawl.RunRecord, err error) {
	return run, c.Do(ctx, http.MethodGet, runPath(id), nil, &run)
}

// Runs returns the newest runs that the filter lets through: flow, status, since, search,
// base, limit and cursor, see docs/api.md. Nil: the newest 50.
func (c *Client) Runs(ctx context.Context, filter url.Values) (runs []pawl.RunSummary, err error) {
	return runs, c.Do(ctx, http.MethodGet, "/runs?"+filter.Encode(), nil, &runs)
}

// Inbox returns what waits for a person, the oldest first.
func (c *Client) Inbox(ctx context.Context) (items []pawl.InboxItem, err error) {
	return items, c.Do(ctx, http.MethodGet, "/inbox", nil, &items)
}

// Decide decides on an open blocker and returns the run as it stands then. Where somebody
// was faster the error is pawl.ErrConflict, and says who decided what and when.
func (c *Client) Decide(ctx context.Context, id pawl.RunID, d Decision) (run pawl.RunRecord, err error) {
	return run, c.Do(ctx, http.MethodPost, runPath(id)+"/decisions", d, &run)
}

// Raise sets limits of a run's budget anew, in the name of the client's token, and returns the
// run as it stands then. The error is pawl.ErrInput without a digest where the run stands at a
// limit on many runs, and pawl.ErrConflict where it stands at something else than was shown.
func (c *Client) Raise(ctx context.Context, id pawl.RunID, r Raise) (run pawl.RunRecord, err error) {
	return run, c.Do(ctx, http.MethodPost, runPath(id)+"/raise", r, &run)
}

func runPath(id pawl.RunID) string { return "/runs/" + url.PathEscape(string(id)) }

// Do sends a request to a route of the API, as in "/flows", with in as JSON (nil: without a
// body), and reads the answer into out (nil: it is dropped).
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	return c.send(ctx, method, path, nil, in, out)
}

func (c *Client) send(ctx context.Context, method, path string, header http.Header, in, out any) error {
	resp, err := c.open(ctx, method, path, header, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil || resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return &pawl.Error{Kind: pawl.ErrInternal, Message: fmt.Sprintf("%s %s: read the answer: %v", method, path, err), Err: err}
	}
	return nil
}

// open sends a request and returns the response if it is none that says what is wrong.
func (c *Client) open(ctx context.Context, method, path string, header http.Header, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, &pawl.Error{Kind: pawl.ErrInput, Message: err.Error(), Err: err}
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, body)
	if err != nil {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: err.Error(), Err: err}
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	sender := c.HTTP
	if sender == nil {
		sender = http.DefaultClient
	}
	resp, err := sender.Do(req)
	if err != nil {
		return nil, &pawl.Error{Kind: "network", Message: err.Error(), Err: err}
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, refusal(resp)
}

// refusal is what a response says is wrong.
func refusal(resp *http.Response) error {
	var p struct {
		Kind         pawl.ErrorKind
		Detail, Hint string
		Run          pawl.RunID
		Step         pawl.Key
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // what is missing of it is not said
	if json.Unmarshal(text, &p) != nil || p.Kind == "" {
		p.Kind, p.Detail = kindOf(resp.StatusCode), fmt.Sprintf("the server answered with %s", resp.Status)
	}
	later, _ := time.ParseDuration(resp.Header.Get("Retry-After") + "s") // a date is rare, and not read
	return &pawl.Error{Kind: p.Kind, Message: p.Detail, Hint: p.Hint, Run: p.Run, Step: p.Step, RetryAfter: later}
}

// kindOf is the kind of a response that says none: it comes from a proxy before the server.
func kindOf(status int) pawl.ErrorKind {
	switch status {
	case http.StatusTooManyRequests:
		return "rate_limit"
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "overloaded"
	}
	return pawl.ErrInternal
}

package openai

import (
	"cmp"
	"context"
	"net/http"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/openaiwire"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// Options says which account and which server to use.
type Options struct {
	// APIKey is the bearer token. Without one every call fails with kind Auth.
	APIKey string

	// BaseURL is where the API lives, usually ending in /v1. Empty is OpenAI's. Its
	// query, if it has one, goes out with each request.
	BaseURL string

	// Organization and Project are sent as headers if they are not empty.
	Organization string
	Project      string

	// HTTPClient sends the requests; it is copied. Nil is a client of the
	// Model's own, without a timeout. Redirects are not followed unless the
	// client has a CheckRedirect, and to the same scheme and host alone.
	HTTPClient *http.Client
}

// Model answers requests over the Responses API. It is safe for concurrent use.
type Model struct {
	endpoint *wire.Endpoint
	baseURL  string
}

// New builds a Model. It does no I/O, and copies o; nil is the zero Options. What
// is wrong with the options shows in the first call.
func New(o *Options) *Model {
	var opts Options
	if o != nil {
		opts = *o
	}
	return build(opts, wire.Names{APIKey: "Options.APIKey", BaseURL: "Options.BaseURL"})
}

// build builds a Model whose hints call key and address so.
func build(opts Options, names wire.Names) *Model {
	vendor := openaiwire.Vendor()
	authorize := vendor.Authorize
	vendor.Authorize = func(h http.Header, key string) {
		authorize(h, key)
		if opts.Organization != "" {
			h.Set("OpenAI-Organization", opts.Organization)
		}
		if opts.Project != "" {
			h.Set("OpenAI-Project", opts.Project)
		}
	}
	endpoint := wire.New(wire.Options{
		Vendor: vendor, APIKey: opts.APIKey, BaseURL: opts.BaseURL, HTTPClient: opts.HTTPClient, Names: names, Example: name + "/" + openaiwire.Model,
		OtherWire: "openai-chat",
	})
	return &Model{endpoint: endpoint, baseURL: cmp.Or(opts.BaseURL, openaiwire.Address)}
}

// CheckModel accepts every name that could be one: only the server knows which
// models there are. Without a usable key or address it says so, as every call
// would.
func (m *Model) CheckModel(name string) error { return m.endpoint.CheckModel(name) }

// CheckSchema returns what in a request's schema the vendor cannot hold, or nil; see
// llm.SchemaChecker.
func (m *Model) CheckSchema(req llm.Request) error { return m.endpoint.CheckSchema(req) }

// MostTokens returns what the server has said that an answer of a model may have at most;
// see llm.Bounded.
func (m *Model) MostTokens(name string) int { return m.endpoint.MostTokens(name) }

// Generate makes one attempt; see llm.Model. The answer is streamed over the wire
// only if stream is not nil, and if the model's streams are to be had and are counted.
func (m *Model) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	return m.endpoint.Generate(ctx, req, stream, &call{Model: m, req: req})
}

// call is one attempt.
type call struct {
	*Model
	req   llm.Request
	limit int // that was sent; 0: none
}

func (c *call) Send(ctx context.Context, d wire.Dialect, streams bool) (*http.Response, error) {
	c.limit = d.MaxTokens(c.req)
	p, err := c.params(d)
	if err != nil {
		return nil, err
	}
	p.Stream = streams
	return c.endpoint.Post(ctx, c.baseURL, "responses", p)
}

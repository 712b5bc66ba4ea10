package anthropic

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
	"github.com/pawlrun/pawl/schema"
)

// Options says which account and which server to use.
type Options struct {
	// APIKey is sent as x-api-key. Without one every call fails with kind Auth.
	APIKey string

	// BaseURL is where the API lives, without the /v1 that all its paths begin with; one
	// at its end is taken off. Empty is Anthropic's. Its query, if it has one, goes out
	// with each request.
	BaseURL string

	// HTTPClient sends the requests; it is copied. Nil is a client of the
	// Model's own, without a timeout. Redirects are not followed unless the
	// client has a CheckRedirect, and to the same scheme and host alone.
	HTTPClient *http.Client
}

// Model answers requests over the Messages API. It is safe for concurrent use. It
// remembers how its models want to be asked.
type Model struct {
	endpoint *wire.Endpoint
	base     string // without the version
}

const (
	host    = "api.anthropic.com"
	version = "2023-06-01" // of the API
)

func vendor() wire.Vendor {
	return wire.Vendor{
		Name: "Anthropic", Host: host, Account: "platform.claude.com",
		Sample: "http://localhost:8080", Shape: "it usually has no path, since /v1/messages is added to it",
		Answers: "output_config.format", Strict: "json_schema", SystemFirst: true,
		Form: func(s *schema.Schema) (json.RawMessage, error) { return s.Anthropic() },
		Authorize: func(h http.Header, key string) {
			h.Set("X-Api-Key", key)
			h.Set("Anthropic-Version", version)
		},
	}
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
	endpoint := wire.New(wire.Options{
		Vendor: vendor(), APIKey: opts.APIKey, BaseURL: base(opts.BaseURL), HTTPClient: opts.HTTPClient, Names: names, Example: name + "/" + cheapest,
		OtherWire: "openai-chat",
	})
	return &Model{endpoint: endpoint, base: cmp.Or(base(opts.BaseURL), "https://"+host)}
}

// base takes the version off an address, which paths begin with. The query stays.
func base(address string) string {
	address, _, _ = strings.Cut(address, "#")
	path, query, has := strings.Cut(address, "?")
	path = strings.TrimSuffix(strings.TrimRight(path, "/"), "/v1")
	if has {
		return path + "?" + query
	}
	return path
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
	req.MaxTokens = cmp.Or(req.MaxTokens, llm.LimitOf(name+"/"+req.Model).Default)
	return m.endpoint.Generate(ctx, req, stream, &call{Model: m, req: req})
}

// call is one attempt.
type call struct {
	*Model
	req   llm.Request
	limit int // that was sent
}

func (c *call) Send(ctx context.Context, d wire.Dialect, streams bool) (*http.Response, error) {
	p, err := c.params(d)
	if err != nil {
		return nil, err
	}
	p.Stream = streams
	raw, err := json.Marshal(p) // which writes < as \u003c: an item of a batch under way is known by a digest of its text
	if err != nil {
		return nil, err
	}
	return c.endpoint.Post(ctx, c.base, "v1/messages", json.RawMessage(raw))
}

// list is the address that the list of models stands below.
func list(address string) string {
	path, query, has := strings.Cut(base(cmp.Or(address, "https://"+host)), "?")
	if has {
		return path + "/v1?" + query
	}
	return path + "/v1"
}

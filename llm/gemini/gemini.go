package gemini

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/pawlrun/pawl/internal/late"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
	"github.com/pawlrun/pawl/schema"
)

const (
	name = "gemini"

	host           = "generativelanguage.googleapis.com"
	address        = "https://" + host
	defaultVersion = "v1beta" // what Google's own libraries ask; responseJsonSchema is part of it
)

// Options says which server to use.
type Options struct {
	// APIKey is the key. It must not be empty.
	APIKey string

	// BaseURL is where the API lives, without models/ and with the API's version or
	// without it, which is v1beta then. Empty is Google's. Its query, if it has one, goes
	// out with each request.
	BaseURL string

	// HTTPClient sends the requests; it is copied. Nil is a client of the
	// Model's own, without a timeout. Redirects are not followed unless the
	// client has a CheckRedirect, and to the same scheme and host alone.
	HTTPClient *http.Client
}

// Model answers requests over the Gemini API. It is safe for concurrent use. It
// remembers how its models want to be asked.
type Model struct {
	endpoint *wire.Endpoint
	base     string // with the API's version, and a query
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
		Vendor: vendor(), APIKey: opts.APIKey, BaseURL: opts.BaseURL, HTTPClient: opts.HTTPClient, Names: names, Example: name + "/" + models[0],
	})
	return &Model{endpoint: endpoint, base: base(opts.BaseURL)}
}

// vendor is Google, as its wire wants to be spoken.
func vendor() wire.Vendor {
	return wire.Vendor{
		Name: "Google", Host: host, Account: "aistudio.google.com",
		Sample: "http://localhost:8080", Shape: "it usually has no path, or ends in /" + defaultVersion,
		Answers: "generationConfig", Strict: "responseJsonSchema", Object: "responseMimeType",
		Form:      func(s *schema.Schema) (json.RawMessage, error) { return s.Gemini() },
		Authorize: func(h http.Header, key string) { h.Set("X-Goog-Api-Key", key) },
	}
}

var version = late.Regexp(`^v\d+((alpha|beta)\d*)?$`)

// base is where the API lives that an address leads to, with its query: with the version of the
// address, or else the default one.
func base(baseURL string) string {
	baseURL, _, _ = strings.Cut(baseURL, "#")
	root, query, has := strings.Cut(cmp.Or(baseURL, address), "?")
	root = strings.TrimRight(root, "/")
	if u, err := url.Parse(root); err == nil && !version().MatchString(path.Base(u.Path)) {
		root += "/" + defaultVersion
	}
	if has {
		return root + "?" + query
	}
	return root
}

// list is the address that the list of models stands below.
func list(baseURL string) string {
	root, query, _ := strings.Cut(base(baseURL), "?")
	return root + "?" + strings.TrimRight("pageSize=1000&"+query, "&") // the most that is listed at once
}

// names of models stand in the path of a request.
var modelName = late.Regexp(`^[\w.-]+(/[\w.-]+)*$`)

func checkName(model string) error {
	if !modelName().MatchString(model) || strings.Contains(model, "..") {
		return errors.New("the name of a model has letters, digits, dots, hyphens and slashes alone, as in " + name + "/" + models[0])
	}
	if plain, has := strings.CutPrefix(model, "models/"); has {
		return errors.New("the name of a model has no models/ before it; write " + name + "/" + plain) // prices and limits are known by that
	}
	return nil
}

// CheckModel accepts every name that could be one, without models/ before it: only the
// server knows which models there are. Without a usable key or address it says so, as every call
// would.
func (m *Model) CheckModel(name string) error {
	if err := m.endpoint.CheckModel(name); err != nil {
		return err
	}
	return checkName(name)
}

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
	params, err := c.params(d)
	if err != nil {
		return nil, err
	}
	name := c.req.Model
	if !strings.HasPrefix(name, "tunedModels/") {
		name = "models/" + name
	}
	if streams {
		return c.endpoint.Post(ctx, c.base, name+":streamGenerateContent?alt=sse", params)
	}
	return c.endpoint.Post(ctx, c.base, name+":generateContent", params)
}

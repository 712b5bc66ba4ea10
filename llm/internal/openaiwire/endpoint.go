package openaiwire

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/openai/openai-go/v3/option"

	"github.com/pawlrun/pawl/llm"
)

// VendorHost is the host of OpenAI's own API, and VendorModel a model there that
// is cheap to ask.
const (
	VendorHost  = "api.openai.com"
	VendorModel = "gpt-5.4-mini"
)

// Names are what hints call the things that a person sets: environment variables,
// or fields of options.
type Names struct {
	APIKey  string
	BaseURL string
}

// Options says which server an Endpoint is, and with which key.
type Options struct {
	APIKey  string
	BaseURL string // empty is OpenAI's; a query goes out with each request

	// KeyOptional lets an empty key pass where there is a base URL: the request
	// then carries no Authorization header.
	KeyOptional bool

	HTTPClient *http.Client // copied; nil is a client of the Endpoint's own
	Names      Names
	Example    string // the full name of a model, as an example

	// Limits are the names of the limit on an answer's tokens: the one that is sent, and
	// another for models that refuse it. Empty: there is one name only.
	Limits [2]string

	// OtherWire is the provider whose wire may hold a server to schemas that it ignores
	// on this one; may be empty.
	OtherWire string
}

// Endpoint is one server with one key. It is safe for concurrent use.
type Endpoint struct {
	key       string
	queryKeys []string // of the address
	host      string   // of the API
	account   string   // what hints call the server
	names     Names
	example   string     // the full name of a model
	invalid   *llm.Error // what is wrong with the options; every call fails with it
	options   []option.RequestOption

	limits    [2]string
	otherWire string
	dialects  dialects
	unopened  sync.Map // by model: the end mark of thoughts that have no beginning
}

// New builds an Endpoint. It does no I/O. What is wrong with the options shows in
// CheckModel and in every call.
func New(o Options) *Endpoint {
	e := &Endpoint{key: o.APIKey, host: VendorHost, account: "platform.openai.com", names: o.Names, example: o.Example, limits: o.Limits, otherWire: o.OtherWire}
	if o.BaseURL != "" {
		u, err := url.Parse(o.BaseURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			// The URL is not quoted: it may carry a password.
			e.invalid = &llm.Error{Kind: llm.Invalid, Message: "the base URL is not an http or https address",
				Hint: "set " + o.Names.BaseURL + " to an address such as http://localhost:11434/v1"}
			return e
		}
		e.host, e.account, e.queryKeys = u.Host, u.Host, queryKeys(u.Query())
	}
	if e.key != "" || o.BaseURL == "" || !o.KeyOptional {
		if e.invalid = checkKey(e.key); e.invalid != nil {
			e.invalid.Hint = e.hint(llm.Request{}, e.invalid)
		}
		if e.key == "" && o.KeyOptional {
			e.invalid.Hint = "set " + o.Names.BaseURL + " to the server's address, as in http://localhost:11434/v1, or " + o.Names.APIKey + " for OpenAI's own"
		}
	}
	e.options = serviceOptions(o)
	return e
}

// serviceOptions is everything that the SDK's NewClient would have taken from the
// environment, said outright.
func serviceOptions(o Options) []option.RequestOption {
	opts := []option.RequestOption{
		option.WithEnvironmentProduction(), // OpenAI's own address, unless a base URL follows
		option.WithHTTPClient(httpClient(o.HTTPClient)),
		option.WithMaxRetries(0),
		option.WithHeader("User-Agent", agent),
		option.WithMiddleware(screen),
	}
	if o.APIKey != "" {
		opts = append(opts, option.WithAPIKey(o.APIKey))
	}
	if o.BaseURL != "" {
		opts = append(opts, option.WithBaseURL(o.BaseURL), option.WithMiddleware(withQueryOf(o.BaseURL)))
	}
	return opts
}

// withQueryOf adds the query of an address to each request, as it stands there: Azure
// wants an api-version. The SDK drops it.
func withQueryOf(address string) option.Middleware {
	return func(req *http.Request, next option.MiddlewareNext) (*http.Response, error) {
		if u, err := url.Parse(address); err == nil {
			req.URL.RawQuery = u.RawQuery
		}
		return next(req)
	}
}

// Options are what a service of the SDK is built with, in place of its NewClient.
// The caller may append to them.
func (e *Endpoint) Options() []option.RequestOption {
	return append([]option.RequestOption(nil), e.options...)
}

// Limit is the name of the limit on an answer's tokens in a dialect.
func (e *Endpoint) Limit(d Dialect) string {
	if d.OtherLimit {
		return e.limits[1]
	}
	return e.limits[0]
}

func checkKey(key string) *llm.Error {
	if key == "" {
		return &llm.Error{Kind: llm.Auth, Message: "there is no API key"}
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return &llm.Error{Kind: llm.Auth, Message: "the API key contains a space, a line break or another character that no key has"}
	}
	return nil
}

// CheckModel is llm.Checker's. It accepts every name that could be one: only the
// server knows which models there are. Without a usable key or address it says so,
// as every call would.
func (e *Endpoint) CheckModel(name string) error {
	if name == "" || strings.HasPrefix(name, "?") {
		return errors.New("the name of a model is missing, as in " + e.example)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return errors.New("the name of a model has no spaces")
	}
	if e.invalid != nil {
		return e.invalid
	}
	return nil
}

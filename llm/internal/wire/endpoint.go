package wire

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/pawlrun/pawl/llm"
)

// Names are what hints call the things that a person sets: environment variables,
// or fields of options.
type Names struct {
	APIKey  string
	BaseURL string
}

// Options says which server an Endpoint is, and with which key.
type Options struct {
	Vendor  Vendor
	APIKey  string
	BaseURL string // empty is the vendor's; a query goes out with each request

	// KeyOptional lets an empty key pass where there is a base URL: the request
	// then carries none.
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
	vendor    *Vendor
	own       bool   // the server is the vendor's own
	account   string // what hints call the server
	names     Names
	example   string     // the full name of a model
	invalid   *llm.Error // what is wrong with the options; every call fails with it
	client    *http.Client

	limits    [2]string
	otherWire string
	dialects  dialects
	unopened  sync.Map // by model: the end mark of thoughts that have no beginning
}

// New builds an Endpoint. It does no I/O. What is wrong with the options shows in
// CheckModel and in every call.
func New(o Options) *Endpoint {
	e := &Endpoint{key: o.APIKey, vendor: &o.Vendor, own: true, account: o.Vendor.Account, names: o.Names, example: o.Example,
		client: httpClient(o.HTTPClient), limits: o.Limits, otherWire: o.OtherWire, dialects: dialects{vendor: &o.Vendor}}
	if o.BaseURL != "" {
		u, err := url.Parse(o.BaseURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			// The URL is not quoted: it may carry a password.
			e.invalid = &llm.Error{Kind: llm.Invalid, Message: "the base URL is not an http or https address",
				Hint: "set " + o.Names.BaseURL + " to an address such as " + o.Vendor.Sample}
			return e
		}
		e.own, e.account, e.queryKeys = u.Host == o.Vendor.Host, u.Host, queryKeys(u.Query())
	}
	if e.key != "" || o.BaseURL == "" || !o.KeyOptional {
		if e.invalid = checkKey(e.key); e.invalid != nil {
			e.invalid.Hint = e.hint(llm.Request{}, e.invalid)
		}
		if e.key == "" && o.KeyOptional {
			e.invalid.Hint = "set " + o.Names.BaseURL + " to the server's address, as in " + o.Vendor.Sample + ", or " + o.Names.APIKey + " for " + o.Vendor.Name + "'s own"
		}
	}
	return e
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

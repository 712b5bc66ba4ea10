package openai

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"

	"github.com/pawlrun/pawl/llm"
)

// Options says which account and which server to use.
type Options struct {
	// APIKey is the bearer token. Without one every call fails with kind Auth.
	APIKey string

	// BaseURL is where the API lives, usually ending in /v1. Empty is OpenAI's.
	BaseURL string

	// Organization and Project are sent as headers if they are not empty.
	Organization string
	Project      string

	// HTTPClient sends the requests; it is copied. Nil is a client of the
	// Model's own, without a timeout. Redirects are not followed unless the
	// client has a CheckRedirect.
	HTTPClient *http.Client
}

// Model answers requests over the Responses API. It is safe for concurrent use.
type Model struct {
	key     string
	host    string     // what hints call the server
	invalid *llm.Error // what is wrong with the options; every call fails with it
	service responses.ResponseService
}

// New builds a Model. It does no I/O, and copies o; nil is the zero Options. What
// is wrong with the options shows in the first call.
func New(o *Options) *Model {
	var opts Options
	if o != nil {
		opts = *o
	}
	m := &Model{key: opts.APIKey, host: "platform.openai.com"}
	if opts.BaseURL != "" {
		u, err := url.Parse(opts.BaseURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			// The URL is not quoted: it may carry a password.
			m.invalid = &llm.Error{Kind: llm.Invalid, Message: "the base URL is not an http or https address",
				Hint: "set OPENAI_BASE_URL to an address such as http://localhost:11434/v1"}
			return m
		}
		m.host = u.Host
	}
	if m.invalid = checkKey(m.key); m.invalid != nil {
		m.invalid.Hint = m.hint(llm.Request{}, m.invalid)
	}
	m.service = responses.NewResponseService(serviceOptions(opts)...)
	return m
}

// serviceOptions is everything that the SDK's NewClient would have taken from the
// environment, said outright.
func serviceOptions(o Options) []option.RequestOption {
	opts := []option.RequestOption{
		option.WithEnvironmentProduction(), // OpenAI's own address, unless a base URL follows
		option.WithHTTPClient(httpClient(o.HTTPClient)),
		option.WithMaxRetries(0),
		option.WithAPIKey(o.APIKey),
		option.WithMiddleware(screen),
	}
	if o.BaseURL != "" {
		opts = append(opts, option.WithBaseURL(o.BaseURL))
	}
	if o.Organization != "" {
		opts = append(opts, option.WithOrganization(o.Organization))
	}
	if o.Project != "" {
		opts = append(opts, option.WithProject(o.Project))
	}
	return opts
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

// CheckModel accepts every name that could be one: only the server knows which
// models there are. Without a usable key or address it says so, as every call
// would.
func (m *Model) CheckModel(name string) error {
	if name == "" || strings.HasPrefix(name, "?") {
		return errors.New("the name of a model is missing, as in openai/gpt-5.4-mini")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return errors.New("the name of a model has no spaces")
	}
	if m.invalid != nil {
		return m.invalid
	}
	return nil
}

// Generate makes one attempt; see llm.Model. The answer is streamed over the wire
// only if stream is not nil.
func (m *Model) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	resp, err := m.generate(ctx, req, stream)
	if err != nil {
		return llm.Response{}, m.finish(ctx, req, err)
	}
	return resp, nil
}

func (m *Model) generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	if m.invalid != nil {
		return llm.Response{}, m.invalid
	}
	params, err := newParams(req)
	if err != nil {
		return llm.Response{}, err
	}
	// The raw response is asked for: the SDK's own reading refuses answers by
	// their content type, and its stream takes "error": null for an error.
	var res *http.Response
	opts := []option.RequestOption{option.WithResponseBodyInto(&res)}
	if stream != nil {
		opts = append(opts, option.WithJSONSet("stream", true))
	}
	if _, err := m.service.New(ctx, params, opts...); err != nil {
		return llm.Response{}, sendError(ctx, err)
	}
	defer res.Body.Close()

	if stream != nil && !isDocument(res) {
		return readStream(ctx, res, stream)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return llm.Response{}, from(res, transportError(ctx, err))
	}
	return readBody(res, body)
}

package openaiwire

import (
	"encoding/json"
	"net/http"

	"github.com/openai/openai-go/v3/option"

	"github.com/pawlrun/pawl/llm/internal/wire"
	"github.com/pawlrun/pawl/schema"
)

// Host is that of OpenAI's own API, and Model a model there that is cheap to ask.
const (
	Host  = "api.openai.com"
	Model = "gpt-5.4-mini"
)

// Vendor is OpenAI, as its wire wants to be spoken.
func Vendor() wire.Vendor {
	return wire.Vendor{
		Name: "OpenAI", Host: Host, Account: "platform.openai.com",
		Sample: "http://localhost:11434/v1", Shape: "it usually ends in /v1",
		Answers: "response_format", Strict: "json_schema", Object: "json_object",
		Form:      func(s *schema.Schema) (json.RawMessage, error) { return s.Strict() },
		Authorize: func(h http.Header, key string) { h.Set("Authorization", "Bearer "+key) },
	}
}

// Service is what a service of the SDK is built with, in place of its NewClient:
// everything that would have been taken from the environment, said outright. The caller
// may append to it.
func Service(e *wire.Endpoint, key, baseURL string) []option.RequestOption {
	opts := []option.RequestOption{
		option.WithEnvironmentProduction(), // OpenAI's own address, unless a base URL follows
		option.WithHTTPClient(e.HTTPClient()),
		option.WithMaxRetries(0),
		option.WithHeader("User-Agent", wire.UserAgent()),
		option.WithMiddleware(e.Middlewares()...),
	}
	if key != "" {
		opts = append(opts, option.WithAPIKey(key))
	}
	if baseURL != "" {
		opts = append(opts, option.WithBaseURL(baseURL))
	}
	return opts
}

// Send makes a request by the SDK's plain (not streaming) method and returns the raw
// response: the SDK's own reading refuses answers by their content type, and its stream
// takes "error": null for an error.
func Send(streams bool, request func(...option.RequestOption) error) (*http.Response, error) {
	var res *http.Response
	opts := []option.RequestOption{option.WithResponseBodyInto(&res)}
	if streams {
		opts = append(opts, option.WithJSONSet("stream", true))
	}
	if err := request(opts...); err != nil {
		return nil, err
	}
	return res, nil
}

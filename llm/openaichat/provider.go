package openaichat

import (
	"context"
	"net/http"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/openaiwire"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

const name = "openai-chat"

// The environment variables of Provider. They are not those of package openai, so
// that OpenAI's key never goes to a server that it was not set for.
const (
	addressVariable = "OPENAI_CHAT_BASE_URL"
	keyVariable     = "OPENAI_CHAT_API_KEY"
)

// Provider describes this package's models.
func Provider() llm.Provider {
	return llm.Provider{
		Name:  name,
		About: "a model of a server that speaks Chat Completions (Ollama, vLLM, llama.cpp, LM Studio) at " + addressVariable,
		Settings: []llm.Setting{
			{Name: addressVariable, About: "the address of a server that speaks Chat Completions (provider " + name + "), as in http://localhost:11434/v1",
				Default: "no server is asked, or with a key OpenAI's own", Address: true},
			{Name: keyVariable, About: "its key, if it wants one", Default: "most servers want none", Secret: true},
		},
		Servers: []llm.Server{
			{Name: "Ollama", Address: "http://127.0.0.1:11434/v1"},
			{Name: "LM Studio", Address: "http://127.0.0.1:1234/v1"},
			{Name: "vLLM", Address: "http://127.0.0.1:8000/v1"},
			{Name: "llama.cpp", Address: "http://127.0.0.1:8080/v1"},
		},
		New: func(getenv func(string) string) llm.Model {
			return build(options(getenv), variables())
		},
		Over: func(getenv func(string) string, client *http.Client) llm.Model {
			o := options(getenv)
			o.HTTPClient = client
			return build(o, variables())
		},
		Probe: probe,
	}
}

func options(getenv func(string) string) Options {
	return Options{APIKey: getenv(keyVariable), BaseURL: getenv(addressVariable)}
}

func variables() wire.Names {
	return wire.Names{APIKey: keyVariable, BaseURL: addressVariable}
}

// probe returns the models that the server lists. OpenAI's own is not asked: it
// lists models of every sort, and some of them are dear.
func probe(ctx context.Context, getenv func(string) string) ([]string, error) {
	o := options(getenv)
	if o.BaseURL == "" {
		return []string{openaiwire.Model}, nil
	}
	return wire.ListModels(ctx, wire.Options{Vendor: openaiwire.Vendor(), APIKey: o.APIKey, BaseURL: o.BaseURL, Names: variables()})
}

package anthropic

import (
	"context"
	"net/http"
	"slices"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

const name = "anthropic"

// cheapest is a model of Anthropic's that is cheap to ask.
const cheapest = "claude-haiku-5-5"

// The environment variables of Provider.
const (
	keyVariable     = "ANTHROPIC_API_KEY"
	addressVariable = "ANTHROPIC_BASE_URL"
)

// Provider describes this package's models.
func Provider() llm.Provider {
	return llm.Provider{
		Name:  name,
		About: "any model of Anthropic, or of a server at " + addressVariable + " that speaks its Messages API; needs " + keyVariable,
		Settings: []llm.Setting{
			{Name: keyVariable, About: "the key of provider " + name, Required: true, Secret: true},
			{Name: addressVariable, About: "the address of a server that speaks the Messages API, without /v1",
				Default: "the provider's own address", Address: true},
		},
		Models: []string{cheapest, "claude-sonnet-5-5", "claude-opus-5-5"},
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

func variables() wire.Names { return wire.Names{APIKey: keyVariable, BaseURL: addressVariable} }

// probe returns the models that the server lists, the cheap one first if it is there:
// Anthropic lists the newest first, which are dear.
func probe(ctx context.Context, getenv func(string) string) ([]string, error) {
	o := options(getenv)
	if o.APIKey == "" {
		return nil, &llm.Error{Kind: llm.Auth, Message: "there is no API key", Hint: "set " + keyVariable}
	}
	models, err := wire.ListModels(ctx, wire.Options{Vendor: vendor(), APIKey: o.APIKey, BaseURL: list(o.BaseURL), Names: variables()})
	if i := slices.Index(models, cheapest); i > 0 {
		models = slices.Insert(slices.Delete(models, i, i+1), 0, cheapest)
	}
	return models, err
}

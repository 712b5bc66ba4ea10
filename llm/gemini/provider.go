package gemini

import (
	"context"
	"slices"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// The environment variables of Provider. The address is called as in Google's own SDKs.
const (
	keyVariable     = "GEMINI_API_KEY"
	addressVariable = "GOOGLE_GEMINI_BASE_URL"
)

// models are known by name. The first is the cheapest whose price is not to change.
var models = []string{"gemini-3.5-flash-lite", "gemini-3.5-flash", "gemini-4-hydrogen", "gemini-4-neon"}

// Provider describes this package's models.
func Provider() llm.Provider {
	return llm.Provider{
		Name:  name,
		About: "any model of Google's Gemini API, or of a server at " + addressVariable + " that speaks it; needs " + keyVariable,
		Help: "GOOGLE_API_KEY, which Google's own tools put before " + keyVariable + ", is not read: it is often the key of another " +
			"service. Vertex AI is not asked, whatever GOOGLE_GENAI_USE_VERTEXAI says.",
		Settings: []llm.Setting{
			{Name: keyVariable, About: "the key of provider " + name, Required: true, Secret: true},
			{Name: addressVariable, About: "the address of a server that speaks the Gemini API, with its version (/v1beta) or without it",
				Default: "the provider's own address", Address: true},
		},
		Models: models,
		New: func(getenv func(string) string) llm.Model {
			return build(options(getenv), variables())
		},
		Probe: probe,
	}
}

func options(getenv func(string) string) Options {
	return Options{APIKey: getenv(keyVariable), BaseURL: getenv(addressVariable)}
}

func variables() wire.Names { return wire.Names{APIKey: keyVariable, BaseURL: addressVariable} }

// probe returns the models that the server lists, as many as it does at once, the cheap one
// first if it is there: the list is in no order.
func probe(ctx context.Context, getenv func(string) string) ([]string, error) {
	o := options(getenv)
	if o.APIKey == "" {
		return nil, &llm.Error{Kind: llm.Auth, Message: "there is no API key", Hint: "set " + keyVariable}
	}
	found, err := wire.ListModels(ctx, wire.Options{Vendor: vendor(), APIKey: o.APIKey, BaseURL: list(o.BaseURL), Names: variables()})
	if i := slices.Index(found, models[0]); i > 0 {
		found = slices.Insert(slices.Delete(found, i, i+1), 0, models[0])
	}
	return found, err
}

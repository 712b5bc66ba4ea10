package openai

import (
	"net/http"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/openaiwire"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

const name = "openai"

// The environment variables of Provider.
const (
	keyVariable          = "OPENAI_API_KEY"
	addressVariable      = "OPENAI_BASE_URL"
	organizationVariable = "OPENAI_ORG_ID"
	projectVariable      = "OPENAI_PROJECT_ID"
)

// Provider describes this package's models.
func Provider() llm.Provider {
	over := func(getenv func(string) string, client *http.Client) llm.Model {
		return build(Options{
			APIKey:       getenv(keyVariable),
			BaseURL:      getenv(addressVariable),
			Organization: getenv(organizationVariable),
			Project:      getenv(projectVariable),
			HTTPClient:   client,
		}, wire.Names{APIKey: keyVariable, BaseURL: addressVariable})
	}
	return llm.Provider{
		Name:  name,
		About: "any model of OpenAI, or of a server at " + addressVariable + " that speaks its Responses API; needs " + keyVariable,
		Settings: []llm.Setting{
			{Name: keyVariable, About: "the key of provider " + name, Required: true, Secret: true},
			{Name: addressVariable, About: "the address of a server that speaks the Responses API, usually ending in /v1",
				Default: "the provider's own address", Address: true},
			{Name: organizationVariable, About: "the organization that pays"},
			{Name: projectVariable, About: "the project that pays"},
		},
		Models: []string{openaiwire.Model},
		New:    func(getenv func(string) string) llm.Model { return over(getenv, nil) },
		Over:   over,
	}
}

package cli

import (
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/llm/openaichat"
)

// defaultProviders are those of a program that brings none of its own, and the only
// place of the command that names them. The first that is ready answers for runs
// that name no model.
func defaultProviders() []llm.Provider {
	return []llm.Provider{openai.Provider(), openaichat.Provider(), offline.Provider()}
}

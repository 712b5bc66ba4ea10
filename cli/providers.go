package cli

import (
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/anthropic"
	"github.com/pawlrun/pawl/llm/gemini"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/llm/openaichat"
)

// Providers are those of a program that brings none of its own: to be added to. No
// other place of the command names them.
func Providers() []llm.Provider {
	return []llm.Provider{openai.Provider(), openaichat.Provider(), anthropic.Provider(), gemini.Provider(), offline.Provider()}
}

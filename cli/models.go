package cli

import (
	"errors"
	"fmt"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/llm/openaichat"
)

// models are the providers that there are. One without a key is there too: its
// calls fail with what to do.
func (a *app) models() llm.Catalog {
	return llm.Catalog{
		"offline": offline.Model{},
		"openai": openai.New(&openai.Options{
			APIKey:       a.getenv("OPENAI_API_KEY"),
			BaseURL:      a.getenv("OPENAI_BASE_URL"),
			Organization: a.getenv("OPENAI_ORG_ID"),
			Project:      a.getenv("OPENAI_PROJECT_ID"),
		}),
		// Variables of its own, so that OpenAI's key never goes to a server that
		// it was not set for.
		"openai-chat": openaichat.New(&openaichat.Options{
			APIKey:  a.getenv("OPENAI_CHAT_API_KEY"),
			BaseURL: a.getenv("OPENAI_CHAT_BASE_URL"),
		}),
	}
}

// defaultOpenAI is the model of those who have a key and name none.
const defaultOpenAI = "openai/gpt-5.4-mini"

// defaultModel answers for runs that name no model.
func (a *app) defaultModel() string {
	if a.getenv("OPENAI_API_KEY") != "" {
		return defaultOpenAI
	}
	return "offline"
}

// checkModel refuses a --model that there is not. An empty one is no choice.
func (a *app) checkModel(name string) error {
	if name == "" {
		return nil
	}
	_, _, err := a.models().Lookup(name)
	if known := (*llm.Error)(nil); errors.As(err, &known) {
		return known // no usable key, say
	}
	if err != nil {
		return badInput("--model: %v", err)
	}
	return nil
}

// warnOffline says that the answers are not a language model's, if they are not.
func (a *app) warnOffline(model string) {
	if provider, _ := llm.Split(model); provider == "offline" && !a.quiet {
		fmt.Fprintf(a.err, "offline is not a language model; how to ask one: %s help models\n", term.Quote(a.program))
	}
}

package llm

import "strings"

// IsModel reports whether a server that was asked for a model, provider/model, says by
// the name reported that this one answered: by its name, without the options that follow
// upon a "?", or with a date behind it, as vendors name the version. An empty name says
// nothing else.
func IsModel(asked, reported string) bool {
	provider, name := Split(asked)
	name, _, _ = strings.Cut(name, "?")
	if name == "" { // the provider has a single model
		name = provider
	}
	reported = strings.TrimPrefix(reported, "models/") // Gemini
	return reported == "" || strings.EqualFold(reported, name) || strings.EqualFold(dated().ReplaceAllString(reported, ""), name)
}

package openaiwire

import (
	"encoding/json"
	"net/http"

	"github.com/pawlrun/pawl/llm/internal/wire"
	"github.com/pawlrun/pawl/schema"
)

// Host is that of OpenAI's own API, Address where it lives there, and Model a model there that
// is cheap to ask.
const (
	Host    = "api.openai.com"
	Address = "https://" + Host + "/v1"
	Model   = "gpt-5.4-mini"
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

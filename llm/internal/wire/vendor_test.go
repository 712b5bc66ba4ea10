package wire

import (
	"encoding/json"
	"net/http"

	"github.com/pawlrun/pawl/schema"
)

// testVendor takes schemas and keys as OpenAI does.
var testVendor = Vendor{
	Name: "Vendor", Host: "api.vendor.test", Answers: "response_format", Strict: "json_schema", Object: "json_object",
	Form:      func(s *schema.Schema) (json.RawMessage, error) { return s.Strict() },
	Authorize: func(h http.Header, key string) { h.Set("Authorization", "Bearer "+key) },
}

package wire

import (
	"encoding/json"
	"net/http"

	"github.com/pawlrun/pawl/schema"
)

// Vendor is what an adapter knows of whoever made its wire. It is not changed once an
// Endpoint has it.
type Vendor struct {
	Name    string // as people call it: "OpenAI"
	Host    string // of its own API, where an Endpoint without a base URL goes: "api.openai.com"
	Account string // where people see their keys: "platform.openai.com"

	// Sample is the address of another server that speaks the wire, and Shape says in
	// words how such addresses look, as in "it usually ends in /v1". Hints say them.
	Sample, Shape string

	// Answers is what the wire calls the field that asks for a form of answers, and its
	// values for a schema and for any JSON object: "response_format", "json_schema",
	// "json_object". An empty Object: the wire has no such value.
	Answers, Strict, Object string

	// SystemFirst: a system message elsewhere than at the beginning is said as the user.
	SystemFirst bool

	// Form writes a schema as the vendor takes it. Its errors name what the vendor
	// cannot say.
	Form func(*schema.Schema) (json.RawMessage, error)

	// Authorize puts a key, which is not empty, into the headers of a request.
	Authorize func(h http.Header, key string)
}

// system is what the vendor's own server takes.
func (v *Vendor) system() systemRole {
	if v.SystemFirst {
		return systemFirst
	}
	return systemAnywhere
}

package schema

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"
)

// standard is our document in the hands of a standard validator. It has the
// last word in [Schema.Check]: others validate by the published document, and a
// value that we pass must pass there too.
type standard struct {
	// compiled compiles the document when it is first called. A program begins
	// with many schemas and needs few of them. An error means that the document
	// is not a JSON Schema, or that a default does not satisfy it: we rendered a
	// tree that is none.
	compiled func() (*jsonschema.Resolved, error)
}

func newStandard(document func() json.RawMessage) *standard {
	return &standard{sync.OnceValues(func() (*jsonschema.Resolved, error) {
		var s jsonschema.Schema
		if err := json.Unmarshal(document(), &s); err != nil {
			return nil, err
		}
		return s.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	})}
}

// validate checks a value that has passed our own walk, so its depth and the
// size of its numbers are bounded.
func (s *standard) validate(raw []byte) error {
	resolved, err := s.compiled()
	if err != nil {
		return fmt.Errorf("compile the schema: %w", err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("is not JSON: %w", err)
	}
	return resolved.Validate(v)
}

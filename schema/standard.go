package schema

import (
	"encoding/json"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"
)

// standard is our document in the hands of a standard validator. It has the
// last word in [Schema.Check]: others validate by the published document, and a
// value that we pass must pass there too.
type standard struct {
	resolved *jsonschema.Resolved
}

// newStandard compiles a document. An error means that the document is not a
// JSON Schema, or that a default does not satisfy it.
func newStandard(document []byte) (*standard, error) {
	var s jsonschema.Schema
	if err := json.Unmarshal(document, &s); err != nil {
		return nil, err
	}
	resolved, err := s.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		return nil, err
	}
	return &standard{resolved}, nil
}

// validate checks a value that has passed our own walk, so its depth and the
// size of its numbers are bounded.
func (s *standard) validate(raw []byte) error {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("is not JSON: %w", err)
	}
	return s.resolved.Validate(v)
}

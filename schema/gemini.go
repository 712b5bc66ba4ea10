package schema

import (
	"encoding/json"
	"fmt"
)

// Gemini returns the schema in the form that Gemini's structured outputs accept: every
// object closed, with the order of its properties in propertyOrdering; every property
// required, those that may be left out nullable instead; no defaults; the bounds of lists
// and of the length of strings in words in the description. An answer in this form passes
// [Schema.Check] of the full one, except for those bounds.
//
// What the form cannot express is an error that names the Go type and field and what to
// write instead: a root that is not an object, a map. How deep and how large a schema may
// be is not documented, so that its server alone says it.
func (s *Schema) Gemini() (json.RawMessage, error) {
	if err := s.closed(); err != nil {
		return nil, fmt.Errorf("the form of %s for Gemini: %w", s.name, err)
	}
	return geminiForm.write(s.root), nil
}

package llm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// Catalog maps a provider's name to its Model. It is read-only once in use.
type Catalog map[string]Model

// Split cuts a full model name into provider and the name within it:
// "openai/gpt-5.4-mini" gives "openai" and "gpt-5.4-mini"; "offline?reject=1"
// gives "offline" and "?reject=1"; "offline" gives "offline" and "".
func Split(name string) (provider, model string) {
	if i := strings.IndexAny(name, "/?"); i >= 0 {
		return name[:i], strings.TrimPrefix(name[i:], "/")
	}
	return name, ""
}

// Lookup finds the Model for a full name and the name within the provider. The
// error names what is unknown and what there is; it is an *Error if the model
// is known and cannot be asked, for want of a key, say.
func (c Catalog) Lookup(name string) (Model, string, error) {
	provider, model := Split(name)
	m, ok := c[provider]
	if !ok {
		return nil, "", fmt.Errorf("unknown model %q: no provider %q; providers are %s", name, provider, strings.Join(c.Providers(), ", "))
	}
	if check, ok := m.(Checker); ok {
		err := check.CheckModel(model)
		if known := (*Error)(nil); errors.As(err, &known) {
			return nil, "", known
		}
		if err != nil {
			return nil, "", fmt.Errorf("unknown model %q: %w", name, err)
		}
	}
	return m, model, nil
}

// MostTokens returns what the Model of a full name has learned from its server; see
// Bounded. 0: nothing, or it is no Bounded.
func (c Catalog) MostTokens(name string) int {
	provider, model := Split(name)
	if m, ok := c[provider].(Bounded); ok {
		return m.MostTokens(model)
	}
	return 0
}

// CheckSchema returns why every question with that schema to the model of a full name would
// fail, as far as that is known without asking it; see SchemaChecker.
func (c Catalog) CheckSchema(name string, s *schema.Schema) error {
	provider, model := Split(name)
	if m, ok := c[provider].(SchemaChecker); ok && s != nil {
		return m.CheckSchema(Request{Model: model, Schema: s})
	}
	return nil
}

// Providers lists the names in order.
func (c Catalog) Providers() []string {
	return slices.Sorted(maps.Keys(c))
}

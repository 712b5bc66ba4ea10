package form

import (
	"strings"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schema"
)

// isJSON reports whether the flag takes JSON: people need an example of that.
func (f *Field) isJSON() bool { return f.Node.Type == "array" || f.Node.Type == "object" }

// Sample is a value of the field as one types it in a shell: '["a","b"]'.
func (f *Field) sample() string { return term.Quote(Sample(f.Node, "a")) }

// Sample is a value of that shape; text is its texts.
func Sample(n *schema.Node, text string) string {
	switch {
	case n.Enum != nil:
		return string(quoted(n.Enum[0]))
	case n.Format == "date-time":
		return `"2026-01-31T12:00:00Z"`
	case n.Type == "string":
		return string(quoted(text))
	case n.Type == "boolean":
		return "true"
	case n.Type == "integer" || n.Type == "number":
		return "1"
	case n.Type == "array":
		if n.MaxItems != nil && *n.MaxItems < 2 {
			return "[" + Sample(n.Items, "a") + "]"
		}
		return "[" + Sample(n.Items, "a") + "," + Sample(n.Items, "b") + "]"
	case n.Values != nil:
		return `{"name":` + Sample(n.Values, "a") + "}"
	}
	var all []string
	for _, f := range n.Fields {
		if f.Required {
			all = append(all, string(quoted(f.Name))+":"+Sample(f.Node, "a"))
		}
	}
	return "{" + strings.Join(all, ",") + "}"
}

package cli

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/pawlrun/pawl/cli/internal/term"
)

// printJSON writes one indented document to stdout.
func (a *app) printJSON(v any) error { return writeJSON(a.out, v, "  ") }

// printJSONLine writes an object in a line of its own to stdout.
func (a *app) printJSONLine(v any) error { return writeJSON(a.out, v, "") }

// writeJSON writes a document and a line break, in one go. Characters that a person
// would not see, or that steer a terminal, are escaped: the values are the same.
func writeJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, term.EscapeJSON(b.String()))
	return err
}

package paper

import (
	"bytes"
	_ "embed"
	"html/template"
)

//go:embed page.html
var text string

var pageTemplate = template.Must(template.New("page").Parse(text))

// HTML returns the document as a page of its own.
func (p Paper) HTML() ([]byte, error) {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, p)
	return []byte(harmless(b.String())), err
}

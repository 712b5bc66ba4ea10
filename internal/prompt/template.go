package prompt

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"text/template"

	"github.com/pawlrun/pawl/internal/late"
)

// parseTemplate parses a prompt's user part, which begins at a line of its
// file, and checks it against its data: every field that it names exists, what it
// prints has a form as text, and every field of the data is used. A field that is itself a struct is used as a
// whole, or else all its fields must be, but for those whose paths are in unused. Elements of lists and maps may be
// shown in part.
func parseTemplate(text string, line int, data reflect.Type, unused []string) (*template.Template, error) {
	t, err := template.New("user").Option("missingkey=error").Funcs(templateFuncs()).Parse(text)
	if err != nil {
		return nil, templateError(err, line)
	}
	c := templateCheck{all: t, line: line, seen: map[visit]bool{}}
	root := &use{t: data}
	c.list(t.Root, known{data, root}, vars{"$": {data, root}})
	if c.err != nil {
		return nil, c.err
	}
	for _, path := range unused {
		if err := root.excuse(path); err != nil {
			return nil, fmt.Errorf("unused: %w", err)
		}
	}
	if path := root.unused(); path != "" {
		hint := ""
		if path != "." {
			hint = "; if it should not, the header says unused: " + path[1:]
		}
		return nil, fmt.Errorf("the user part never uses {{%s}} of its data (%v)%s", path, data, hint)
	}
	guard(t)
	return t, nil
}

func templateFuncs() template.FuncMap {
	return template.FuncMap{
		"add":  func(a, b int) int { return a + b },
		"join": strings.Join,
		"json": asJSON,
	}
}

// place is how text/template says where an error is.
var place = late.Regexp(`^template: [^:]*:(\d+)(?::\d+)?: (?:executing "[^"]*" at )?`)

// templateError says where in the file an error of text/template is, for a
// template that begins at a line of it.
func templateError(err error, line int) error {
	message := err.Error()
	m := place().FindStringSubmatch(message)
	if m == nil {
		return errors.New(strings.TrimPrefix(message, "template: "))
	}
	n, _ := strconv.Atoi(m[1])
	message = message[len(m[0]):]
	var noText *textError
	if errors.As(err, &noText) {
		message = noText.message
	}
	return fmt.Errorf("line %d: %s", line+n-1, message)
}

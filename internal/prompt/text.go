package prompt

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// printing are the functions of text/template that make text of whatever they get.
var printing = map[string]bool{"print": true, "printf": true, "println": true, "html": true, "js": true, "urlquery": true}

// speaks reports whether a type has a text of its own.
func speaks(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[fmt.Stringer]()) || t.Implements(reflect.TypeFor[error]()) || t.Implements(reflect.TypeFor[fmt.Formatter]())
}

// isPlain reports whether values of a type are texts, numbers or truth values.
func isPlain(t reflect.Type) bool {
	return reflect.Bool <= t.Kind() && t.Kind() <= reflect.Complex128 || t.Kind() == reflect.String
}

// hasText reports whether a value of a type has a form as text that is meant to be
// read, as far as the type tells. Of any other Go prints its own syntax, with
// addresses in it.
func hasText(t reflect.Type) bool {
	t = deref(t)
	return t.Kind() == reflect.Interface || isPlain(t) || speaks(t) || speaks(reflect.PointerTo(t))
}

// noText says what is wrong with a value that has no form as text, and what to write
// instead of expr, which stands for it.
func noText(t reflect.Type, expr string) string {
	what := fmt.Sprintf("%v has no form as text", t)
	arg := expr
	if strings.Contains(expr, " ") {
		arg = "(" + expr + ")"
	}
	switch {
	case schema.Encodable(t) != nil:
		return what
	case t == reflect.TypeFor[[]string]():
		return fmt.Sprintf(`%s; use {{json %s}} or {{join %s ", "}}`, what, arg, arg)
	}
	return fmt.Sprintf("%s; use {{json %s}}", what, arg)
}

// textError is what is wrong with a value that a template was to show.
type textError struct{ message string }

func (e *textError) Error() string { return e.message }

// asText returns what is printed of a value that expr stands for. See guard.
func asText(expr string, v reflect.Value) (any, error) {
	given := v
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch {
	case !v.IsValid() || v.Kind() == reflect.Pointer:
		return nil, &textError{fmt.Sprintf("{{%s}}: it is nil; ask with {{if}} first", expr)}
	case speaks(v.Type()):
	case v.CanAddr() && speaks(v.Addr().Type()):
		v = v.Addr()
	case !isPlain(v.Type()):
		return nil, &textError{fmt.Sprintf("{{%s}}: %s", expr, noText(given.Type(), expr))}
	}
	return v.Interface(), nil
}

// asJSON is the template function json: a value on one line, its fields in the order
// of their type, numbers exact and nothing escaped for HTML.
func asJSON(v any) (string, error) {
	if v != nil {
		if err := schema.Encodable(reflect.TypeOf(v)); err != nil {
			return "", err
		}
	}
	raw, err := schema.Marshal(v)
	return string(raw), err
}

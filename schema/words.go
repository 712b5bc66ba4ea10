package schema

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxShown is how many bytes of a foreign value a message repeats.
	maxShown = 60
	// maxListed is how many accepted values or names a message lists.
	maxListed = 20
)

// wants says in words what a node accepts, as in "wants an integer".
func (n *Node) wants() string {
	switch {
	case n.Enum != nil:
		return "one of " + list(n.Enum)
	case n.Format == dateTime:
		return "a date and time such as 2026-01-02T15:04:05Z"
	}
	return aKind(n.Type)
}

// aKind names a JSON Schema type with its article.
func aKind(typ string) string {
	switch typ {
	case "object", "array", "integer":
		return "an " + typ
	case "boolean":
		return "true or false"
	}
	return "a " + typ
}

// describe says what is there, as in "is null". Scalars are shown, unless they
// are secret.
func (v *value) describe(secret bool) string {
	switch v.kind {
	case kindArray:
		return "an array"
	case kindObject:
		return "an object"
	case kindNull:
		return "null"
	}
	switch {
	case secret:
		return Hidden
	case v.kind == kindString:
		return quote(v.text)
	case v.kind == kindNumber:
		return cut(v.text)
	}
	return strconv.FormatBool(v.truth)
}

// name says what sort of value is there, with its article.
func (v *value) name() string {
	switch v.kind {
	case kindArray:
		return "an array"
	case kindObject:
		return "an object"
	case kindString:
		return "a string"
	case kindNumber:
		return "a number"
	case kindBool:
		return strconv.FormatBool(v.truth)
	}
	return "null"
}

// between says a range in words: "3 to 5", "at least 3", "at most 5", "exactly 3".
// At least one end is given.
func between(low, high string) string {
	switch {
	case low == "":
		return "at most " + high
	case high == "":
		return "at least " + low
	case low == high:
		return "exactly " + low
	}
	return low + " to " + high
}

func betweenInts(low, high *int) string {
	text := func(i *int) string {
		if i == nil {
			return ""
		}
		return strconv.Itoa(*i)
	}
	return between(text(low), text(high))
}

// count says how many there are: "1 item", "2 items".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// quote quotes s and cuts it when it is long.
func quote(s string) string { return strconv.Quote(cut(s)) }

// cut shortens s to maxShown bytes at a rune's end.
func cut(s string) string {
	if len(s) <= maxShown {
		return s
	}
	end := maxShown
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// list joins names and stops after maxListed.
func list(names []string) string {
	if more := len(names) - maxListed; more > 0 {
		return strings.Join(names[:maxListed], ", ") + " and " + strconv.Itoa(more) + " more"
	}
	return strings.Join(names, ", ")
}

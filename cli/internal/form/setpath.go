package form

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schema"
)

// setPath returns a value with one part changed, as "sections[2].words=120" says.
// n is the value's shape; nil: not known. What is absent on the way is made.
func setPath(n *schema.Node, value json.RawMessage, set string) (json.RawMessage, error) {
	path, text, ok := strings.Cut(set, "=")
	if !ok || path == "" {
		return nil, refuse("--set %q: wants PATH=VALUE, as in title=Tides or sections[2].words=120", set)
	}
	parts, err := pathParts(path)
	if err != nil {
		return nil, refuse("--set %q: %v", set, err)
	}
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber() // integers stay exact
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, refuse("--set %s: what is to be changed is not JSON: %v", path, err)
	}
	if v, err = setPart(n, v, parts, "", text); err != nil {
		return nil, refuse("--set %s: %v", path, err)
	}
	return schema.Marshal(v)
}

// part is a step on a path: into a member, or if the name is empty an element.
type part struct {
	name  string
	index int
}

func pathParts(path string) ([]part, error) {
	var parts []part
	for rest := path; rest != ""; {
		if after, found := strings.CutPrefix(rest, "["); found {
			number, behind, closed := strings.Cut(after, "]")
			i, err := strconv.Atoi(number)
			if !closed || err != nil || i < 0 {
				return nil, fmt.Errorf("wants the number of an element in brackets, as in sections[0]")
			}
			parts, rest = append(parts, part{index: i}), strings.TrimPrefix(behind, ".")
			continue
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return nil, fmt.Errorf("has a dot without a name before it")
		}
		parts = append(parts, part{name: rest[:end]})
		rest = strings.TrimPrefix(rest[end:], ".")
	}
	return parts, nil
}

// setPart changes v, which stands at a place, on the path that is left.
func setPart(n *schema.Node, v any, parts []part, at, text string) (any, error) {
	if len(parts) == 0 {
		return fitting(n, text), nil
	}
	p := parts[0]
	if p.name == "" {
		return setElement(n, v, parts, at, text)
	}
	members, isObject := v.(map[string]any)
	switch {
	case v == nil && (n == nil || n.Type == "object"):
		members = map[string]any{}
	case !isObject:
		return nil, fmt.Errorf("%s is %s and has no field %q", place(at), sortOf(v), p.name)
	}
	child, err := fieldShape(n, members, p.name, at)
	if err != nil {
		return nil, err
	}
	inner, err := setPart(child, members[p.name], parts[1:], strings.TrimPrefix(at+"."+p.name, "."), text)
	if err != nil {
		return nil, err
	}
	members[p.name] = inner
	return members, nil
}

// fieldShape is the shape of a member, which must be one that there can be.
func fieldShape(n *schema.Node, members map[string]any, name, at string) (*schema.Node, error) {
	if n == nil {
		return nil, nil
	}
	if n.Values != nil {
		return n.Values, nil
	}
	var names []string
	for _, f := range n.Fields {
		if f.Name == name {
			return f.Node, nil
		}
		names = append(names, f.Name)
	}
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(members))
	}
	return nil, unknownField(name, names, at)
}

func unknownField(name string, names []string, at string) error {
	meant := ""
	if near := schema.Nearest(name, names); near != "" {
		meant = fmt.Sprintf("did you mean %q? ", strings.TrimPrefix(at+"."+near, "."))
	}
	return fmt.Errorf("%s has no field %q; %sfields are %s", place(at), name, meant, strings.Join(names, ", "))
}

func setElement(n *schema.Node, v any, parts []part, at, text string) (any, error) {
	i := parts[0].index
	items, isArray := v.([]any)
	switch {
	case !isArray && v != nil, n != nil && n.Type != "array":
		return nil, fmt.Errorf("%s is %s and has no elements", place(at), sortOf(v))
	case i > len(items):
		return nil, fmt.Errorf("%s has %s; [%d] adds one", place(at), term.Count(int64(len(items)), "element"), len(items))
	case i == len(items):
		items = append(items, nil)
	}
	var child *schema.Node
	if n != nil {
		child = n.Items
	}
	inner, err := setPart(child, items[i], parts[1:], fmt.Sprintf("%s[%d]", at, i), text)
	if err != nil {
		return nil, err
	}
	items[i] = inner
	return items, nil
}

// fitting is the text as JSON if it is JSON that fits, and otherwise as a text.
func fitting(n *schema.Node, text string) any {
	if raw := bytes.TrimSpace([]byte(text)); json.Valid(raw) && accepts(n, raw) {
		return json.RawMessage(raw)
	}
	return text
}

func place(at string) string {
	if at == "" {
		return "the value"
	}
	return at
}

// sortOf is what kind of JSON a value is.
func sortOf(v any) string {
	switch v.(type) {
	case string:
		return "a text"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case nil:
		return "null"
	}
	return "a number"
}

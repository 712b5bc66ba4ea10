package mask

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// Blank refuses a value that was made from a masked one and still says "***" where the
// original has what is hidden: somebody edited what they were shown, and would put
// asterisks in the place of a secret. Elsewhere "***" is a text like any other. Items of a
// list may have changed their places: they count as one, as do, for a member of an object that
// was not shown, all that were. The error is a [schema.CheckError].
func Blank(original, shown, given json.RawMessage) error {
	if !bytes.Contains(shown, []byte(Hidden)) {
		return nil
	}
	var was, is, v any
	if json.Unmarshal(original, &was) != nil || json.Unmarshal(shown, &is) != nil || json.Unmarshal(given, &v) != nil {
		return nil // whoever takes it says so
	}
	hides := &hiding{}
	hides.note(was, is)
	bad := &schema.CheckError{}
	hides.find(was, v, "", bad)
	if len(bad.Problems) == 0 {
		return nil
	}
	return bad
}

// hiding is where a shown value hides what the original has.
type hiding struct {
	some    bool               // here, or further in
	members map[string]*hiding // of objects: all that were shown
	items   *hiding            // of lists: of all items; nil: none was shown
}

// anywhere is where every place may hide something.
var anywhere = &hiding{some: true}

// note adds what is hidden of a value, and reports whether anything is.
func (h *hiding) note(original, shown any) bool {
	some := false
	switch shown := shown.(type) {
	case string:
		some = strings.Contains(shown, Hidden) && original != any(shown)
	case []any:
		was, _ := original.([]any)
		for i, item := range shown {
			if h.items == nil {
				h.items = &hiding{}
			}
			some = h.items.note(at(was, i), item) || some
		}
	case map[string]any:
		was, _ := original.(map[string]any)
		for name, value := range shown {
			if h.members == nil {
				h.members = map[string]*hiding{}
			}
			if h.members[name] == nil {
				h.members[name] = &hiding{}
			}
			some = h.members[name].note(was[name], value) || some
		}
	}
	h.some = h.some || some
	return some
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// find finds the texts of a value that stand where something is hidden, but those that the
// original has there.
func (h *hiding) find(original, v any, path string, bad *schema.CheckError) {
	if !h.some {
		return
	}
	switch v := v.(type) {
	case string:
		if strings.Contains(v, Hidden) && original != any(v) {
			bad.Problems = append(bad.Problems, schema.Problem{Path: path, Message: Hidden + " stands for a value that is not shown: give the value itself"})
		}
	case []any:
		items := h.items
		if items == nil {
			items = anywhere
		}
		was, _ := original.([]any)
		for i, item := range v {
			items.find(at(was, i), item, fmt.Sprintf("%s[%d]", path, i), bad)
		}
	case map[string]any:
		was, _ := original.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			member := h.members[name]
			if member == nil {
				member = anywhere
			}
			member.find(was[name], v[name], strings.TrimPrefix(path+"."+name, "."), bad)
		}
	}
}

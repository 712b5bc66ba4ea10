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
// asterisks in the place of a secret. Where nothing of the original was hidden, "***" is a
// text like any other. The error is a [schema.CheckError].
func Blank(original, shown, given json.RawMessage) error {
	hidden := []byte(Hidden)
	if !bytes.Contains(given, hidden) || bytes.Count(shown, hidden) <= bytes.Count(original, hidden) {
		return nil
	}
	var v any
	if err := json.Unmarshal(given, &v); err != nil {
		return nil // whoever takes it says so
	}
	bad := &schema.CheckError{}
	blanks(v, "", bad)
	if len(bad.Problems) == 0 {
		return nil
	}
	return bad
}

func blanks(v any, path string, bad *schema.CheckError) {
	switch v := v.(type) {
	case string:
		if strings.Contains(v, Hidden) {
			bad.Problems = append(bad.Problems, schema.Problem{Path: path, Message: Hidden + " stands for a value that is not shown: give the value itself"})
		}
	case []any:
		for i, item := range v {
			blanks(item, fmt.Sprintf("%s[%d]", path, i), bad)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			blanks(v[name], strings.TrimPrefix(path+"."+name, "."), bad)
		}
	}
}

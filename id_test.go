package pawl_test

import (
	"testing"

	"github.com/pawlrun/pawl"
)

// Ids of parts are kept outside, so they must not change.
func TestRunIDOf(t *testing.T) {
	ids := map[pawl.RunID]bool{}
	for _, parts := range [][]string{nil, {""}, {"a"}, {"a", ""}, {"ab"}, {"a", "b"}, {"b", "a"}, {"1 a"}} {
		id := pawl.RunIDOf(parts...)
		if !id.Valid() || ids[id] {
			t.Errorf("%q: id %q is not valid, or another's", parts, id)
		}
		ids[id] = true
	}
	if got, want := pawl.RunIDOf("batch", "1"), pawl.RunID("e91lgd84lq25"); got != want {
		t.Errorf("id is %s, want %s", got, want)
	}
	for _, bad := range []pawl.RunID{"", "abc", "abcdefghijklm", "ABCDEFGHIJKL", "abcdefghijkz", "abcdefghijk "} {
		if bad.Valid() {
			t.Errorf("%q is valid", bad)
		}
	}
}

package schema

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMembers(t *testing.T) {
	got, err := Members([]byte(" { \"b\" : 1.50 ,\n\"a\\u0062\":{\"x\": [1, {}] }, \"b\":null,\"\":\"a \\\" }\"\t} "))
	want := []Member{
		{"b", json.RawMessage(`1.50`)},
		{"ab", json.RawMessage(`{"x": [1, {}] }`)},
		{"b", json.RawMessage(`null`)},
		{"", json.RawMessage(`"a \" }"`)},
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(err, d)
	}
	if got, err := Members([]byte(`{}`)); len(got) != 0 || err != nil {
		t.Error(got, err)
	}
	for _, c := range []struct{ in, want string }{
		{`[]`, "wants a JSON object"},
		{`null`, "wants a JSON object"},
		{" \n", "is not JSON: nothing there"},
		{"{\n \"a\": 1,}", "is not JSON: line 2, column 9: invalid character '}' looking for beginning of object key string"},
		{`{"a":`, "is not JSON: line 1, column 5: unexpected end of JSON input"},
		{"{}\n{}", "is not JSON: line 2, column 1: invalid character '{' after top-level value"},
		{"{\"a\":\n\"\xff\"}", "is not JSON: line 2, column 2: invalid UTF-8"},
		{`{"a":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`, "is not JSON: line 1, column 1005: nested deeper than 1000 levels"},
	} {
		_, err := Members([]byte(c.in))
		if err == nil || err.Error() != c.want || errors.Is(err, ErrNotObject) != (c.want == ErrNotObject.Error()) {
			t.Errorf("%.20q: got %v, want %s", c.in, err, c.want)
		}
	}
}

// Whatever a text holds, its members are what encoding/json finds in it.
func FuzzMembers(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := Members(raw)
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		got := map[string]json.RawMessage{} // the last of a name, as encoding/json has it
		for _, m := range all {
			got[m.Name] = m.Value
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

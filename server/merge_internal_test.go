package server

import (
	"encoding/json"
	"strings"
	"testing"
)

// A patch is read once, not once for each level: in quadratic time this one takes minutes.
func TestMergePatchDeep(t *testing.T) {
	patch := strings.Repeat(`{"a":`, 900) + `"` + strings.Repeat("x", 8<<20) + `"` + strings.Repeat("}", 900)
	got, err := mergePatch(json.RawMessage(`{}`), json.RawMessage(patch))
	if err != nil || string(got) != patch {
		t.Errorf("%d bytes of %d; %v", len(got), len(patch), err)
	}
}

// The examples of RFC 7396, appendix A, and what must stay as it is written.
func TestMergePatch(t *testing.T) {
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{"n":9007199254740993,"f":1.50}`, `{"m":1e400}`, `{"f":1.50,"m":1e400,"n":9007199254740993}`},
	} {
		got, err := mergePatch(json.RawMessage(c[0]), json.RawMessage(c[1]))
		if err != nil || string(got) != c[2] {
			t.Errorf("%s with %s is %s, want %s; %v", c[0], c[1], got, c[2], err)
		}
	}
}

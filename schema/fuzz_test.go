package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

var fuzzSeeds = []string{
	`{"title":"a","sections":[{"name":"x"}]}`,
	`{"title":"a","sections":[{"name":"x","target_length":1.0,"keys":null}],"tone":null,"score":1e-400,"count":18446744073709551616,"names":{"a":1e2}}`,
	`{"title":"\ud800","sections":[{"name":"\u0000"}],"score":-0.0,"count":-0}`,
	`{"count":1e999999999999999999999,"score":NaN}`,
	`[[[[[[{"a":{"a":{"a":null}}}]]]]]]`,
	`{"a":1,"a":2}`, "\"\xff\"", `1 2`, ``, `-0`, `1E+2`, `0.0000001`, `123456789012345678901234567890e-5`,
}

func FuzzCheck(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	s, err := For[checked]()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(s.Mask(raw)) {
			t.Fatalf("masked: %s", s.Mask(raw))
		}
		once, err := s.Check(raw)
		if before, beforeErr := s.Precheck(raw); (beforeErr == nil) != (err == nil) || !bytes.Equal(before, once) {
			t.Fatalf("%s\nis %s, %v before the library has seen it, and then %s, %v", raw, before, beforeErr, once, err)
		}
		if err != nil {
			var problems *CheckError
			if !errors.As(err, &problems) || len(problems.Problems) == 0 || len(problems.Problems) > maxProblems+1 {
				t.Fatalf("error is %v", err)
			}
			return
		}
		twice, err := s.Check(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s\nbecame %s, %v", once, twice, err)
		}
		var v checked
		if err := Unmarshal(once, &v); err == nil {
			if _, err := Marshal(v); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		once, err := Canonical(raw)
		if err != nil {
			return
		}
		twice, err := Canonical(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s\nbecame %s, %v", once, twice, err)
		}
		var before, after any
		errBefore, errAfter := json.Unmarshal(raw, &before), json.Unmarshal(once, &after)
		if errBefore == nil && errAfter != nil {
			t.Fatalf("%s no longer decodes: %v", once, errAfter)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"type":"object","properties":{"a":{"$ref":"#/$defs/b"}},"$defs":{"b":{"type":["string","null"],"enum":["x"]}}}`,
		`{"type":"array","items":{"anyOf":[{"type":"null"},{"type":"integer","minimum":1,"default":2}]},"maxItems":3}`,
		`{"type":"object","additionalProperties":{"type":"string","format":"date-time","writeOnly":true}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		s, err := Parse(doc)
		if err != nil {
			return
		}
		again, err := Parse(s.JSON())
		if err != nil || !bytes.Equal(again.JSON(), s.JSON()) {
			t.Fatalf("%s\nread back: %v", s.JSON(), err)
		}
	})
}

// FuzzString: strings are read and written as encoding/json does.
func FuzzString(f *testing.F) {
	for _, seed := range []string{``, `plain <&>`, `a\n\t\r\"\\\/b`, `\u00e9\ud83d\ude00\ud800`, `\b\f`, `é 😀`, "\u2028\x7f"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want string
		literal := []byte(`"` + text + `"`)
		if v, _, err := readValue(literal); err == nil {
			if err := json.Unmarshal(literal, &want); err != nil || v.text != want {
				t.Fatalf("%s is read as %q, wants %q, %v", literal, v.text, want, err)
			}
		}
		var written bytes.Buffer
		enc := json.NewEncoder(&written)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(text); err != nil {
			t.Fatal(err)
		}
		if got := (&value{kind: kindString, text: text}).compact(); string(got)+"\n" != written.String() {
			t.Fatalf("%q is written as %s, wants %s", text, got, written.String())
		}
	})
}

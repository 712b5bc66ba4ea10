package schema

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
)

type checked struct {
	Title    string         `json:"title" pawl:"len=1..5"`
	Sections []checkedPart  `json:"sections" pawl:"items=1..2"`
	Tone     string         `json:"tone,omitempty" pawl:"enum=happy|glum"`
	Score    float64        `json:"score" pawl:"max=1,default=0.5"`
	Count    uint64         `json:"count,omitempty"`
	Note     *string        `json:"note,omitempty"`
	Names    map[string]int `json:"names,omitempty"`
	Code     string         `json:"code,omitempty" pawl:"sensitive,enum=s3cret"`
	Yes      bool           `json:"yes,omitempty"`
}

type checkedPart struct {
	Name   string   `json:"name"`
	Length int      `json:"target_length" pawl:"min=1,max=10,default=3"`
	Keys   []string `json:"keys,omitempty"`
}

func TestCheckFills(t *testing.T) {
	s := mustFor[checked](t)
	for _, test := range []struct{ in, want string }{
		{`{"title":"a","sections":[{"name":"x"}]}`,
			`{"title":"a","sections":[{"name":"x","target_length":3}],"score":0.5}`},
		{` { "score" : 0 , "sections":[{"target_length":2,"name":""}],"title":"<ü>" } `,
			`{"score":0,"sections":[{"target_length":2,"name":""}],"title":"<ü>"}`},
		{`{"title":"a","sections":[{"name":"x","target_length":null,"keys":null}],"tone":null,"score":null,"note":null}`,
			`{"title":"a","sections":[{"name":"x","target_length":3}],"score":0.5,"note":null}`},
		{`{"title":"a","sections":[{"name":"x","target_length":2.0}],"score":1.0,"count":12345678901234567890}`,
			`{"title":"a","sections":[{"name":"x","target_length":2}],"score":1.0,"count":12345678901234567890}`},
		{`{"title":"ééééé","sections":[{"name":"x","target_length":0.1e2}],"score":-1e300,"count":-0}`,
			`{"title":"ééééé","sections":[{"name":"x","target_length":10}],"score":-1e300,"count":0}`},
	} {
		got, err := s.Check([]byte(test.in))
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if string(got) != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.in, got, test.want)
		}
		if again, err := s.Check(got); err != nil || string(again) != string(got) {
			t.Errorf("checked again: %s, %v", again, err)
		}
	}
}

func TestCheckProblems(t *testing.T) {
	s := mustFor[checked](t)
	// with puts members beside what is required.
	with := func(more string) string {
		return `{"title":"a","sections":[{"name":"x"}],` + more + `}`
	}
	for _, test := range []struct{ in, want string }{
		{`{}`, `title: is missing; sections: is missing`},
		{`{"title":"","sections":[]}`, `title: has 0 characters, wants 1 to 5; sections: has 0 items, wants 1 to 2`},
		{`{"title":"éééééé","sections":[{"name":1,"target_length":7.5},{"target_length":11}]}`,
			`title: has 6 characters, wants 1 to 5; sections[0].name: is 1, wants a string; sections[0].target_length: is 7.5, wants an integer; sections[1].target_length: is 11, wants 1 to 10; sections[1].name: is missing`},
		{`{"title":null,"sections":null}`, `title: is null, wants a string; sections: is null, wants an array`},
		{`{"titel":"a","sections":[{"name":"x"}]}`, `titel: is not known; did you mean "title"?; title: is missing`},
		{with(`"tone":"sad"`), `tone: is "sad", wants one of happy, glum`},
		{with(`"Tone":"glum"`), `Tone: is not known; did you mean "tone"?`},
		{with(`"score":7.5`), `score: is 7.5, wants at most 1`},
		{with(`"score":1.0000000000000000000001`), `score: is 1.0000000000000000000001, wants at most 1`},
		{with(`"score":-1e999`), `score: is -1e999, wants a number that fits 64 bits`},
		{with(`"count":-1`), `count: is -1, wants at least 0`},
		{with(`"count":1e999999999999999999999`), `count: is 1e999999999999999999999, wants a number that fits 64 bits`},
		{with(`"count":1e-999999999999999999999`), `count: is 1e-999999999999999999999, wants an integer`},
		{with(`"count":"7"`), `count: is "7", wants an integer`},
		{with(`"note":{}`), `note: is an object, wants a string`},
		{with(`"names":{"a b":[]}`), `names["a b"]: is an array, wants an integer`},
		{with(`"names":[]`), `names: is an array, wants an object`},
		{with(`"yes":"true"`), `yes: is "true", wants true or false`},
		{with(`"code":"hunter2"`), `code: is ***, wants one of s3cret`},
		{with(`"zzz":1`), `zzz: is not known; known are title, sections, tone, score, count, note, names, code, yes`},
		{with(`"title":"b"`), `title: is given twice`},
		{with(`"names":{"x":1,"x":2}`), `names.x: is given twice`},
		{`[]`, `is an array, wants an object`},
		{``, `is not JSON: nothing there`},
		{` `, `is not JSON: nothing there`},
		{`{"title":"a", "b"}`, `is not JSON: invalid character '}' after object key at byte 18`},
		{`{"title":NaN}`, `is not JSON: invalid character 'N' looking for beginning of value at byte 10`},
		{`{} {}`, `is not JSON: invalid character '{' after top-level value at byte 4`},
		{`{"title":"a`, `is not JSON: unexpected end of JSON input at byte 11`},
		{"{\"title\":\"a\xff\"}", `is not JSON: invalid UTF-8 at byte 12`},
		{strings.Repeat("[", 2000) + strings.Repeat("]", 2000), `is not JSON: nested deeper than 1000 levels at byte 1001`},
		{strings.Repeat("[", 200000), `is not JSON: invalid character '[' exceeded max depth at byte 10001`},
		{with(`"` + strings.Repeat("x", 100) + `":1`), `["` + strings.Repeat("x", 60) + `…"]: is not known; known are title, sections, tone, score, count, note, names, code, yes`},
		{with(`"tone":"` + strings.Repeat("é", 100) + `"`), `tone: is "` + strings.Repeat("é", 30) + `…", wants one of happy, glum`},
	} {
		_, err := s.Check([]byte(test.in))
		var problems *CheckError
		if !errors.As(err, &problems) {
			t.Errorf("%.80s: error is %v, wants a *CheckError", test.in, err)
			continue
		}
		if err.Error() != test.want {
			t.Errorf("%.80s:\n got %s\nwant %s", test.in, err, test.want)
		}
	}
}

func TestCheckListsOnlySoMany(t *testing.T) {
	s := mustFor[[]int](t)
	_, err := s.Check([]byte("[" + strings.Repeat(`"x",`, 100_000) + `"x"]`))
	var problems *CheckError
	if !errors.As(err, &problems) || len(problems.Problems) != maxProblems+1 {
		t.Fatalf("got %v", err)
	}
	if last := problems.Problems[maxProblems].Message; !strings.Contains(last, "more problems") {
		t.Errorf("last problem: %s", last)
	}
}

func TestCheckRoots(t *testing.T) {
	for _, test := range []struct {
		s         *Schema
		good, bad string
	}{
		{mustFor[string](t), `"x"`, `1`},
		{mustFor[[]checkedPart](t), `[{"name":"x","target_length":1}]`, `{}`},
		{mustFor[*int](t), `null`, `true`},
		{mustFor[int](t), `-12345678901234567890`, `null`},
		{mustFor[struct{}](t), `{}`, `{"a":1}`},
		{mustFor[map[string][]bool](t), `{"a":[true]}`, `{"a":null}`},
	} {
		if got, err := test.s.Check([]byte(test.good)); err != nil || string(got) != test.good {
			t.Errorf("%s: %s, %v", test.good, got, err)
		}
		if _, err := test.s.Check([]byte(test.bad)); err == nil {
			t.Errorf("%s: no error", test.bad)
		}
	}
}

// An answer in the strict form, null for what may be left out, passes Check.
func TestStrictAnswersPass(t *testing.T) {
	type answer struct {
		A int     `json:"a" pawl:"default=3"`
		B string  `json:"b,omitempty"`
		C []int   `json:"c,omitempty"`
		D *string `json:"d"`
	}
	got, err := mustFor[answer](t).Check([]byte(`{"a":null,"b":null,"c":null,"d":null}`))
	if err != nil || string(got) != `{"a":3,"d":null}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestSchemaIsSafeForConcurrentUse(t *testing.T) {
	s := mustFor[checked](t)
	synctest.Test(t, func(t *testing.T) {
		for range 8 {
			go func() {
				for range 50 {
					if _, err := s.Check([]byte(`{"title":"a","sections":[{"name":"x"}]}`)); err != nil {
						t.Error(err)
					}
					s.Mask([]byte(`{"code":"x"}`))
				}
			}()
		}
	})
}

func TestMask(t *testing.T) {
	type login struct {
		User     string `json:"user"`
		Password string `json:"password" pawl:"sensitive"`
	}
	type all struct {
		Logins []login          `json:"logins"`
		Main   *login           `json:"main"`
		ByName map[string]login `json:"by_name"`
		Keys   []string         `json:"keys" pawl:"sensitive"`
		Size   uint64           `json:"size"`
	}
	s := mustFor[all](t)
	for _, test := range []struct{ in, want, secrets string }{
		{`{"logins":[{"user":"u","password":"p"},{"password":7}],"size":12345678901234567890}`,
			`{"logins":[{"user":"u","password":"***"},{"password":"***"}],"size":12345678901234567890}`, "p"},
		{`{"main":{"password":{"a":["1","2"]}},"by_name":{"x":{"password":null}},"keys":["k"]}`,
			`{"main":{"password":"***"},"by_name":{"x":{"password":"***"}},"keys":"***"}`, "1,2,k"},
		{`{"main":null,"logins":"p","by_name":["q"]}`, `{"main":null,"logins":"***","by_name":"***"}`, "p,q"},
		{`{"main":{"Password":"p","pasword":"q","user":"<u>"},"other":1}`, `{"main":{"Password":"***","pasword":"***","user":"<u>"},"other":1}`, "p,q"},
		{`{"keys":["k"]`, `"***"`, ""},
		{``, `"***"`, ""},
		{`"p"`, `"***"`, "p"},
	} {
		if got := s.Mask([]byte(test.in)); string(got) != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.in, got, test.want)
		}
		if got := strings.Join(s.Secrets([]byte(test.in)), ","); got != test.secrets {
			t.Errorf("%s: secrets are %q, want %q", test.in, got, test.secrets)
		}
	}
	if got := mustFor[string](t).Mask([]byte(` "a" `)); string(got) != `"a"` {
		t.Errorf("nothing sensitive: got %s", got)
	}
}

// What we accept a standard validator accepts, and the other way round apart
// from what we fill first.
func TestAgreesWithTheLibrary(t *testing.T) {
	s := mustFor[checkedPart](t)
	for _, raw := range []string{
		`{"name":"x","target_length":1}`, `{"name":"x","target_length":10.0}`, `{"name":"x"}`,
		`{"name":"x","target_length":0}`, `{"name":"x","target_length":11}`, `{"name":"x","target_length":1.5}`,
		`{"name":null}`, `{}`, `{"name":"x","keys":[]}`, `{"name":"x","keys":[1]}`, `{"name":"x","other":1}`, `[]`,
	} {
		_, ours := s.Precheck([]byte(raw))
		theirs := s.standard.validate([]byte(raw))
		if (ours == nil) != (theirs == nil) {
			t.Errorf("%s: we say %v, the library says %v", raw, ours, theirs)
		}
	}
}

func TestRootIsTheTree(t *testing.T) {
	root := mustFor[checked](t).Root()
	if root.Type != "object" || !reflect.DeepEqual(root.Fields[2].Node.Enum, []string{"happy", "glum"}) {
		t.Errorf("root: %+v", root)
	}
	if d := root.field("score").Node.Default; !json.Valid(d) || string(d) != "0.5" {
		t.Errorf("default of score: %s", d)
	}
}

// A standard validator of the published document has the last word in Check, which Precheck
// does without: a walk that knew less than the document is found out.
func TestLastWord(t *testing.T) {
	s := mustFor[checkedPart](t)
	s.JSON()
	s.root.Fields[0].Node.MaxLen, s.root.Fields[0].Node.Enum = nil, nil
	s.root.Fields[0].Node.Type = "integer"
	raw := []byte(`{"name":1,"target_length":1}`)
	if _, err := s.Precheck(raw); err != nil {
		t.Errorf("the walk: %v", err)
	}
	if _, err := s.Check(raw); err == nil || !strings.HasPrefix(err.Error(), "does not satisfy the JSON Schema: ") {
		t.Errorf("the validator: %v", err)
	}
}

package schema

import (
	"encoding/json"
	"math/big"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

type base struct {
	ID string `json:"id" pawl:"len=1.."`
}

type Extra struct {
	Note string `json:"note"`
}

type section struct {
	Title  string  `json:"title" jsonschema:"a short name"`
	Length int     `json:"target_length" pawl:"min=1,default=300"`
	Weight float64 `json:"weight,omitempty" pawl:"min=0,max=1"`
}

type plan struct {
	base
	*Extra
	Topic    string             `json:"topic" jsonschema:"what it is about" pawl:"len=1..200"`
	Tone     *string            `json:"tone" pawl:"enum=happy|glum"`
	Sections []section          `json:"sections" pawl:"items=1..3"`
	Tags     []string           `json:"tags,omitempty" pawl:"enum=a|b"`
	Parent   *section           `json:"parent"`
	Big      uint64             `json:"big,omitzero"`
	Corner   [2]int8            `json:"corner"`
	Due      time.Time          `json:"due"`
	Address  netip.Addr         `json:"address"`
	Scores   map[string]float64 `json:"scores"`
	Secret   string             `json:"secret" pawl:"default='a, b',sensitive"`
	Plain    bool
	hidden   int
	Skipped  func() `json:"-"`
}

func mustFor[T any](t *testing.T) *Schema {
	t.Helper()
	s, err := For[T]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The bytes of a schema are digested: a change here makes every recorded step of
// every user stale.
func TestGoldenDocuments(t *testing.T) {
	_ = plan{}.hidden
	type strict struct {
		base
		Topic    string    `json:"topic" jsonschema:"what it is about" pawl:"len=1..200"`
		Tone     *string   `json:"tone" pawl:"enum=happy|glum"`
		Mood     string    `json:"mood" pawl:"enum=<up>|down,default=down"`
		Sections []section `json:"sections" pawl:"items=1..3"`
		Secret   string    `json:"secret,omitempty" pawl:"sensitive"`
	}
	form, err := mustFor[strict](t).Strict()
	if err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string]json.RawMessage{
		"plan.json":   mustFor[plan](t).JSON(),
		"strict.json": form,
	} {
		want, err := os.ReadFile("testdata/golden/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(string(want)) != string(got) {
			t.Errorf("%s:\n got %s\nwant %s", file, got, want)
		}
	}
}

func TestFieldsInOrder(t *testing.T) {
	var got []string
	for _, f := range mustFor[plan](t).Fields() {
		name := f.Name
		if f.Required {
			name += "!"
		}
		got = append(got, name)
	}
	want := "id! note topic! tone! sections! tags parent! big corner! due! address! scores! secret Plain!"
	if strings.Join(got, " ") != want {
		t.Errorf("fields: got %s, want %s", strings.Join(got, " "), want)
	}
}

type tree struct{ Children []tree }

type viaEmbedded struct{ holder }
type holder struct{ Next []viaEmbedded }

type clashA struct{ Name string }
type clashB struct{ Name string }

type halfText struct{ v int }

func (h halfText) MarshalText() ([]byte, error) { _ = h.v; return nil, nil }

func TestRefusedTypes(t *testing.T) {
	for _, test := range []struct {
		typ  any
		want []string
	}{
		{struct{ A any }{}, []string{"field A", "interface {}", "concrete"}},
		{struct{ A json.RawMessage }{}, []string{"field A", "json.RawMessage"}},
		{struct{ A json.Number }{}, []string{"field A", "json.Number"}},
		{struct{ A []byte }{}, []string{"field A", "base64"}},
		{struct{ A func() }{}, []string{"field A", "func()"}},
		{struct{ A chan int }{}, []string{"field A", "chan int"}},
		{struct{ A complex128 }{}, []string{"field A", "complex128"}},
		{struct{ A big.Int }{}, []string{"field A", "big.Int"}},
		{struct{ A map[int]string }{}, []string{"field A", "map[int]string"}},
		{struct{ A []struct{ B any } }{}, []string{"field A[].B"}},
		{struct{ A map[string]struct{ B any } }{}, []string{"field A[].B"}},
		{struct {
			A int `json:",string"`
		}{}, []string{"field A", "string"}},
		{struct{ A halfText }{}, []string{"field A", "MarshalText"}},
		{tree{}, []string{"schema.tree", "field Children[]", "contains itself"}},
		{viaEmbedded{}, []string{"viaEmbedded", "contains itself"}},
		{struct {
			clashA
			clashB
		}{}, []string{`"Name"`, "two fields"}},
		{make(chan int), []string{"chan int"}},
	} {
		_, err := ForType(reflect.TypeOf(test.typ))
		if err == nil {
			t.Errorf("%T: no error", test.typ)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%T: error %q does not say %q", test.typ, err, want)
			}
		}
	}
	if _, err := ForType(nil); err == nil {
		t.Error("ForType(nil): no error")
	}
}

func TestRefusedTags(t *testing.T) {
	field := func(typ any, tag string) error {
		_, err := ForType(reflect.StructOf([]reflect.StructField{{
			Name: "Field", Type: reflect.TypeOf(typ), Tag: reflect.StructTag(tag),
		}}))
		return err
	}
	for _, test := range []struct {
		typ       any
		tag, want string
	}{
		{"", `pawl:"lenn=3"`, `unknown word "lenn"`},
		{"", `pawl:"min=3"`, "use len="},
		{[]int{}, `pawl:"min=3"`, "use items="},
		{1, `pawl:"len=3"`, "strings on int"},
		{1, `pawl:"items=3"`, "arrays on int"},
		{1, `pawl:"enum=1|2"`, "strings on int"},
		{true, `pawl:"max=1"`, "numbers on bool"},
		{time.Time{}, `pawl:"len=1.."`, "strings on time.Time"},
		{1, `pawl:"min=2,max=1"`, "min 2 is above max 1"},
		{1, `pawl:"min=x"`, "not a number"},
		{1, `pawl:"min=NaN"`, "not a number"},
		{1, `pawl:"max=Inf"`, "not a number"},
		{uint(1), `pawl:"min=-1"`, "below 0"},
		{uint(1), `pawl:"default=-1"`, "is -1, wants at least 0"},
		{uint(1), `pawl:"max=-1"`, "below 0"},
		{"", `pawl:"len=5..1"`, "above"},
		{"", `pawl:"len=.."`, "not a range"},
		{"", `pawl:"len=-1.."`, "not a range"},
		{"", `pawl:"len=a..b"`, "not a range"},
		{[2]int{}, `pawl:"items=2"`, "fixed length"},
		{1, `pawl:"min=1,min=1"`, "twice"},
		{1, `pawl:"min"`, "wants a value"},
		{"", `pawl:"sensitive=yes"`, "wants no value"},
		{"", `pawl:"enum=a|a"`, "twice"},
		{"", `pawl:"enum=a||b"`, "empty"},
		{"", `pawl:"enum=abc,len=..2"`, "outside len"},
		{"", `pawl:"default=a, b"`, "single quotes"},
		{"", `pawl:"default='a"`, "must close"},
		{"", `pawl:"default='a'b"`, "must close"},
		{"", `pawl:"default=x,enum=a|b"`, `is "x", wants one of a, b`},
		{1, `pawl:"default=x"`, "is not JSON"},
		{1, `pawl:"default=1.5"`, "is 1.5, wants an integer"},
		{1, `pawl:"default=7,max=5"`, "is 7, wants at most 5"},
		{true, `pawl:"default=1"`, "wants true or false"},
		{[]string{}, `pawl:"default='[1]'"`, "[0]: is 1, wants a string"},
		{"", `jsonschema:""`, "empty"},
		{"", `jsonschema:"required,description=x"`, "description alone"},
		{"", `jsonschema:"minimum=1"`, "description alone"},
	} {
		err := field(test.typ, test.tag)
		if err == nil {
			t.Errorf("%T %s: no error", test.typ, test.tag)
		} else if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "field Field") {
			t.Errorf("%T %s: error %q does not say %q", test.typ, test.tag, err, test.want)
		}
	}
}

// Fields are those that encoding/json writes, for every way of embedding.
func TestFieldsAgreeWithEncodingJSON(t *testing.T) {
	type inner struct {
		A string `json:"a"`
		B string `json:"b"`
	}
	type named string
	type Exported struct{ C, D string }
	for _, v := range []any{
		struct {
			inner
			A int `json:"a"`
		}{},
		struct {
			inner `json:"in"`
		}{},
		struct {
			Exported `json:"ex"`
			named
		}{},
		struct {
			Exported
			C int
			d int
		}{},
		struct {
			Exported
			*inner
		}{inner: &inner{}},
		struct {
			Z string `json:"with space"`
		}{},
		// Made at run time: linters rightly dislike these tags.
		reflect.New(reflect.StructOf([]reflect.StructField{
			{Name: "X", Type: reflect.TypeFor[string](), Tag: `json:"bad\"name"`},
			{Name: "Y", Type: reflect.TypeFor[string](), Tag: `json:"-,"`},
		})).Elem().Interface(),
	} {
		s, err := ForType(reflect.TypeOf(v))
		if err != nil {
			t.Errorf("%T: %v", v, err)
			continue
		}
		raw, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		tree, _, err := readValue(raw)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, m := range tree.members {
			want = append(want, m.name)
		}
		if got := s.root.names(); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%T: fields %q, encoding/json writes %q", v, got, want)
		}
		if _, err := s.Check(raw); err != nil {
			t.Errorf("%T: its own JSON %s: %v", v, raw, err)
		}
	}
}

type mood string

func (mood) Enum() []string { return []string{"calm", "angry"} }

type moodless string

func (*moodless) Enum() []string { return nil }

type twice string

func (twice) Enum() []string { return []string{"a", "a"} }

// A type says its closed set once: for its fields, elements and values, behind pointers,
// and a tag may narrow it.
func TestEnumMethod(t *testing.T) {
	type all struct {
		Mood  mood            `json:"mood"`
		Maybe *mood           `json:"maybe"`
		List  []mood          `json:"list"`
		Named map[string]mood `json:"named"`
		Calm  mood            `json:"calm" pawl:"enum=calm"`
		Usual mood            `json:"usual" pawl:"default=calm"`
	}
	s, err := For[all]()
	if err != nil {
		t.Fatal(err)
	}
	good := `{"mood":"calm","maybe":null,"list":["angry"],"named":{"x":"calm"},"calm":"calm","usual":"angry"}`
	if _, err := s.Check([]byte(good)); err != nil {
		t.Error(err)
	}
	_, err = s.Check([]byte(`{"mood":"sad","maybe":"Calm","list":[""],"named":{"x":"sad"},"calm":"angry","usual":"x"}`))
	for _, path := range []string{"mood", "maybe", "list[0]", "named.x", "calm", "usual"} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%v does not name %s", err, path)
		}
	}
	for want, infer := range map[string]func() error{
		"Enum is empty": func() error { _, err := For[struct{ M moodless }](); return err },
		`has "a" twice`: func() error { _, err := For[struct{ M twice }](); return err },
		`"sad" is not`: func() error {
			_, err := For[struct {
				M mood `pawl:"enum=calm|sad"`
			}]()
			return err
		},
		"sad": func() error {
			_, err := For[struct {
				M mood `pawl:"default=sad"`
			}]()
			return err
		},
	} {
		if err := infer(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, wants %q", err, want)
		}
	}
}

// A tag that was meant for another library is known by its beginning.
func TestIsForeign(t *testing.T) {
	is := regexp.MustCompile(`^[A-Za-z]+(=|,[a-z]+=)`)
	parts := []string{"", "a", "Z", "=", ",", " ", "description", "é", "1", "[", "`", "{"}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				for _, d := range parts {
					if text := a + b + c + d; isForeign(text) != is.MatchString(text) {
						t.Errorf("%q: %v", text, isForeign(text))
					}
				}
			}
		}
	}
}

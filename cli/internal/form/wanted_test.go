package form

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/schema"
	"github.com/spf13/pflag"
)

func TestWholeValue(t *testing.T) {
	text, err := schema.For[string]()
	if err != nil {
		t.Fatal(err)
	}
	object, err := schema.For[setPartOf]()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		n          *schema.Node
		text, want string
	}{
		{text.Root(), "plain", `"plain"`}, {text.Root(), `"quoted"`, `"quoted"`}, {text.Root(), "42", `"42"`},
		{text.Root(), "{", `"{"`}, {text.Root(), "", `""`}, {text.Root(), "null", `"null"`},
		{object.Root(), ` {"name":"a"} `, `{"name":"a"}`}, {object.Root(), "[1]", "[1]"},
		{nil, "plain", `"plain"`}, {nil, "42", "42"},
	} {
		if got, err := Value(tt.n, tt.text, "--value"); err != nil || string(got) != tt.want {
			t.Errorf("%q: %s, %v; wants %s", tt.text, got, err, tt.want)
		}
	}
	for _, broken := range []string{"{", "nonsense", ""} {
		if got, err := Value(object.Root(), broken, "--value"); err == nil || !strings.Contains(err.Error(), "--value: is not JSON") {
			t.Errorf("%q: %s, %v", broken, got, err)
		}
	}
	if _, err := Value(nil, "{broken", "--value"); err == nil {
		t.Error("broken JSON was taken for a text")
	}
}

// A change by parts begins with what is proposed, or else with the last answer, or else
// with nothing.
func TestWanted(t *testing.T) {
	object, err := schema.For[setPartOf]()
	if err != nil {
		t.Fatal(err)
	}
	text, err := schema.For[string]()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what  string
		w     Wanted
		start string // or the complaint
	}{
		{"a proposal", Wanted{Shape: object.Root(), Proposal: []byte(`{"name":"a"}`), Last: `{"name":"b"}`}, `{"name":"a"}`},
		{"a text", Wanted{Shape: text.Root(), Proposal: []byte(`"a\nb"`)}, `"a\nb"`},
		{"an answer that was turned down", Wanted{Shape: object.Root(), Proposal: []byte("null"), Last: ` {"name":"b"}`}, `{"name":"b"}`},
		{"an answer that is broken", Wanted{Shape: object.Root(), Last: `{"name"`}, "{}"},
		{"a text that was turned down", Wanted{Key: "say", Shape: text.Root(), Last: "too long"}, `--set: step "say" wants a string, which has no parts; give it with --value or --file`},
		{"nothing", Wanted{Shape: object.Root()}, "{}"},
		{"nothing, and no shape", Wanted{}, "{}"},
	} {
		start, err := tt.w.start()
		if got := string(start); err == nil && got != tt.start || err != nil && err.Error() != tt.start {
			t.Errorf("%s: a change begins with %s, %v; wants %s", tt.what, got, err, tt.start)
		}
	}
}

// The flags say one value, and each in its own way.
func TestValueFlags(t *testing.T) {
	object, err := schema.For[setPartOf]()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ args, want string }{
		{"", ""},
		{`--value {"name":"v"}`, `{"name":"v"}`},
		{"--value {", `!--value: is not JSON: line 1, column 1`},
		{"--value=", `!--value: is not JSON`},
		{"--file -", `{"name":"in"}`},
		{"--file /nowhere/at/all", `!--file: read "/nowhere/at/all": `},
		{"--set name=s --set words=2", `{"name":"s","words":2}`},
		{"--set name=s --set wrds=2", `!--set wrds: the value has no field "wrds"; did you mean "words"?`},
		{"--set name=s --edit", "!--value, --file, --edit and --set each say what the value is; give one of them"},
	} {
		var o ValueFlags
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		o.Add(flags, "give")
		if err := flags.Parse(strings.Fields(tt.args)); err != nil {
			t.Fatal(err)
		}
		err := o.Check()
		var got json.RawMessage
		if err == nil {
			got, err = o.Given(Wanted{Shape: object.Root(), Proposal: json.RawMessage(`{"name":"p","words":1}`)}, &Reader{Stdin: strings.NewReader("\ufeff{\"name\":\"in\"}\n")})
		}
		complaint, wrong := strings.CutPrefix(tt.want, "!")
		if wrong != (err != nil) || !wrong && string(got) != tt.want || wrong && !strings.HasPrefix(err.Error(), complaint) {
			t.Errorf("%s: %s, %v; wants %s", tt.args, got, err, tt.want)
		}
	}
}

package form

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/spf13/pflag"
)

func TestKebab(t *testing.T) {
	for name, want := range map[string]string{
		"topic": "topic", "target_length": "target-length", "maxRevisions": "max-revisions",
		"URL": "url", "top 3": "top-3", "_x_": "x", "größe": "größe",
	} {
		if got := FlagName(name); got != want {
			t.Errorf("kebab(%q) = %q, want %q", name, got, want)
		}
	}
}

type sorts struct {
	Model  string            `json:"model" jsonschema:"The car's model"`
	JSON   string            `json:"json" pawl:"default=none"`
	Size   string            `json:"size" pawl:"enum=small|large,default=small"`
	Words  []string          `json:"words" pawl:"items=1..2"`
	Prices map[string]int    `json:"prices"`
	Hidden *int              `json:"hidden,omitempty"`
	Deep   struct{ N int64 } `json:"deep"`
}

func sortsFlow() pawl.Flow {
	return pawl.New("wide", "Take all sorts.", func(_ *pawl.Run, in sorts) (sorts, error) { return in, nil })
}

// sortsSeeds are documents for sortsFlow, good ones and bad ones.
var sortsSeeds = []string{
	`{"model":"T","words":["a"],"prices":{"x":9007199254740993},"deep":{"N":1}}`,
	`{"model":"T","json":null,"size":"huge","words":[],"prices":{"x":"y"},"hidden":1.5,"deep":{"M":1}}`,
	"\ufeff{\"model\":\"a\",\"model\":\"b\",\"words\":[\"\\ud800\"]}",
	`{"model":"T","words":["a"],"prices":{},"deep":{"N":1e2}} x`, `[]`, `null`, `{`, ``, "\xff", `{"":{}}`, `{"prices":{"a.b[0]":"x","":1}}`,
}

// complains checks that a complaint is one that people can read.
func complains(t *testing.T, err error) {
	t.Helper()
	var e *pawl.Error
	if !errors.As(err, &e) || e.Kind != pawl.ErrInput || strings.TrimSpace(e.Message) == "" {
		t.Fatalf("refused with %#v, wants ErrInput and why", err)
	}
}

// Whatever --input and a flag say, there is an input that the flow takes as it
// is, or a complaint.
func FuzzInput(f *testing.F) {
	for i, seed := range sortsSeeds {
		f.Add(seed, sortsSeeds[(i+1)%len(sortsSeeds)], i%2 == 0)
	}
	flow := sortsFlow()
	f.Fuzz(func(t *testing.T, doc, value string, given bool) {
		in := &Input{Flow: flow, File: "-"}
		for _, fd := range flow.Describe().Input.Fields() {
			fd := &Field{Field: fd, Flag: FlagName(fd.Name)}
			if given && (fd.Name == "prices" || fd.Name == "model") {
				if err := fd.Set(value); err != nil {
					t.Fatal(err)
				}
			}
			in.Fields = append(in.Fields, fd)
		}
		raw, err := in.Assemble(&Reader{Stdin: strings.NewReader(doc)})
		if err != nil {
			complains(t, err)
			return
		}
		again, err := flow.CheckInput(raw)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%s\nbecame %s, %v", raw, again, err)
		}
	})
}

// All that is wrong is said at once, in the words of the command line.
func TestComplaints(t *testing.T) {
	for _, tt := range []struct{ args, stdin, want string }{
		{"--car T --json no --words [\"a\"] --prices {} --deep {\"N\":1}", "", ""},
		{"--size huge --words a --prices {\"x\":\"y\"} --deep {\"M\":1}", "", "--size is \"huge\", wants one of small, large\n" +
			"--words is \"a\", wants an array, such as '[\"a\",\"b\"]'\n--prices.x is \"y\", wants an integer\n--deep.M is not known; known are N\n--deep.N is missing\n" +
			"--car is missing; wants text (The car's model)"},
		{"--input -", `{"model":"T","prices":{},"deep":{"N":1}}`, "words is missing in standard input; give it there, or as --words JSON of type array such as '[\"a\",\"b\"]', 1 to 2 items"},
		{"--input -", `{`, "--input standard input: is not JSON: line 1, column 1: unexpected end of JSON input"},
		{"--input - --example", "", "--input and --example are two inputs; give one of them"},
		{"--example", "", "--example: flow \"wide\" has no example"},
		{"--input-model-file - --deep-file -", "T", "--deep-file: standard input was already read for --input-model-file\n" +
			"--words is missing; wants JSON of type array such as '[\"a\",\"b\"]', 1 to 2 items\n--prices is missing; wants JSON of type object such as '{\"name\":1}'"},
		{"--car T --input-model-file -", "T", "--input-model and --input-model-file both say what model is; give one of them\n" +
			"--words is missing; wants JSON of type array such as '[\"a\",\"b\"]', 1 to 2 items\n--prices is missing; wants JSON of type object such as '{\"name\":1}'\n--deep is missing; wants JSON of type object such as '{\"N\":1}'"},
		{"--words [] --words []", "", "--words is given more than once; give it once, with all of it: '[\"a\",\"b\"]'\n" +
			"--car is missing; wants text (The car's model)\n--prices is missing; wants JSON of type object such as '{\"name\":1}'\n--deep is missing; wants JSON of type object such as '{\"N\":1}'"},
	} {
		flow := sortsFlow()
		in := &Input{Flow: flow}
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		flags.StringVar(&in.File, "input", "", "")
		flags.BoolVar(&in.Example, "example", false, "")
		in.Fields = Flags(flags, flow.Describe().Input, func(name string) bool { return name == "model" })
		args := strings.Fields(strings.ReplaceAll(tt.args, "--car", "--input-model"))
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, err := in.Assemble(&Reader{Stdin: strings.NewReader(tt.stdin)}); err != nil {
			complains(t, err)
			got = err.Error()
		}
		if want := strings.ReplaceAll(tt.want, "--car", "--input-model"); got != want {
			t.Errorf("%s\n%s\nwant\n%s", tt.args, got, want)
		}
	}
}

func TestInputLine(t *testing.T) {
	for line, want := range map[string]string{
		`{"model":"T","words":["a"],"prices":{},"deep":{"N":1}}`: "",
		`{"model":"T"`: "is not JSON: column 12: unexpected end of JSON input",
		"\xff":         "it is not UTF-8 text",
		`[]`:           "wants a JSON object with the fields of the input",
		`{"model":"T","words":[],"prices":{},"deep":{}}`: "words: has 0 items, wants 1 to 2; deep.N: is missing",
	} {
		got := ""
		if _, err := Line(sortsFlow(), []byte(line)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, wants %q", line, got, want)
		}
	}
}

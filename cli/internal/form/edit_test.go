package form

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/schema"
)

type editLeaflet struct {
	Title    string        `json:"title" jsonschema:"of the leaflet" pawl:"len=1..20"`
	Tone     string        `json:"tone" pawl:"enum=dry|bright"`
	Text     string        `json:"text"`
	Note     *string       `json:"note"`
	Words    int           `json:"words" pawl:"min=1"`
	Tags     []string      `json:"tags"`
	Sections []editSection `json:"sections"`
	More     string        `json:"more,omitempty"`
}

type editSection struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

func shapeOf[T any](t *testing.T) *schema.Node {
	t.Helper()
	s, err := schema.For[T]()
	if err != nil {
		t.Fatal(err)
	}
	return s.Root()
}

const editProposal = `{"title":"Tides","tone":"dry","text":"# Tides\n\n==== title: a trap\nThey come.\n","note":null,"words":9007199254740993,` +
	`"tags":["a","b"],"sections":[{"name":"One","text":"1\n2"},{"name":"Two","text":"3"}]}`

func TestEditText(t *testing.T) {
	for _, tt := range []struct {
		what string
		w    Wanted
		want string
	}{
		{"a proposal", Wanted{Shape: shapeOf[editLeaflet](t), Proposal: []byte(editProposal)}, `For you.
Fields that may be added, each below such a line: more.

===== title: text, 1 to 20 characters (of the leaflet)
Tides

===== tone: one of dry, bright
dry

===== text: text
# Tides

==== title: a trap
They come.


===== note: text
null

===== words: integer, at least 1
9007199254740993

===== tags: JSON of type array such as '["a","b"]'
[
  "a",
  "b"
]

===== sections[0].name: text
One

===== sections[0].text: text
1
2

===== sections[1].name: text
Two

===== sections[1].text: text
3
`},
		{"a text", Wanted{Shape: shapeOf[string](t), Proposal: []byte(`"a\nb"`)}, "For you.\n\n==== below this line: text\na\nb\n"},
		{"a text that was turned down", Wanted{Shape: shapeOf[string](t), Last: "too long"}, "For you.\n\n==== below this line: text\ntoo long\n"},
		{"an answer that was turned down", Wanted{Shape: shapeOf[setPartOf](t), Last: `{"name":"b"}`}, "For you.\nFields that may be added, each below such a line: words.\n\n==== name: text\nb\n"},
		{"an answer that is broken", Wanted{Shape: shapeOf[setPartOf](t), Last: `{"name"`}, "For you.\n\n==== below this line: JSON of type object such as '{\"name\":\"a\",\"words\":1}'\n{\"name\"\n"},
		{"nothing", Wanted{Shape: shapeOf[setPartOf](t)}, "For you.\n\n==== name: text\na\n\n==== words: integer\n1\n"},
		{"nothing, and no shape", Wanted{}, "For you.\n\n==== below this line\n\n"},
	} {
		if got := tt.w.Edit("For you.").Text(); got != tt.want {
			t.Errorf("%s: an edit begins with\n%s\nwants\n%s", tt.what, got, tt.want)
		}
	}
}

// What was made of a file, or the complaint, which names the line.
func TestEditRead(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"", "", ""},
		{"\nTides\n", "\nMoon\n", `"title":"Moon"`},
		{"\nTides\n", "\nMoon\n\n\n", `"title":"Moon"`},
		{"\nTides\n", "\n5\n", `"title":"5"`},
		{"\nTides\n", "\n\n", `"title":""`},
		{"\nThey come.\n\n\n", "\nThey go.\n\n\n", `"text":"# Tides\n\n==== title: a trap\nThey go.\n"`},
		{"\nnull\n", "\nso\n", `"note":"so"`},
		{"\n9007199254740993\n", "\nmany\n", `"words":"many"`}, // the schema complains
		{`"b"`, `"c"`, `"c"`},
		{`"b"`, `"b`, "!--edit: tags is not JSON: line 26, column 5"},
		{"===== sections[0].name: text\nOne\n\n===== sections[0].text: text\n1\n2\n\n", "", `"sections":[{"name":"Two","text":"3"}]`},
		{"\n3\n", "\n3\n\n===== sections[2].text\nnew\n===== more: x\nM\n", `{"name":"Two","text":"3"},{"text":"new"}],"more":"M"`},
		{"\nOne\n", "\nOne\n\n===== tilte\nx\n", `!line 32: the value has no field "tilte"; did you mean "title"? fields are title, tone`},
		{"\nOne\n", "\nOne\n\n===== sections[0].nam\nx\n", `!line 32: sections[0] has no field "nam"; did you mean "sections[0].name"?`},
		{"\nOne\n", "\nOne\n\n===== ..\nx\n", `!line 32 begins as one does that names a field, with "===== "`},
		{"\nOne\n", "\nOne\n\n===== title\nx\n", `!line 32: title stands there twice; it has its value from line 4 on`},
		{"\nOne\n", "\nOne\n\n===== tags[0]\nx\n", `!line 32: tags[0] is part of what has its value from line 23 on`},
		{"=====", "----", `!no line begins with "===== " any more`},
		{"*", " \n", "!the file is empty; nothing was done"},
	} {
		e := Wanted{Shape: shapeOf[editLeaflet](t), Proposal: []byte(editProposal)}.Edit("For you.")
		text := strings.ReplaceAll(e.Text(), tt.old, tt.new)
		if tt.old == "" {
			text = e.Text()
		} else if tt.old == "*" {
			text = tt.new
		}
		ed, err := e.Read(text)
		complaint, wrong := strings.CutPrefix(tt.want, "!")
		switch {
		case wrong && (err == nil || !strings.Contains(err.Error(), complaint)):
			t.Errorf("%q for %q: %v, wants %q", tt.new, tt.old, err, complaint)
		case wrong:
		case err != nil:
			t.Errorf("%q for %q: %v", tt.new, tt.old, err)
		case tt.want == "" && ed.Value != nil, !strings.Contains(string(ed.Value), tt.want), tt.want != "" && !json.Valid(ed.Value):
			t.Errorf("%q for %q: %s, wants %s", tt.new, tt.old, ed.Value, tt.want)
		}
	}
}

func TestEditedLine(t *testing.T) {
	e := Wanted{Shape: shapeOf[editLeaflet](t), Proposal: []byte(editProposal)}.Edit("For you.")
	ed, err := e.Read(strings.Replace(e.Text(), "\nTides\n", "\nMoon\n", 1))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"title": 4, "tags[1]": 23, "sections[0].text": 32, "sections[1]": 0, "tit": 0, "": 0} {
		if got := ed.Line(path); got != want {
			t.Errorf("%q stands in line %d, wants %d", path, got, want)
		}
	}
	for complaint, want := range map[string]int{
		`the value for step "x" is not accepted: words: is 3, wants 4`: 20, "sections[1].text: is dull": 39, "it is about the title: no": 0, "no": 0,
	} {
		if got := ed.LineOf(complaint); got != want {
			t.Errorf("%q is about line %d, wants %d", complaint, got, want)
		}
	}
}

// hostile are texts that a file could get wrong.
var hostile = []string{
	"", " ", "\n", "\n\n\n", "a", "a\n", "a\n\n", "\na", " a \t", "a  \nb\t\n", "a\r\nb", "a\r\nb\r\n", "a\rb", "a\r\nb\n", "\r",
	"====", "==== ", "==== title", "==== title: text\nx", "\n===== text", "====== sections[0].name", "=======", "# Heading\n\n---\n\n- x",
	"null", "5", `"quoted"`, "{", "[1,2", `{"a":1}`, "\x00", "\x1b[31mred", "\u202egnp", "\ufeffbom", "\u2028", "\u0085", "日本語\n\n終", "\\", "\\n", "<b>&amp;</b>",
	"--edit", "line\n\n\n\nline", strings.Repeat("long ", 4_000), strings.Repeat("=", 3000) + " x", strings.Repeat("\n", 500),
}

// Whatever texts a value has, an edit that changes nothing is none, also where an editor
// made other line ends or a mark at the beginning; and what is changed is all that is.
func TestEditRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		s := hostile[random.IntN(len(hostile))]
		if random.IntN(3) == 0 {
			s += "\n" + hostile[random.IntN(len(hostile))]
		}
		return s
	}
	shape := shapeOf[editLeaflet](t)
	for i := range 150 {
		v := editLeaflet{Title: text(), Tone: "dry", Text: text(), Words: 7, Tags: []string{text()}, Sections: []editSection{{text(), text()}, {text(), text()}}, More: text()}
		if note := text(); random.IntN(2) == 0 {
			v.Note = &note
		}
		raw := marshal(t, v)
		w := Wanted{Proposal: raw}
		if i%2 == 0 {
			w.Shape = shape
		}
		e := w.Edit("For you.")
		for what, file := range map[string]string{
			"unchanged": e.Text(), "with CR LF": strings.ReplaceAll(strings.ReplaceAll(e.Text(), "\r\n", "\n"), "\n", "\r\n"), "with a mark": "\ufeff" + e.Text(),
		} {
			if ed, err := e.Read(file); err != nil || ed.Value != nil {
				t.Fatalf("%s: %.300q was read as %.300v, %v", what, raw, ed, err)
			}
		}
		at := strings.LastIndex(e.Text(), e.mark+" words")
		ed, err := e.Read(e.Text()[:at] + strings.Replace(e.Text()[at:], "\n7\n", "\n8\n", 1))
		if v.Words = 8; err != nil || !bytes.Equal(canonical(t, ed.Value), canonical(t, marshal(t, v))) {
			t.Fatalf("%.300q became %.300q, %v", raw, ed.Value, err)
		}
	}
}

// Every text that an editor can write can be written for another.
func TestEditToHostileTexts(t *testing.T) {
	shape, written := shapeOf[editSection](t), 0
	for _, to := range hostile {
		e := Wanted{Shape: shape, Proposal: []byte(`{"name":"a","text":"b"}`)}.Edit("For you.")
		if to == "a" || hasLine(to, e.mark+" ") || strings.Contains(to, "\r") {
			continue
		}
		written++
		ed, err := e.Read(strings.Replace(e.Text(), "\na\n", "\n"+to+"\n", 1))
		if strings.TrimRight(to, "\n") == "a" {
			if err != nil || ed.Value != nil && !strings.Contains(string(ed.Value), `"a"`) {
				t.Errorf("%q: %v, %v", to, ed, err)
			}
			continue
		}
		want := marshal(t, editSection{strings.TrimRight(to, "\n"), "b"})
		if err != nil || !bytes.Equal(canonical(t, ed.Value), canonical(t, want)) {
			t.Errorf("%.200q became %.200v, %v", to, ed, err)
		}
	}
	if written < 30 {
		t.Errorf("%d texts were tried", written)
	}
}

func marshal(t *testing.T, v any) json.RawMessage {
	t.Helper()
	raw, err := schema.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func canonical(t *testing.T, raw json.RawMessage) []byte {
	t.Helper()
	c, err := schema.Canonical(raw)
	if err != nil {
		t.Fatal(fmt.Sprintf("%.300s", raw), err)
	}
	return c
}

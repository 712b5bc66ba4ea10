package prompt_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/internal/prompt"
)

type section struct {
	Type         string
	TargetLength int
}

func (s section) Title() string    { return strings.ToUpper(s.Type) }
func (s *section) Pointed() string { return "*" + s.Type }

type essay struct {
	Topic   string
	Section section
}

type listed struct {
	Sections []section
	Tags     []string
	ByName   map[string]section
}

type common struct{ Topic, Style string }

type embedding struct {
	common
	Number int
}

type tree struct {
	Name     string
	Left     *tree
	Children []tree
}

type optional struct {
	Topic string
	Part  *section
}

// named has a text of its own, found on a pointer to it.
type named struct{ Name string }

func (n *named) String() string { return "name " + n.Name }

// mood is of a closed set.
type mood string

func (mood) Enum() []string { return []string{"calm", "angry"} }

type moody struct{ Mood mood }

type shown struct {
	Named named
	At    time.Time
	Nick  *string
	Count **int
	Any   any
}

type raw struct {
	Bytes []byte
	JSON  json.RawMessage
	Pair  [2]string
	On    chan int
}

// loadUser returns what is wrong with a user part for data of type In, if anything.
func loadUser[In any](text string) string { return load[In](user(text)) }

func TestTemplate(t *testing.T) {
	whole := "{{.Topic}} {{json .Section}}"
	for _, c := range []struct {
		name string
		load func(string) string
		text string
		want string
	}{
		// What a template may say.
		{"text", loadUser[string], "{{.}}", ""},
		{"no data", loadUser[struct{}], "Tell a joke.", ""},
		{"whole struct", loadUser[essay], "{{json .}}", ""},
		{"whole field", loadUser[essay], whole, ""},
		{"every nested field", loadUser[essay], "{{.Topic}} {{.Section.Type}} {{.Section.TargetLength}}", ""},
		{"with", loadUser[essay], "{{.Topic}}{{with .Section}}{{.Type}}{{.TargetLength}}{{end}}", ""},
		{"variable", loadUser[essay], "{{$s := .Section}}{{$.Topic}}{{$s.Type}}{{$s.TargetLength}}", ""},
		{"method", loadUser[essay], "{{.Topic}} {{.Section.Title}}", ""},
		{"method of a pointer", loadUser[essay], "{{.Topic}} {{.Section.Pointed}}", ""},
		{"only asked for", loadUser[optional], "{{.Topic}}{{if .Part}}, with a part{{end}}", ""},
		{"asked for, then used", loadUser[optional], "{{.Topic}}{{if .Part}}{{.Part.Type}}{{.Part.TargetLength}}{{end}}", ""},
		{"embedded", loadUser[embedding], "{{.Topic}}{{.Style}}{{.Number}}", ""},
		{"list", loadUser[[]string], `{{join . ", "}}`, ""},
		{"map", loadUser[map[string]string], "{{.any}}", ""},
		{"any", loadUser[any], "{{.any.thing}}", ""},
		{"number", loadUser[int], "{{range $i := .}}{{add $i 1}} {{end}}", ""},
		{"elements in part", loadUser[listed], "{{range $i, $s := .Sections}}{{add $i 1}} {{$s.Type}}{{end}}{{len .Tags}}{{(index .Sections 0).Type}}{{.ByName.x.Type}}", ""},
		{"nested range", loadUser[listed], "{{range $i, $s := .Sections}}{{range $j, $t := $.Tags}}{{add $i $j}}{{$s.Type}}{{$t}}{{end}}{{end}}{{range $k, $v := .ByName}}{{$k}}{{$v.Title}}{{end}}", ""},
		{"recursive type", loadUser[tree], "{{.Name}}{{.Left.Left.Left.Name}}{{range .Children}}{{.Name}}{{end}}", ""},
		{"recursive template", loadUser[tree], `{{define "t"}}{{.Name}}{{with .Left}}{{template "t" .}}{{template "t" .}}{{end}}{{range .Children}}{{template "t" .}}{{end}}{{end}}{{template "t" .}}`, ""},
		{"template with a part", loadUser[essay], `{{define "s"}}{{.Type}}{{.TargetLength}}{{end}}{{.Topic}}{{template "s" .Section}}`, ""},
		{"functions", loadUser[essay], `{{if and (eq .Topic "x") (gt (len .Topic) 3)}}{{printf "%s %d" .Section.Type .Section.TargetLength}}{{end}}`, ""},
		{"variable set again", loadUser[essay], `{{$x := .Topic}}{{if .Topic}}{{$x = .Section}}{{end}}{{$x}}`, ""},

		// Fields that are not there.
		{"unknown", loadUser[essay], "\n\n{{.Topci}}", "line 6: {{.Topci}}: prompt_test.essay has no field Topci; did you mean Topic?"},
		{"unknown, unlike any", loadUser[essay], whole + "{{.Author}}", "line 4: {{.Author}}: prompt_test.essay has no field Author"},
		{"unknown nested", loadUser[essay], whole + "\n{{.Section.Length}}", "line 5: {{.Section.Length}}: prompt_test.section has no field Length"},
		{"unknown in range", loadUser[listed], "{{range .Sections}}\n{{.Typ}}{{end}}", "line 5: {{.Typ}}: prompt_test.section has no field Typ; did you mean Type?"},
		{"unknown in a map's elements", loadUser[listed], "{{range .ByName}}{{.Name}}{{end}}", "line 4: {{.Name}}: prompt_test.section has no field Name"},
		{"unknown in with", loadUser[essay], "{{with .Section}}{{.Topic}}{{end}}", "line 4: {{.Topic}}: prompt_test.section has no field Topic"},
		{"unknown in else", loadUser[essay], "{{with .Section}}{{else}}{{.Type}}{{end}}", "line 4: {{.Type}}: prompt_test.essay has no field Type"},
		{"unknown of a variable", loadUser[essay], "{{$s := .Section}}{{$s.Topic}}", "line 4: {{$s.Topic}}: prompt_test.section has no field Topic"},
		{"unknown of $", loadUser[listed], "{{range .Sections}}{{$.Topic}}{{end}}", "line 4: {{$.Topic}}: prompt_test.listed has no field Topic"},
		{"unknown in parentheses", loadUser[essay], "{{(.Section).Topic}}", "line 4: {{(.Section).Topic}}: prompt_test.section has no field Topic"},
		{"unknown in a condition", loadUser[essay], "{{if eq .Author \"x\"}}{{end}}", "line 4: {{.Author}}: prompt_test.essay has no field Author"},
		{"unknown in a template", loadUser[essay], `{{define "s"}}{{.Topic}}{{end}}` + "\n" + `{{template "s" .Section}}`, "line 4: {{.Topic}}: prompt_test.section has no field Topic"},
		{"of a text", loadUser[string], "{{.}}{{.Topic}}", "line 4: {{.Topic}}: string has no field Topic"},
		{"not exported", loadUser[embedding], "{{.common}}", "line 4: {{.common}}: prompt_test.embedding has no field common"},

		// Data that is left out.
		{"text left out", loadUser[string], "Hello", "the user part never uses {{.}} of its data (string)"},
		{"list left out", loadUser[[]string], "Hello", "the user part never uses {{.}} of its data ([]string)"},
		{"field left out", loadUser[essay], "{{json .Section}}", "the user part never uses {{.Topic}} of its data (prompt_test.essay); if it should not, the header says unused: Topic"},
		{"named in a comment", loadUser[essay], "{{json .Section}}{{/* .Topic */}}", "the user part never uses {{.Topic}} of its data (prompt_test.essay); if it should not, the header says unused: Topic"},
		{"nested left out", loadUser[essay], "{{.Topic}}{{.Section.Type}}", "the user part never uses {{.Section.TargetLength}} of its data (prompt_test.essay); if it should not, the header says unused: Section.TargetLength"},
		{"nested left out of with", loadUser[essay], "{{.Topic}}{{with .Section}}{{.Type}}{{end}}", "the user part never uses {{.Section.TargetLength}} of its data (prompt_test.essay); if it should not, the header says unused: Section.TargetLength"},
		{"nested left out of a variable", loadUser[essay], "{{$s := .Section}}{{.Topic}}{{$s.Type}}", "the user part never uses {{.Section.TargetLength}} of its data (prompt_test.essay); if it should not, the header says unused: Section.TargetLength"},
		{"nested left out of a template", loadUser[essay], `{{define "s"}}{{.Type}}{{end}}{{.Topic}}{{template "s" .Section}}`, "the user part never uses {{.Section.TargetLength}} of its data (prompt_test.essay); if it should not, the header says unused: Section.TargetLength"},
		{"behind a pointer", loadUser[optional], "{{.Topic}}{{if .Part}}{{.Part.Type}}{{end}}", "the user part never uses {{.Part.TargetLength}} of its data (prompt_test.optional); if it should not, the header says unused: Part.TargetLength"},
		{"dot passed on", loadUser[essay], "{{with .}}{{.Topic}}{{end}}", "the user part never uses {{.Section}} of its data (prompt_test.essay); if it should not, the header says unused: Section"},
		{"embedded left out", loadUser[embedding], "{{.Topic}}{{.Number}}", "the user part never uses {{.Style}} of its data (prompt_test.embedding); if it should not, the header says unused: Style"},
		{"the children's name is not the root's", loadUser[tree], "{{json .Left}}{{range .Children}}{{.Name}}{{end}}", "the user part never uses {{.Name}} of its data (prompt_test.tree); if it should not, the header says unused: Name"},
		{"in a template that nobody calls", loadUser[essay], `{{define "s"}}{{.Topic}}{{end}}{{json .Section}}`, "the user part never uses {{.Topic}} of its data (prompt_test.essay); if it should not, the header says unused: Topic"},

		// Values that Go would print in a form of its own.
		{"texts of their own", loadUser[shown], "{{.Named}} {{.At}} {{with .Nick}}{{.}}{{end}} {{.Count}} {{.Any}}", ""},
		{"as JSON", loadUser[listed], `{{json .Sections}}{{.Tags | json}}{{range $k, $v := .ByName}}{{$k}}{{json $v}}{{end}}`, ""},
		{"struct", loadUser[essay], "{{.Topic}}\n{{.Section}}", "line 5: {{.Section}}: prompt_test.section has no form as text; use {{json .Section}}"},
		{"root", loadUser[essay], "{{.}}", "line 4: {{.}}: prompt_test.essay has no form as text; use {{json .}}"},
		{"pointer to a struct", loadUser[optional], "{{.Topic}}{{.Part}}", "line 4: {{.Part}}: *prompt_test.section has no form as text; use {{json .Part}}"},
		{"map", loadUser[listed], "{{.ByName}}", "line 4: {{.ByName}}: map[string]prompt_test.section has no form as text; use {{json .ByName}}"},
		{"texts", loadUser[listed], "{{.Tags}}", "line 4: {{.Tags}}: []string has no form as text; use {{json .Tags}} or {{join .Tags \", \"}}"},
		{"structs", loadUser[listed], "{{.Sections}}", "line 4: {{.Sections}}: []prompt_test.section has no form as text; use {{json .Sections}}"},
		{"bytes", loadUser[raw], "{{.Bytes}}", "line 4: {{.Bytes}}: []uint8 has no form as text; use {{json .Bytes}}"},
		{"raw JSON", loadUser[raw], "{{.JSON}}", "line 4: {{.JSON}}: json.RawMessage has no form as text; use {{json .JSON}}"},
		{"array", loadUser[raw], "{{.Pair}}", "line 4: {{.Pair}}: [2]string has no form as text; use {{json .Pair}}"},
		{"channel", loadUser[raw], "{{.On}}", "line 4: {{.On}}: chan int has no form as text"},
		{"channel as JSON", loadUser[raw], "{{json .On}}", "line 4: {{json .On}}: chan int has no form in JSON"},
		{"in range", loadUser[listed], "{{range .Sections}}\n{{.}}{{end}}", "line 5: {{.}}: prompt_test.section has no form as text; use {{json .}}"},
		{"variable of range", loadUser[listed], "{{range $i, $s := .Sections}}{{$s}}{{end}}", "line 4: {{$s}}: prompt_test.section has no form as text; use {{json $s}}"},
		{"in with", loadUser[essay], "{{.Topic}}{{with .Section}}{{.}}{{end}}", "line 4: {{.}}: prompt_test.section has no form as text; use {{json .}}"},
		{"of a variable", loadUser[essay], "{{.Topic}}{{$s := .Section}}{{$s}}", "line 4: {{$s}}: prompt_test.section has no form as text; use {{json $s}}"},
		{"in a template", loadUser[essay], `{{define "s"}}{{.}}{{end}}{{.Topic}}{{template "s" .Section}}`, "line 4: {{.}}: prompt_test.section has no form as text; use {{json .}}"},
		{"indexed", loadUser[listed], `{{index .Sections 0}}`, "line 4: {{index .Sections 0}}: prompt_test.section has no form as text; use {{json (index .Sections 0)}}"},
		{"printed", loadUser[essay], `{{printf "%v" .Section}}`, `line 4: {{.Section}}: prompt_test.section has no form as text; use {{json .Section}}`},
		{"printed in a pipeline", loadUser[listed], `{{.Tags | print | len}}`, `line 4: {{.Tags}}: []string has no form as text; use {{json .Tags}} or {{join .Tags ", "}}`},
		{"printed in parentheses", loadUser[listed], `{{if eq (print (index .Sections 0)) ""}}{{end}}`, `line 4: {{index .Sections 0}}: prompt_test.section has no form as text; use {{json (index .Sections 0)}}`},

		// Templates that cannot be read, or would fail when they are filled in.
		{"syntax", loadUser[string], "{{.}}\n{{if}}", "line 5: missing value for if"},
		{"not closed", loadUser[string], "{{.}}{{if .}}", "line 4: unexpected EOF"},
		{"unknown function", loadUser[string], "\n\n{{upper .}}", `line 6: function "upper" not defined`},
		{"undefined template", loadUser[string], "{{.}}\n" + `{{template "t" .}}`, `line 5: {{template "t" .}}: template "t" is not defined`},
		{"compared with what it may be", loadUser[moody], `{{if eq .Mood "calm"}}{{.Mood}}{{end}}`, ""},
		{"compared with what it is never", loadUser[moody], `{{if eq .Mood "clam"}}{{.Mood}}{{end}}`, `line 4: {{eq .Mood "clam"}}: prompt_test.mood is never "clam"; it is one of calm, angry`},
		{"compared the other way round", loadUser[moody], `{{if ne "sad" .Mood}}{{.Mood}}{{end}}`, `line 4: {{ne "sad" .Mood}}: prompt_test.mood is never "sad"; it is one of calm, angry`},
		{"its set is shown", loadUser[moody], `{{join .Mood.Enum " or "}}`, ""},
		{"range over a text", loadUser[essay], "{{range .Topic}}{{end}}", "line 4: {{.Topic}}: string cannot be ranged over"},
		{"join of a text", loadUser[string], `{{join . ", "}}`, `line 4: {{join . ", "}}: join takes []string, not string`},
		{"add to a text", loadUser[string], `{{add . 1}}`, `line 4: {{add . 1}}: add takes int, not string`},
		{"add of one", loadUser[int], `{{add .}}`, `line 4: {{add .}}: add takes 2 values, not 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.load(c.text); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What cannot be known of a template before it is filled is found when it is.
func TestFillPrintsNoGoSyntax(t *testing.T) {
	nick, count := "Bo", 7
	pcount := &count
	full := shown{Named: named{"N"}, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Nick: &nick, Count: &pcount, Any: 1.5}
	const others = "{{.Named}} {{.At}} {{with .Nick}}{{.}}{{end}} {{.Count}} "
	with := func(any any) shown { s := full; s.Any = any; return s }
	for _, c := range []struct {
		name, text string
		data       shown
		want, err  string
	}{
		{"texts of their own", others + "{{.Any}}", full, "name N 2026-01-02 03:04:05 +0000 UTC Bo 7 1.5", ""},
		{"exact and unescaped", others + "{{json .Any}}", with(map[string]any{"n": int64(1) << 62, "t": "<a&b>"}), "name N 2026-01-02 03:04:05 +0000 UTC Bo 7 " + `{"n":4611686018427387904,"t":"<a&b>"}`, ""},
		{"nil as JSON", others + "{{json .Any}}", with(nil), "name N 2026-01-02 03:04:05 +0000 UTC Bo 7 null", ""},
		{"struct", others + "\n{{.Any}}", with(section{}), "", "line 5: {{.Any}}: prompt_test.section has no form as text; use {{json .Any}}"},
		{"pointer", others + "{{.Any}}", with(&section{}), "", "line 4: {{.Any}}: *prompt_test.section has no form as text; use {{json .Any}}"},
		{"no value", others + "{{.Any}}", with(nil), "", "line 4: {{.Any}}: it is nil; ask with {{if}} first"},
		{"nil pointer", others + "{{.Nick}}{{.Any}}", func() shown { s := full; s.Nick = nil; return s }(), "", "line 4: {{.Nick}}: it is nil; ask with {{if}} first"},
		{"texts", others + "{{.Any}}", with([]string{"a"}), "", `line 4: {{.Any}}: []string has no form as text; use {{json .Any}} or {{join .Any ", "}}`},
		{"variable set again", others + "{{$x := .Any}}{{if .Nick}}{{$x = .Count}}{{$x = .Any}}{{end}}{{$x}}", with([]int{1}), "", "line 4: {{$x}}: []int has no form as text; use {{json $x}}"},
		{"either of two", others + "{{or .Any .Nick}}", with([]int{1}), "", "line 4: {{or .Any .Nick}}: []int has no form as text; use {{json (or .Any .Nick)}}"},
		{"printed", others + `{{printf "%s, %03d" .Nick .Count}}{{json .Any}}`, with(1), "name N 2026-01-02 03:04:05 +0000 UTC Bo 7 Bo, 0071", ""},
		{"printed struct", others + `{{printf "%v" .Any}}`, with(section{}), "", `line 4: {{.Any}}: prompt_test.section has no form as text; use {{json .Any}}`},
		{"printed in a pipeline", others + `{{.Any | html}}`, with([]int{1}), "", `line 4: {{.Any}}: []int has no form as text; use {{json .Any}}`},
		{"printed in a condition", others + `{{if eq (print .Any) "x"}}{{end}}`, with([]int{1}), "", `line 4: {{.Any}}: []int has no form as text; use {{json .Any}}`},
		{"in a template", others + `{{define "s"}}{{.}}{{end}}{{template "s" .Any}}`, with([]int{1}), "", "line 4: {{.}}: []int has no form as text; use {{json .}}"},
		{"not in JSON", others + "{{json .Any}}", with(func() {}), "", "line 4: <json .Any>: error calling json: func() has no form in JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := prompt.Parse(user(c.text), reflect.TypeFor[shown]())
			if err != nil {
				t.Fatal(err)
			}
			m, err := p.Fill(reflect.ValueOf(&c.data).Elem())
			switch {
			case c.err != "":
				if err == nil || err.Error() != c.err {
					t.Errorf("got  %v %v\nwant %s", m, err, c.err)
				}
			case err != nil:
				t.Error(err)
			case m[0].Text() != c.want:
				t.Errorf("got  %s\nwant %s", m[0].Text(), c.want)
			}
		})
	}
}

package prompt_test

import (
	"strings"
	"testing"
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

// loadUser returns what is wrong with a user part for data of type In, if anything.
func loadUser[In any](text string) string { return load[In](user(text)) }

func TestTemplate(t *testing.T) {
	whole := "{{.Topic}} {{.Section}}"
	for _, c := range []struct {
		name string
		load func(string) string
		text string
		want string
	}{
		// What a template may say.
		{"text", loadUser[string], "{{.}}", ""},
		{"no data", loadUser[struct{}], "Tell a joke.", ""},
		{"whole struct", loadUser[essay], "{{printf \"%+v\" .}}", ""},
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
		{"field left out", loadUser[essay], "{{.Section}}", "the user part never uses {{.Topic}} of its data (prompt_test.essay)"},
		{"named in a comment", loadUser[essay], "{{.Section}}{{/* .Topic */}}", "the user part never uses {{.Topic}} of its data (prompt_test.essay)"},
		{"nested left out", loadUser[essay], "{{.Topic}}{{.Section.Type}}", "the user part never uses {{.Section.TargetLength}} of its data (prompt_test.essay)"},
		{"nested left out of with", loadUser[essay], "{{.Topic}}{{with .Section}}{{.Type}}{{end}}", "the user part never uses {{.Section.TargetLength}} of its data (prompt_test.essay)"},
		{"nested left out of a variable", loadUser[essay], "{{$s := .Section}}{{.Topic}}{{$s.Type}}", "the user part never uses {{.Section.TargetLength}} of its data (prompt_test.essay)"},
		{"nested left out of a template", loadUser[essay], `{{define "s"}}{{.Type}}{{end}}{{.Topic}}{{template "s" .Section}}`, "the user part never uses {{.Section.TargetLength}} of its data (prompt_test.essay)"},
		{"behind a pointer", loadUser[optional], "{{.Topic}}{{if .Part}}{{.Part.Type}}{{end}}", "the user part never uses {{.Part.TargetLength}} of its data (prompt_test.optional)"},
		{"dot passed on", loadUser[essay], "{{with .}}{{.Topic}}{{end}}", "the user part never uses {{.Section}} of its data (prompt_test.essay)"},
		{"embedded left out", loadUser[embedding], "{{.Topic}}{{.Number}}", "the user part never uses {{.Style}} of its data (prompt_test.embedding)"},
		{"the children's name is not the root's", loadUser[tree], "{{.Left}}{{range .Children}}{{.Name}}{{end}}", "the user part never uses {{.Name}} of its data (prompt_test.tree)"},
		{"in a template that nobody calls", loadUser[essay], `{{define "s"}}{{.Topic}}{{end}}{{.Section}}`, "the user part never uses {{.Topic}} of its data (prompt_test.essay)"},

		// Templates that cannot be read, or would fail when they are filled in.
		{"syntax", loadUser[string], "{{.}}\n{{if}}", "line 5: missing value for if"},
		{"not closed", loadUser[string], "{{.}}{{if .}}", "line 4: unexpected EOF"},
		{"unknown function", loadUser[string], "\n\n{{upper .}}", `line 6: function "upper" not defined`},
		{"undefined template", loadUser[string], "{{.}}\n" + `{{template "t" .}}`, `line 5: {{template "t" .}}: template "t" is not defined`},
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

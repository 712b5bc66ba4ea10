package prompt_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/prompt"
)

// load returns what is wrong with a prompt file for data of type In, if anything.
func load[In any](text string) string {
	if _, err := prompt.Parse(text, reflect.TypeFor[In]()); err != nil {
		return err.Error()
	}
	return ""
}

// user makes a prompt file of a user part, which begins at line 4.
func user(text string) string { return "purpose: Trying\n---\n# user\n" + text }

func TestFile(t *testing.T) {
	long := "purpose: P\nmodel: m/n\ntimeout: 90s\nmax_tokens: 10\n---\n"
	for _, c := range []struct{ name, text, want string }{
		{"good", long + "# system\nS\n# user\n{{.}}", ""},
		{"header in another order", "max_tokens: 10\n\ntimeout: 1m\nmodel: m\npurpose: P: with a colon\n---\n# user\n{{.}}", ""},
		{"CRLF", strings.ReplaceAll(long+"# system\nS\n# user\n{{.}}\n", "\n", "\r\n"), ""},
		{"byte order mark", "\ufeff" + user("{{.}}"), ""},
		{"no system part", user("{{.}}"), ""},
		{"blank lines", "purpose: P\n---\n\n \n# system\n\n# user\n\n\n{{.}}\n\n", ""},
		{"--- in the text", user("{{.}}\n---\nmore"), ""},

		{"empty", "", `no line "---" between header and text`},
		{"no ---", "purpose: P\n# user\n{{.}}", `no line "---" between header and text`},
		{"---- for ---", "purpose: P\n----\n# user\n{{.}}", `no line "---" between header and text`},
		{"front matter", "---\npurpose: P\n---\n# user\n{{.}}", `the header has no purpose`},
		{"misspelled key", "purpose: P\n\npurpos: Q\n---\n# user\n{{.}}", `line 3: unknown key "purpos"; did you mean purpose?`},
		{"other spelling", "max-tokens: 5\n---\n# user\n{{.}}", `line 1: unknown key "max-tokens"; did you mean max_tokens?`},
		{"unknown key", "purpose: P\ntop_k: 1\n---\n# user\n{{.}}", `line 2: unknown key "top_k"; known are purpose, model, fallback, timeout, max_tokens, temperature, effort, visible, why, unused`},
		{"temperature", "purpose: P\ntemperature: 0.2\neffort: low\nvisible: V\nwhy: W\n---\n# user\n{{.}}", ""},
		{"too warm", "purpose: P\ntemperature: 2.1\n---\n# user\n{{.}}", `line 2: temperature "2.1" is not a number from 0 to 2`},
		{"no temperature", "purpose: P\ntemperature: NaN\n---\n# user\n{{.}}", `line 2: temperature "NaN" is not a number from 0 to 2`},
		{"unknown effort", "purpose: P\neffort: lots\n---\n# user\n{{.}}", `line 2: effort "lots" is not one of none, minimal, low, medium, high, xhigh, max`},
		{"key twice", "purpose: P\nmodel: a\nmodel: a\n---\n# user\n{{.}}", `line 3: model is given twice`},
		{"no key", "purpose: P\nfast\n---\n# user\n{{.}}", `line 2: "fast" is not "key: value"`},
		{"no purpose", "model: a\n---\n# user\n{{.}}", `the header has no purpose`},
		{"empty purpose", "purpose:  \n---\n# user\n{{.}}", `line 1: purpose has no value`},
		{"bad timeout", "purpose: P\ntimeout: 90\n---\n# user\n{{.}}", `line 2: timeout "90" is not a duration such as 90s`},
		{"timeout below zero", "purpose: P\ntimeout: -1s\n---\n# user\n{{.}}", `line 2: timeout "-1s" is not a duration such as 90s`},
		{"bad max_tokens", "purpose: P\nmax_tokens: 1e3\n---\n# user\n{{.}}", `line 2: max_tokens "1e3" is not a positive number`},
		{"models that stand in", "purpose: P\nfallback: a/b, c/d\n---\n# user\n{{.}}", ""},
		{"a model without a name", "purpose: P\nfallback: a/b,, c/d\n---\n# user\n{{.}}", `line 2: fallback "a/b,, c/d" names an empty model; write provider/model, provider/model`},
		{"no tokens", "purpose: P\nmax_tokens: 0\n---\n# user\n{{.}}", `line 2: max_tokens "0" is not a positive number`},
		{"no user part", "purpose: P\n---\n# system\nS", `no line "# user"`},
		{"header alone", "purpose: P\n---", `no line "# user"`},
		{"empty user part", user("\n  \n"), `the user part is empty`},
		{"text before the parts", "purpose: P\n---\nhello\n# user\n{{.}}", `line 3: text stands before "# system" and "# user"`},
		{"system behind user", user("{{.}}\n# system\nS"), `line 5: "# system" stands behind "# user"`},
		{"user twice", user("{{.}}\n# user\nmore"), `line 5: "# user" stands twice`},
		{"system twice", "purpose: P\n---\n# system\nS\n# system\nS\n# user\n{{.}}", `line 5: "# system" stands twice`},
		{"action in the system part", "purpose: P\n---\n# system\nS\nabout {{.}}\n# user\n{{.}}", `line 5: the system part has a template action; data belongs into the user part`},
		{"not text", user("\xff{{.}}"), `the file is not UTF-8 text`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := load[string](c.text); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Whatever a prompt file holds, it is read or refused.
func FuzzFile(f *testing.F) {
	for _, text := range []string{
		user("{{.Topic}} {{.Section.Type}} {{.Section.TargetLength}}"),
		"purpose: P\r\ntimeout: 5s\r\n---\r\n# system\r\n{{\r\n# user\r\n{{.}}",
		user(`{{define "a"}}{{template "a" .Section}}{{template "a" .}}{{end}}{{template "a" .}}`),
		user(`{{range $i, $x := .Topic}}{{$x = .}}{{break}}{{end}}`),
		user(`{{with $x := .Section}}{{$x.Title | printf "%s" | len}}{{else with .Topic}}{{.}}{{end}}`),
		user(`{{block "b" .Section}}{{(.).Pointed.X}}{{end}}{{nil}}{{$.Section.Type.Y}}`),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := prompt.Parse(text, reflect.TypeFor[essay]())
		if (p == nil) != (err != nil && err.Error() != "") {
			t.Errorf("%v %v", p, err)
		}
	})
}

func TestUnused(t *testing.T) {
	text := func(unused, user string) string { return "purpose: P\nunused: " + unused + "\n---\n# user\n" + user }
	for _, c := range []struct {
		name string
		load func(string) string
		text string
		want string
	}{
		{"a field", load[essay], text("Section", "{{.Topic}}"), ""},
		{"with a dot", load[essay], text(".Section.TargetLength", "{{.Topic}}{{.Section.Type}}"), ""},
		{"two", load[essay], text("Topic, Section.TargetLength", "{{.Section.Type}}"), ""},
		{"embedded", load[embedding], text("Style", "{{.Topic}}{{.Number}}"), ""},
		{"behind a pointer", load[optional], text("Part.TargetLength", "{{.Topic}}{{.Part.Type}}"), ""},
		{"no such field", load[essay], text("Topics", "{{.Topic}}"), "unused: prompt_test.essay has no field Topics; did you mean Topic?"},
		{"no field of a field", load[essay], text("Topic.Name", "{{json .Section}}"), "unused: prompt_test.essay has no field Topic.Name"},
		{"it is used", load[essay], text("Topic", "{{.Topic}}{{json .Section}}"), "unused: Topic is used"},
		{"part of it is used", load[essay], text("Section", "{{.Topic}}{{.Section.Type}}"), "unused: Section is used"},
		{"it is used as a whole", load[essay], text("Section.Type", "{{.Topic}}{{json .Section}}"), "unused: Section.Type is used"},
		{"another is missing", load[essay], text("Topic", "{{.Section.Type}}"), "the user part never uses {{.Section.TargetLength}} of its data (prompt_test.essay); if it should not, the header says unused: Section.TargetLength"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.load(c.text); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

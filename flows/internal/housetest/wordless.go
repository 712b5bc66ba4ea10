package housetest

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl"
)

// spoken finds the words and numbers of a prompt beside its template actions,
// which it finds too, and its tags.
var spoken = regexp.MustCompile(`\{\{.*?\}\}|</?\w+>|[A-Za-z0-9][\w'-]*`)

// Wordless returns a flow whose prompts hold its data and say nothing about it: each
// of their words is another one. What an answer has to be like is then known from
// its schema and the names of its gates alone.
func Wordless[In, Out any](t testing.TB, f *pawl.FlowOf[In, Out]) *pawl.FlowOf[In, Out] {
	t.Helper()
	files := fstest.MapFS{}
	for _, p := range f.Describe().Prompts {
		header, body, _ := strings.Cut(p.Text, "---\n")
		var out strings.Builder
		for line := range strings.Lines(body) {
			if !strings.HasPrefix(line, "# ") {
				line = spoken.ReplaceAllStringFunc(line, func(s string) string {
					if strings.ContainsAny(s, "{<") {
						return s
					}
					return "mumble"
				})
			}
			out.WriteString(line)
		}
		files[f.Name()+"/"+p.Name+".md"] = &fstest.MapFile{Data: []byte(header + "---\n" + out.String())}
	}
	flow, err := f.WithPrompts(files)
	if err != nil {
		t.Fatal(err)
	}
	return flow.(*pawl.FlowOf[In, Out])
}

package flowtest

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
)

// spoken finds the words and numbers of a prompt beside its template actions,
// which it finds too, and its tags.
var spoken = regexp.MustCompile(`\{\{.*?\}\}|</?\w+>|[A-Za-z0-9][\w'-]*`)

// FollowWordless is Follow for a flow whose prompts hold its data and say nothing
// about it: each of their words is another one. What an answer has to be like is
// then known from its schema and the names of its gates alone.
func FollowWordless[In, Out any](t testing.TB, e *local.Engine, f *pawl.FlowOf[In, Out], in In) Ran[Out] {
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
	id, err := e.Start(t.Context(), flow, []byte(JSON(in)), nil)
	if err != nil {
		t.Fatalf("start %s: %v", f.Name(), err)
	}
	return follow[Out](t, e, id)
}

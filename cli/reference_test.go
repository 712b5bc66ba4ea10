package cli

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
)

var updateReference = flag.Bool("update", false, "write the generated parts of docs/reference anew")

const reference = "../docs/reference/"

// generated is a part of a page that follows from code: between two comments, the first of
// which says from what.
var generated = regexp.MustCompile(`(?s)(<!-- generated: ([^>]*?) -->\n).*?(<!-- end -->)`)

// TestReference: what docs/reference says of records, commands, variables and exit codes
// is what the code says. With -update it is written anew.
func TestReference(t *testing.T) {
	pages, err := filepath.Glob(reference + "*.md")
	if err != nil {
		t.Fatal(err)
	}
	r := &referenceWriter{t: t, app: referenceApp(), source: readTypes(t), shown: map[string]place{}}
	n, texts := 0, map[string]string{}
	for _, page := range pages {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		texts[page] = string(b)
		r.find(filepath.Base(page), texts[page])
	}
	for _, page := range pages {
		is := texts[page]
		r.page = filepath.Base(page)
		wants := generated.ReplaceAllStringFunc(is, func(part string) string {
			n++
			m := generated.FindStringSubmatch(part)
			now := m[1] + r.write(m[2]) + m[3]
			if now != part && !*updateReference {
				t.Errorf("%s: the part %q is not what the code says; write it with\n\tgo test ./cli -run TestReference -update", page, m[2])
			}
			return now
		})
		if *updateReference {
			if err := os.WriteFile(page, []byte(wants), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d parts are generated", n)
	}
	r.complete()
}

// referenceApp is a command with one flow, whose flags stand for those of all.
func referenceApp() *app {
	return newApp(world{program: "pawl", getenv: func(string) string { return "" }}, Program{Name: "pawl", Providers: Providers(), Flows: []pawl.Flow{article.Flow}})
}

// referenceWriter writes the generated parts.
type referenceWriter struct {
	t      *testing.T
	app    *app
	source map[string]*typeSource // by package and name
	shown  map[string]place       // where a type has its table
	page   string                 // that is written
	linked []string               // types that a part refers to
}

// place is a heading of a page.
type place struct{ page, heading string }

var heading = regexp.MustCompile(`(?m)^#+ (.*)$`)

// find notes which types a page shows, under which headings.
func (r *referenceWriter) find(page, text string) {
	for _, at := range generated.FindAllStringSubmatchIndex(text, -1) {
		before := heading.FindAllStringSubmatch(text[:at[0]], -1)
		if _, name, ok := strings.Cut(text[at[4]:at[5]], " "); ok {
			r.shown[name] = place{page, before[len(before)-1][1]}
		}
	}
}

// write is the part that comes from what a comment names.
func (r *referenceWriter) write(from string) string {
	r.t.Helper()
	sort, name, _ := strings.Cut(from, " ")
	switch sort {
	case "type":
		return r.fields(name)
	case "values":
		return r.values(name)
	case "kinds":
		return r.kinds()
	case "commands":
		return r.commands()
	case "environment":
		return r.environment()
	case "topic":
		return r.topic(name)
	}
	r.t.Errorf("%s: nothing is known of %q", r.page, from)
	return ""
}

// complete checks that each type that a record has is shown somewhere.
func (r *referenceWriter) complete() {
	for _, name := range slices.Compact(slices.Sorted(slices.Values(r.linked))) {
		if r.shown[name] == (place{}) {
			r.t.Errorf("%s is part of a record and has no table", name)
		}
	}
	for _, name := range []string{"pawl.RunRecord", "pawl.RunSummary", "pawl.InboxItem", "pawl.Event", "pawl.PlannedStep"} {
		if r.shown[name] == (place{}) {
			r.t.Errorf("%s has no table", name)
		}
	}
}

package housetest_test

import (
	"flag"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/drawing"
	"github.com/pawlrun/pawl/internal/shape"
)

var update = flag.Bool("update", false, "write the pictures in pages anew")

// picture is one in a page: behind its mark, which says of what it is.
var picture = regexp.MustCompile("(?s)<!-- picture: (.+?) -->\n```mermaid\n(.*?)```")

// The picture in each flow's page, and in each pattern's, is what its code says today.
func TestPicturesOfPages(t *testing.T) {
	for dir, some := range folders {
		checkPictures(t, path.Join("../..", dir, "README.md"), some[0].Name())
	}
	patterns, err := filepath.Glob("../../../docs/patterns/*.md")
	if err != nil || len(patterns) == 0 {
		t.Fatal(patterns, err)
	}
	for _, page := range patterns {
		if path.Base(page) != "README.md" {
			checkPictures(t, page, "")
		}
	}
}

// checkPictures checks that a page has the pictures that it says it has: at least one, and the
// first of the flow with that name, if one is given.
func checkPictures(t *testing.T, page, first string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	found := picture.FindAllStringSubmatch(string(text), -1)
	if len(found) == 0 || first != "" && found[0][1] != first {
		t.Errorf("%s has no picture of %s: <!-- picture: NAME -->, and a block of mermaid behind it", page, first)
	}
	if strings.Count(string(text), "```mermaid") != len(found) {
		t.Errorf("%s has a block of mermaid without <!-- picture: NAME --> before it", page)
	}
	for _, f := range found {
		switch want := drawn(t, f[1]); {
		case want == f[2]:
		case *update:
			whole := strings.Replace(f[0], "```mermaid\n"+f[2], "```mermaid\n"+want, 1)
			text = []byte(strings.Replace(string(text), f[0], whole, 1))
			if err := os.WriteFile(page, text, 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s: the picture of %s is otherwise; go test ./flows/internal/housetest -update writes it anew:\n%s", page, f[1], cmp.Diff(f[2], want))
		}
	}
}

// drawn draws a built-in flow by its name, or what pawl new begins with, "pattern refine".
func drawn(t *testing.T, what string) string {
	t.Helper()
	if name, ok := strings.CutPrefix(what, "pattern "); ok {
		dir := path.Join("../../../internal/skeleton", strings.ReplaceAll(name, "-", ""))
		if s := shape.OfSource(pawl.FlowInfo{Name: "myflow", Sources: os.DirFS(dir)}, nil); s != nil {
			return drawing.Mermaid(s)
		}
		t.Fatalf("no flow in %s", dir)
	}
	s := shapes()[what]
	if s == nil {
		t.Fatalf("no flow is called %s", what)
	}
	return drawing.Mermaid(s)
}

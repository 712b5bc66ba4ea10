package schema_test

import (
	"testing"

	"github.com/pawlrun/pawl/schema"
)

func TestNearest(t *testing.T) {
	names := []string{"article", "blog", "run", "runs", "resume"}
	for name, want := range map[string]string{
		"artcle": "article", "Blog": "blog", "bolg": "blog", "resum": "resume",
		"poem": "", "": "", "something-else": "",
	} {
		if got := schema.Nearest(name, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

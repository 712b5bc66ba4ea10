package schema

import (
	"strings"
	"testing"
)

type bounded struct {
	Title string   `json:"title"`
	Tags  []string `json:"tags" pawl:"items=2..8"`
	Plan  struct {
		Sections []string `json:"sections"`
	} `json:"plan"`
}

func TestWithItems(t *testing.T) {
	s, err := For[bounded]()
	if err != nil {
		t.Fatal(err)
	}
	before := string(s.JSON())
	nested, err := s.WithItems("plan.sections", 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	strict, err := nested.Strict()
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{string(nested.JSON()), string(strict)} {
		if !strings.Contains(form, `"minItems":3,"maxItems":5`) {
			t.Error(form)
		}
	}
	if _, err := nested.Check([]byte(`{"title":"t","tags":["a","b"],"plan":{"sections":["a"]}}`)); err == nil || !strings.Contains(err.Error(), "3 to 5") {
		t.Errorf("one section: %v", err)
	}
	if string(s.JSON()) != before {
		t.Error("the schema itself has changed")
	}

	both, err := s.WithItems("tags", 1, 4)
	if err != nil {
		t.Fatal(err)
	}
	if form := string(both.JSON()); !strings.Contains(form, `"minItems":2,"maxItems":4`) {
		t.Errorf("the type's own bound is gone: %s", form)
	}
	for path, want := range map[string]string{
		"title": "title of schema.bounded: is string, wants a list", "plan": "wants a list", "plan.parts": `no field "parts"`, "": `no field ""`, "tags.x": `no field "x"`,
	} {
		if _, err := s.WithItems(path, 1, 4); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", path, err)
		}
	}
	for _, c := range [][2]int{{-1, 4}, {5, 4}, {0, 1}, {9, 20}} {
		if _, err := s.WithItems("tags", c[0], c[1]); err == nil {
			t.Errorf("%v is taken", c)
		}
	}
}

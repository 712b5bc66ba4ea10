package cli

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
)

type wide struct {
	Model  string            `json:"model" jsonschema:"The car's model"`
	JSON   string            `json:"json" pawl:"default=none"`
	Size   string            `json:"size" pawl:"enum=small|large,default=small"`
	Words  []string          `json:"words" pawl:"items=1..2"`
	Prices map[string]int    `json:"prices"`
	Hidden *int              `json:"hidden,omitempty"`
	Deep   struct{ N int64 } `json:"deep"`
}

func wideFlow() pawl.Flow {
	return pawl.New("wide", "Take all sorts.", func(_ *pawl.Run, in wide) (wide, error) { return in, nil })
}

// Fields whose names are taken get other flags, and every type can be given.
func TestEveryTypeOfField(t *testing.T) {
	c := newCommand(t, wideFlow())
	stdout, _ := c.ok("run", "wide", "--input-model", "T", "--input-json", "no", "--size", "large",
		"--words", `["a","b"]`, "--prices", `{"x":9007199254740993}`, "--hidden", "3", "--deep", `{"N":1}`, "--quiet", "--model", "offline")
	want := `{"model":"T","json":"no","size":"large","words":["a","b"],"prices":{"x":9007199254740993},"hidden":3,"deep":{"N":1}}`
	if got := form.Compact([]byte(stdout)); got != want {
		t.Errorf("output is\n%s\nwants\n%s", got, want)
	}
	code, _, stderr := c.run("run", "wide", "--size", "huge", "--words", "a", "--prices", `{"x":"y"}`, "--deep", `{"M":1}`)
	if code != 2 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		`--size is "huge", wants one of small, large`,
		`--words is "a", wants an array, such as '["a","b"]'`,
		`--prices.x is "y", wants an integer`,
		`--deep.M is not known`,
		`--input-model is missing; wants text (The car's model)`,
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, stderr)
		}
	}
	code, _, stderr = c.run("run", "wide", "--words", `["a"]`, "--words", `["b"]`)
	if code != 2 || !strings.Contains(stderr, `--words is given more than once; give it once, with all of it: '["a","b"]'`) {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	help, _ := c.ok("run", "wide", "--help")
	for _, want := range []string{"--input-model text", "--size small|large", "--words json", `as in '["a","b"]' (1 to 2 items; required)`, `default "small"`} {
		if !strings.Contains(help, want) {
			t.Errorf("help lacks %q:\n%s", want, help)
		}
	}
}

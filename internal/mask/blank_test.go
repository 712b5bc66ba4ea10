package mask_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/schema"
)

// Asterisks are refused where a value was hidden, wherever an edit may have put it, and
// nowhere else.
func TestBlank(t *testing.T) {
	const was, shown = `{"name":"***","note":"see ***","pin":"1234","cards":[{"no":"4111","by":"Ada"},{"no":"***","by":"Eve"}],"tags":{"a":"secret"},"whole":{"x":"long"}}`,
		`{"name":"***","note":"see ***","pin":"***","cards":[{"no":"***","by":"Ada"},{"no":"***","by":"Eve"}],"tags":{"a":"***"},"whole":"***"}`
	for given, want := range map[string]string{
		was:                              "",
		shown:                            "cards[0].no pin tags.a whole",
		`{"name":"***, too"}`:            "",
		`{"note":"*** and ***"}`:         "",
		`{"pin":"5678"}`:                 "",
		`{"pin":"is ***"}`:               "pin",
		`{"cards":[{"by":"***"}]}`:       "",
		`{"cards":[{},{"no":"***"}]}`:    "",
		`{"cards":[{"no":"***","x":1}]}`: "cards[0].no",
		`{"cards":[{},{},{"no":"***"}]}`: "cards[2].no",
		`{"cards":"***"}`:                "cards",
		`{"cards":{"no":"***"}}`:         "cards.no",
		`{"tags":{"b":"***"}}`:           "tags.b",
		`{"other":{"deep":["***"]}}`:     "other.deep[0]",
		`{"whole":{"x":"***","y":"n"}}`:  "whole.x",
		`{"whole":["***"]}`:              "whole[0]",
		`["***"`:                         "",
	} {
		err := mask.Blank(json.RawMessage(was), json.RawMessage(shown), json.RawMessage(given))
		var bad *schema.CheckError
		paths := []string{}
		if errors.As(err, &bad) {
			for _, p := range bad.Problems {
				paths = append(paths, p.Path)
			}
		}
		if strings.Join(paths, " ") != want || (err != nil) != (len(paths) > 0) {
			t.Errorf("%s is refused at %q, want %q", given, paths, want)
		}
	}
	if err := mask.Blank([]byte(`"a"`), []byte(`"a"`), []byte(`"***"`)); err != nil {
		t.Errorf("where nothing is hidden: %v", err)
	}
	if mask.Blank([]byte(`"a"`), []byte(`"***"`), []byte(`"***"`)) == nil {
		t.Error("a whole value is not refused")
	}
}

package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTexts(t *testing.T) {
	raw := []byte(`{"b": "one", "a": ["two", 12345678901234567890, {"c": "\u0074hree", "d": null}], "e": true}`)
	if d := cmp.Diff([]string{"one", "two", "three"}, Texts(raw)); d != "" {
		t.Error(d)
	}
	got, err := MapTexts(raw, func(s string) string { return "<" + s + "\">" })
	want := `{"b":"<one\">","a":["<two\">",12345678901234567890,{"c":"<three\">","d":null}],"e":true}`
	if string(got) != want || err != nil {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if got := Texts([]byte(`{"a":"x"`)); got != nil {
		t.Error(got)
	}
	if _, err := MapTexts([]byte(`{"a":"x"`), strings.ToUpper); err == nil || !strings.HasPrefix(err.Error(), "is not JSON: ") {
		t.Error(err)
	}
}

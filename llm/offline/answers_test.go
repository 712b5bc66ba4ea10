package offline_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

// files are those that a model may read.
func files(all map[string]string) offline.Model {
	m := fstest.MapFS{}
	for name, text := range all {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return offline.Model{ReadFile: func(name string) ([]byte, error) { return fs.ReadFile(m, name) }}
}

func TestAnswersOfAFile(t *testing.T) {
	m := files(map[string]string{"a b.json": `{
		"route": ["{", {"to": "refund",
			"sure": true}],
		"items[0]/rate#2": [4.50, null, ""],
		"none": []
	}`})
	for _, c := range []struct {
		options, key string
		attempt      int
		want         string
	}{
		{"", "route", 1, "{"},
		{"", "route", 2, `{"to":"refund","sure":true}`},
		{"", "items[0]/rate#2", 0, "4.50"}, // left unset: the first
		{"", "items[0]/rate#2", 1, "4.50"},
		{"", "items[0]/rate#2", 2, "null"},
		{"", "items[0]/rate#2", 3, ""},
		{"&fail=1&malformed=1", "route", 3, "{"},
		{"&fail=1&malformed=1", "route", 4, `{"to":"refund","sure":true}`},
	} {
		for range 2 { // same file, same answers
			req := llm.Request{Model: "?answers=a%20b.json" + c.options, Messages: []llm.Message{llm.User("Say hello.")}, Meta: llm.Meta{Key: c.key, Attempt: c.attempt}}
			got, err := m.Generate(t.Context(), req, nil)
			if err != nil || got.Text != c.want {
				t.Errorf("attempt %d of %s%s: %q, %v, want %q", c.attempt, c.key, c.options, got.Text, err, c.want)
			}
		}
	}
}

func TestWhereAFileSaysNothingTheStandInAnswers(t *testing.T) {
	m := files(map[string]string{"a.json": `{"route": ["x"], "none": []}`})
	req := llm.Request{Messages: []llm.Message{llm.User("Write about tides.")}}
	plain, err := m.Generate(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Model = "?answers=a.json"
	for key, attempt := range map[string]int{"route": 2, "none": 1, "other": 1, "rout": 1} {
		req.Meta = llm.Meta{Key: key, Attempt: attempt}
		if got, err := m.Generate(t.Context(), req, nil); err != nil || got.Text != plain.Text {
			t.Errorf("attempt %d of %s: %q, %v, want %q", attempt, key, got.Text, err, plain.Text)
		}
	}
	req.Model += "&malformed=1"
	req.Meta = llm.Meta{Key: "route", Attempt: 1}
	if got, err := m.Generate(t.Context(), req, nil); err != nil || got.Text != "" {
		t.Errorf("a malformed attempt answers %q, %v", got.Text, err)
	}
}

func TestBadFilesOfAnswers(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "is not JSON: nothing there",
		"{\n \"a\": [1,]}":            "line 2",
		`["a"]`:                       "wants a JSON object",
		`{"a": "b"}`:                  `step "a": wants a list of answers`,
		`{"a": {"b": 1}}`:             `step "a": wants a list of answers`,
		`{"a": null}`:                 `step "a": wants a list of answers`,
		`{"a": [], "b": [1], "a":[]}`: `step "a": is there twice`,
	} {
		m := files(map[string]string{"a.json": text})
		err := m.CheckModel("?answers=a.json")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `answers="a.json"`) {
			t.Errorf("%s: CheckModel = %v, want %q", text, err, want)
		}
		_, err = m.Generate(t.Context(), llm.Request{Model: "?answers=a.json"}, nil)
		if llm.KindOf(err) != llm.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Generate = %v, want %q", text, err, want)
		}
	}
	for _, c := range []struct {
		m    offline.Model
		name string
		want string
	}{
		{files(nil), "?answers=no.json", `offline option answers="no.json": file does not exist`},
		{files(nil), "?answers=", "answers is empty: want a file"},
		{offline.Model{}, "?answers=a.json", "this program reads no files"},
		{offline.Model{ReadFile: os.ReadFile}, "?answers=testdata", `answers="testdata": `},
		{offline.Model{ReadFile: func(string) ([]byte, error) { return nil, errors.New("not today") }}, "?answers=a.json", "not today"},
	} {
		if err := c.m.CheckModel(c.name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("CheckModel(%q) = %v, want %q", c.name, err, c.want)
		}
	}
}

package form

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/schema"
)

type setTarget struct {
	Title string         `json:"title"`
	Count int            `json:"count"`
	Big   int64          `json:"big"`
	On    bool           `json:"on"`
	Maybe *string        `json:"maybe"`
	Tags  []string       `json:"tags"`
	Parts []setPartOf    `json:"parts"`
	Table map[string]int `json:"table"`
}

type setPartOf struct {
	Name  string `json:"name"`
	Words int    `json:"words"`
}

const setStart = `{"title":"Tides","count":1,"big":9007199254740993,"on":false,"maybe":null,"tags":["a"],"parts":[{"name":"One","words":9007199254740993}],"table":{"x":1}}`

func TestSetPath(t *testing.T) {
	s, err := schema.For[setTarget]()
	if err != nil {
		t.Fatal(err)
	}
	for set, want := range map[string]string{
		"title=Moon":                      `"title":"Moon"`,
		"title=":                          `"title":""`,
		"title=a=b":                       `"title":"a=b"`,
		"title=5":                         `"title":"5"`,
		`title="5"`:                       `"title":"5"`,
		"title=null":                      `"title":"null"`,
		"title=[1]":                       `"title":"[1]"`,
		"count=5":                         `"count":5`,
		"count=five":                      `"count":"five"`, // the schema complains
		"on=true":                         `"on":true`,
		"maybe=null":                      `"maybe":null`,
		"maybe=x":                         `"maybe":"x"`,
		`tags=["x","y"]`:                  `"tags":["x","y"]`,
		"tags[0]=5":                       `"tags":["5"]`,
		"tags[1]=b":                       `"tags":["a","b"]`,
		"parts[0].words=3":                `"parts":[{"name":"One","words":3}]`,
		"parts[0].name=Two":               `"words":9007199254740993`,
		"parts[1].name=Two":               `{"name":"Two"}`,
		`parts[1]={"name":"N","words":1}`: `{"name":"N","words":1}`,
		"table.y=2":                       `"table":{"x":1,"y":2}`,
		"title.x=1":                       "!title is a text and has no field",
		"tilte=x":                         `!the value has no field "tilte"; did you mean "title"? fields are title, count`,
		"parts[0].word=1":                 `!parts[0] has no field "word"; did you mean "parts[0].words"? fields are name, words`,
		"parts[2].words=1":                "!parts has 1 element; [1] adds one",
		"title[0]=x":                      "!title is a text and has no elements",
		"[0]=x":                           "!the value is an object and has no elements",
		"parts[-1].words=1":               "!wants the number of an element",
		"parts[x].words=1":                "!wants the number of an element",
		"parts[0.words=1":                 "!wants the number of an element",
		"=x":                              "!wants PATH=VALUE",
		"title":                           "!wants PATH=VALUE",
		".title=x":                        "!has a dot without a name",
		"parts..name=x":                   "!has a dot without a name",
	} {
		got, err := setPath(s.Root(), json.RawMessage(setStart), set)
		complaint, wrong := strings.CutPrefix(want, "!")
		switch {
		case wrong && (err == nil || !strings.Contains(err.Error(), complaint)):
			t.Errorf("--set %s: %s, %v; wants an error with %q", set, got, err, complaint)
		case !wrong && (err != nil || !strings.Contains(string(got), want) || !strings.Contains(string(got), `"big":9007199254740993`)):
			t.Errorf("--set %s: %s, %v; wants %s", set, got, err, want)
		}
	}
}

// Without a shape anything may be added, and what looks like JSON is JSON.
func TestSetPathWithoutShape(t *testing.T) {
	for set, want := range map[string]string{
		"a.b[0].c=1": `{"a":{"b":[{"c":1}]},"n":1}`, "n=x": `{"n":"x"}`, "m=true": `{"m":true,"n":1}`,
	} {
		if got, err := setPath(nil, json.RawMessage(`{"n":1}`), set); err != nil || string(got) != want {
			t.Errorf("--set %s: %s, %v; wants %s", set, got, err, want)
		}
	}
}

package housetest

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"

	"github.com/pawlrun/pawl"
)

// format finds words that dictate how an answer is encoded.
var format = regexp.MustCompile("(?i)\\b(json|ya?ml|xml|html|csv|toml|object|array|key-value|fenced?|code block|field|string|boolean|schema|respond with|reply with|output format)s?\\b|```|[{}]\"")

// action finds template actions.
var action = regexp.MustCompile(`\{\{.*?\}\}`)

// NoFormatButTheSchema checks that no prompt of a flow dictates a format other
// than the schema of its answer. The prompts in markdown, whose answer is text
// with headings, may ask for that.
func NoFormatButTheSchema(t *testing.T, f pawl.Flow, markdown ...string) {
	t.Helper()
	mayAsk := map[string]bool{}
	for _, name := range markdown {
		mayAsk[name] = true
	}
	prompts := f.Describe().Prompts
	if len(prompts) == 0 {
		t.Fatalf("%s lists no prompts", f.Name())
	}
	for _, p := range prompts {
		text := action.ReplaceAllString(p.Text, "")
		if found := format.FindString(text); found != "" {
			t.Errorf("prompt %s of %s says %q", p.Name, f.Name(), found)
		}
		asks := regexp.MustCompile(`(?i)markdown`).MatchString(text)
		if asks && (!mayAsk[p.Name] || p.Answer != nil) {
			t.Errorf("prompt %s of %s asks for Markdown", p.Name, f.Name())
		}
	}
}

// Described checks that every field of a flow's input, output and answers has a
// description, and that its example is an input, also to a standard validator.
func Described(t *testing.T, f pawl.Flow) {
	t.Helper()
	info := f.Describe()
	if raw, err := f.CheckInput(info.Example); err != nil || !bytes.Equal(raw, info.Example) {
		t.Errorf("the example of %s, %s, is checked as %s, %v", f.Name(), info.Example, raw, err)
	}
	described(t, "input", info.Input.JSON())
	described(t, "output", info.Output.JSON())
	for _, p := range info.Prompts {
		if p.Answer != nil {
			described(t, "answer of "+p.Name, p.Answer.JSON())
		}
	}
}

type node struct {
	Description string          `json:"description"`
	Properties  map[string]node `json:"properties"`
	Items       *node           `json:"items"`
}

func described(t *testing.T, what string, raw json.RawMessage) {
	t.Helper()
	var root node
	if err := json.Unmarshal(raw, &root); err != nil {
		t.Fatalf("schema of %s: %v", what, err)
	}
	if len(root.Properties) == 0 {
		t.Errorf("schema of %s has no properties", what)
	}
	root.walk(func(name string, n node) {
		if n.Description == "" {
			t.Errorf("%s: %s has no description", what, name)
		}
	}, "")
}

func (n node) walk(fn func(string, node), at string) {
	for name, p := range n.Properties {
		fn(at+name, p)
		p.walk(fn, at+name+".")
	}
	if n.Items != nil {
		n.Items.walk(fn, at)
	}
}

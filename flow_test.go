package pawl_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
)

type order struct {
	Item  string `json:"item" pawl:"len=1..20"`
	Count int    `json:"count" pawl:"default=2,min=1"`
	Kind  string `json:"kind,omitempty" pawl:"enum=new|used"`
}

func (o order) Validate() error {
	if o.Item == "nothing" {
		return errors.New("item: nothing cannot be ordered")
	}
	return nil
}

type receipt struct {
	Total int `json:"total" pawl:"min=0"`
}

func (r *receipt) Validate() error {
	if r.Total == 13 {
		return errors.New("total is 13")
	}
	return nil
}

func (r *receipt) Markdown() string { return fmt.Sprintf("**%d**", r.Total) }

type page struct {
	Text string `json:"text"`
}

func (p page) Markdown() string { return p.Text }

func bill(_ *pawl.Run, o order) (receipt, error) { return receipt{o.Count}, nil }

// returns makes a flow that returns a value or an error.
func returns[Out any](v Out, err error) *pawl.FlowOf[struct{}, Out] {
	return pawl.New("flow", "Returns.", func(*pawl.Run, struct{}) (Out, error) { return v, err })
}

func panics(fn func()) (message string) {
	defer func() { message = fmt.Sprint(recover()) }()
	fn()
	return ""
}

func TestNewRefuses(t *testing.T) {
	type in = struct{}
	nothing := func(*pawl.Run, in) (string, error) { return "", nil }
	for _, c := range []struct {
		want string
		fn   func()
	}{
		{`pawl.New(""): name "" must have 1 to 64 characters`, func() { pawl.New("", "P.", nothing) }},
		{`pawl.New("my flow"): name "my flow" has the character ' '; names are made of a-z A-Z 0-9 . _ -`, func() { pawl.New("my flow", "P.", nothing) }},
		{`pawl.New("-x"): name "-x" cannot be a word of a command line, or the name of a file; begin it with a letter`, func() { pawl.New("-x", "P.", nothing) }},
		{`pawl.New(".."): name ".." cannot be a word of a command line, or the name of a file; begin it with a letter`, func() { pawl.New("..", "P.", nothing) }},
		{`pawl.New("a/b"): name "a/b" has the character '/'; names are made of a-z A-Z 0-9 . _ -`, func() { pawl.New("a/b", "P.", nothing) }},
		{`pawl.New("x"): purpose and function are required`, func() { pawl.New("x", "", nothing) }},
		{`pawl.New("x"): purpose and function are required`, func() { pawl.New[in, string]("x", "P.", nil) }},
		{`pawl.New("x"): input string is not a struct`, func() { pawl.New("x", "P.", func(*pawl.Run, string) (string, error) { return "", nil }) }},
		{`pawl.New("x"): input: schema of struct { C chan int }: field C: chan int has no form in JSON; leave the field out with ` + "`json:\"-\"`",
			func() { pawl.New("x", "P.", func(*pawl.Run, struct{ C chan int }) (string, error) { return "", nil }) }},
		{`pawl.New("x"): output: schema of struct { F func() }: field F: func() has no form in JSON; leave the field out with ` + "`json:\"-\"`",
			func() { pawl.New("x", "P.", func(*pawl.Run, in) (struct{ F func() }, error) { panic("never") }) }},
		{`pawl.New("x"): example: input of x: item: has 0 characters, wants 1 to 20`, func() { pawl.New("x", "P.", bill, pawl.Example(order{Count: 1, Kind: "new"})) }},
		{`pawl.New("x"): example: input of x: item: nothing cannot be ordered`, func() { pawl.New("x", "P.", bill, pawl.Example(order{Item: "nothing", Count: 1, Kind: "new"})) }},
	} {
		if got := panics(c.fn); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if got := panics(func() { pawl.Example(struct{ C chan int }{}) }); !strings.HasPrefix(got, "pawl.Example(struct { C chan int }): ") {
		t.Error(got)
	}
}

func TestCheckInput(t *testing.T) {
	f := pawl.New("bill", "Bills.", bill)
	for _, c := range []struct {
		in   string
		want string   // the checked input
		says []string // or parts of the message
	}{
		{in: `{"item":"pen"}`, want: `{"item":"pen","count":2}`},
		{in: ` {"count":3, "item":"pen", "kind":"used"}`, want: `{"count":3,"item":"pen","kind":"used"}`},
		{in: `{}`, says: []string{"item"}},
		{in: ``, says: []string{"input of bill"}},
		{in: `{"item":`, says: []string{"input of bill"}},
		{in: `[]`, says: []string{"input of bill"}},
		{in: `null`, says: []string{"input of bill"}},
		{in: `{"item":"pen","count":0}`, says: []string{"count", "at least 1"}},
		{in: `{"item":"pen","count":99999999999999999999}`, says: []string{"count"}},
		{in: `{"item":"pen","itme":1}`, says: []string{"itme", "item"}},
		{in: `{"item":5,"count":"x","kind":"old","more":1}`, says: []string{"item", "count", "kind", "more"}},
		{in: `{"item":"nothing"}`, says: []string{"nothing cannot be ordered"}},
	} {
		got, err := f.CheckInput(json.RawMessage(c.in))
		if c.says == nil {
			if err != nil || string(got) != c.want {
				t.Errorf("%s: got %s, %v", c.in, got, err)
			}
			continue
		}
		if !errors.Is(err, pawl.ErrInput) || got != nil {
			t.Errorf("%s: got %s, %v", c.in, got, err)
			continue
		}
		for _, part := range append(c.says, "input of bill: ") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", c.in, err, part)
			}
		}
	}
}

func TestDescribe(t *testing.T) {
	p, _ := load[string, answer](user("{{.}}"))
	info := pawl.New("bill", "Bills.", bill, pawl.Prompts(p), pawl.Example(order{Item: "pen", Count: 1, Kind: "new"})).Describe()
	if info.Name != "bill" || info.Purpose != "Bills." || string(info.Example) != `{"item":"pen","count":1,"kind":"new"}` || len(info.Prompts) != 1 {
		t.Errorf("%+v", info)
	}
	if d := cmp.Diff(pawl.PromptInfo{Name: "x", Purpose: "Trying", Text: user("{{.}}")}, info.Prompts[0], cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Answer" }, cmp.Ignore())); d != "" {
		t.Error(d)
	}
	if got := string(pawl.New("bill", "Bills.", bill).Describe().Example); got != "null" {
		t.Error(got)
	}
}

func TestInvoke(t *testing.T) {
	big := errors.New("too big")
	for _, c := range []struct {
		name string
		f    pawl.Flow
		want string
		err  string
	}{
		{"value", returns(page{"x<y"}, nil), `{"text":"x<y"}`, ""},
		{"text", returns("x", nil), `"x"`, ""},
		{"nil list", returns([]string(nil), nil), `[]`, ""},
		{"error", returns(page{}, big), "", "too big"},
		{"not its schema", returns(receipt{-1}, nil), "", "output of flow: total"},
		{"not its own check", returns(receipt{13}, nil), "", "output of flow: total is 13"},
		{"not its own check, behind a pointer", returns(&receipt{13}, nil), "", "output of flow: total is 13"},
	} {
		got, err := c.f.Invoke(fakeHost{}, json.RawMessage(`{}`))
		switch {
		case c.err == "" && (err != nil || string(got) != c.want):
			t.Errorf("%s: got %s, %v", c.name, got, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err) || got != nil):
			t.Errorf("%s: got %s, %v", c.name, got, err)
		}
	}
	if _, err := returns("", big).Invoke(fakeHost{}, json.RawMessage(`{}`)); !errors.Is(err, big) {
		t.Error(err)
	}
	if _, err := returns("", nil).Invoke(fakeHost{}, json.RawMessage(`[`)); err == nil || !strings.Contains(err.Error(), "input of flow") {
		t.Error(err)
	}
}

// An output says itself why it is not approved; what cannot be asked says nothing.
func TestNotApproved(t *testing.T) {
	for _, c := range []struct {
		what string
		f    pawl.Flow
		raw  string
		want string
	}{
		{"method", returns(verdict(""), nil), `"2 issues"`, "2 issues"},
		{"nothing to say", returns(verdict(""), nil), `""`, ""},
		{"method of a pointer", returns(marks{}, nil), `{"worst":3}`, "worst is 3"},
		{"pointer", returns(&marks{}, nil), `{"worst":3}`, "worst is 3"},
		{"nil pointer", returns(&marks{}, nil), `null`, ""},
		{"panics", returns(marks{}, nil), `{"worst":-1}`, ""},
		{"no method", returns("", nil), `"2 issues"`, ""},
		{"another shape", returns(marks{}, nil), `[]`, ""},
	} {
		if got := c.f.(interface {
			NotApproved(json.RawMessage) string
		}).NotApproved(json.RawMessage(c.raw)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}

type verdict string

func (v verdict) NotApproved() string { return string(v) }

type marks struct {
	Worst int `json:"worst"`
}

func (m *marks) NotApproved() string {
	if m.Worst < 0 {
		panic("worst is negative")
	}
	return fmt.Sprintf("worst is %d", m.Worst)
}

func TestMarkdown(t *testing.T) {
	type name string
	for _, c := range []struct {
		what string
		f    pawl.Flow
		raw  string
		want string
		ok   bool
	}{
		{"text", returns("", nil), `"# x"`, "# x", true},
		{"a type of text", returns(name(""), nil), `"# x"`, "# x", true},
		{"method", returns(page{}, nil), `{"text":"# x"}`, "# x", true},
		{"method of a pointer", returns(receipt{}, nil), `{"total":5}`, "**5**", true},
		{"pointer", returns(&receipt{}, nil), `{"total":5}`, "**5**", true},
		{"nil pointer", returns(&receipt{}, nil), `null`, "", false},
		{"none", returns(order{}, nil), `{"item":"pen"}`, "", false},
		{"number", returns(5, nil), `5`, "", false},
		{"another shape", returns(page{}, nil), `[]`, "", false},
		{"nothing", returns(page{}, nil), ``, "", false},
	} {
		if got, ok := c.f.Markdown(json.RawMessage(c.raw)); got != c.want || ok != c.ok {
			t.Errorf("%s: got %q, %t", c.what, got, ok)
		}
	}
}

func TestFingerprint(t *testing.T) {
	prompt := func(name, text string) *pawl.Prompt[string, answer] {
		return pawl.MustPrompt[string, answer](fstest.MapFS{name: {Data: []byte(text)}}, name)
	}
	text := user("{{.}}")
	of := func(f pawl.Flow) string { return f.Describe().Fingerprint }
	first := of(pawl.New("bill", "Bills.", bill, pawl.Prompts(prompt("a.md", text))))
	// Frozen: a run that an earlier version began must not look like another flow's.
	if want := "sha256:4aeeca57e2aae569807a670edc560d790969ce2e4e65241f323bc88d2fbdd7f8"; first != want {
		t.Errorf("got %s, want %s", first, want)
	}
	other := func(_ *pawl.Run, o order) (receipt, error) { return receipt{}, errors.New("other code") }
	narrower := func(*pawl.Run, order) (struct {
		Total int8 `json:"total" pawl:"min=1"`
	}, error) {
		panic("never")
	}
	more := func(*pawl.Run, struct {
		order
		More bool `json:"more"`
	}) (receipt, error) {
		panic("never")
	}
	for _, c := range []struct {
		what string
		f    pawl.Flow
		same bool
	}{
		{"again", pawl.New("bill", "Bills.", bill, pawl.Prompts(prompt("a.md", text))), true},
		{"purpose, code and example", pawl.New("bill", "Does.", other, pawl.Prompts(prompt("a.md", text)), pawl.Example(order{Item: "pen", Count: 1, Kind: "new"})), true},
		{"folder", pawl.New("bill", "Bills.", bill, pawl.Prompts(prompt("prompts/a.md", text))), true},
		{"name", pawl.New("bills", "Bills.", bill, pawl.Prompts(prompt("a.md", text))), false},
		{"no prompt", pawl.New("bill", "Bills.", bill), false},
		{"a prompt's name", pawl.New("bill", "Bills.", bill, pawl.Prompts(prompt("b.md", text))), false},
		{"a prompt's text", pawl.New("bill", "Bills.", bill, pawl.Prompts(prompt("a.md", text+"."))), false},
		{"a prompt's header", pawl.New("bill", "Bills.", bill, pawl.Prompts(prompt("a.md", "timeout: 5s\n"+text))), false},
		{"a prompt's answer", pawl.New("bill", "Bills.", bill, pawl.Prompts(pawl.MustPrompt[string, page](fstest.MapFS{"a.md": {Data: []byte("purpose: Trying\n---\n# user\n{{.}}")}}, "a.md"))), true}, // page has answer's schema
		{"a prompt's answer is text", pawl.New("bill", "Bills.", bill, pawl.Prompts(pawl.MustPrompt[string, string](fstest.MapFS{"a.md": {Data: []byte(text)}}, "a.md"))), false},
		{"a second prompt", pawl.New("bill", "Bills.", bill, pawl.Prompts(prompt("a.md", text), prompt("b.md", text))), false},
		{"output", pawl.New("bill", "Bills.", narrower, pawl.Prompts(prompt("a.md", text))), false},
		{"input", pawl.New("bill", "Bills.", more, pawl.Prompts(prompt("a.md", text))), false},
	} {
		if got := of(c.f); (got == first) != c.same {
			t.Errorf("%s: got %s, first was %s", c.what, got, first)
		}
	}
}

// unruly is an input and an output whose methods panic.
type unruly struct {
	How string `json:"how"`
}

func (u *unruly) Validate() error {
	if u.How == "panic" {
		panic("in Validate")
	}
	if u.How == "nil" {
		return (*pawl.Error)(nil)
	}
	return nil
}

func (u unruly) Markdown() string { panic("in Markdown") }

// TestMethodsThatPanic: a type's methods are called where no flow code is executed, too. A
// panic of theirs is an error of the input, and no form for people.
func TestMethodsThatPanic(t *testing.T) {
	f := pawl.New("unruly", "Has unruly types.", func(*pawl.Run, unruly) (unruly, error) { return unruly{}, nil })
	for how, says := range map[string]string{"panic": "Validate panicked: in Validate (flow_test.go:", "nil": "a *pawl.Error that is nil"} {
		_, err := f.CheckInput([]byte(`{"how":"` + how + `"}`))
		if !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", how, err)
		}
	}
	if text, ok := f.Markdown([]byte(`{"how":"x"}`)); ok || text != "" {
		t.Errorf("Markdown gives %q", text)
	}
}

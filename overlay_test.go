package pawl_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// heard is a model that keeps what it was asked, by run and step.
type heard struct {
	mu       sync.Mutex
	requests map[string]llm.Request
}

func (h *heard) Generate(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests[req.Meta.Run+" "+req.Meta.Key] = req
	return llm.Response{Text: "well"}, nil
}

func (h *heard) asked(run pawl.RunID, key string) llm.Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests[string(run)+" "+key]
}

type say struct {
	Word string
}

var sayFiles = fstest.MapFS{
	"say.md":    {Data: []byte("purpose: Saying\nmax_tokens: 10\n---\n# user\nbuilt in: {{.Word}}")},
	"secret.md": {Data: []byte("purpose: Whispering\n---\n# user\nunlisted: {{.Word}}")},
}

var (
	sayP    = pawl.MustPrompt[say, string](sayFiles, "say.md")
	secretP = pawl.MustPrompt[say, string](sayFiles, "secret.md")
)

func sayIn(name, word string) func(*pawl.Run) error {
	return func(r *pawl.Run) error { pawl.Ask(r, name, sayP.With(say{word})); return nil }
}

var calledFlow = pawl.New("called", "Is called.", func(r *pawl.Run, _ struct{}) (string, error) {
	return pawl.Ask(r, "say", sayP.With(say{"called"})), nil
}, pawl.Prompts(sayP))

// branchy asks in every sort of branch.
var branchy = pawl.New("branchy", "Asks everywhere.", func(r *pawl.Run, _ struct{}) (string, error) {
	pawl.Ask(r, "root", sayP.With(say{"root"}))
	pawl.Ask(r, "own", sayP.With(say{"own"}).MaxTokens(99))
	pawl.Ask(r, "unlisted", secretP.With(say{"unlisted"}))
	pawl.Map(r, "map", []int{0, 1}, func(r *pawl.Run, _ int) (int, error) {
		pawl.Parallel(r, "inner", pawl.Go("a", sayIn("say", "deep")))
		return 0, nil
	})
	pawl.TryMap(r, "try", []int{0}, func(r *pawl.Run, _ int) (int, error) { return 0, sayIn("say", "try")(r) })
	pawl.Parallel(r, "both", pawl.Go("a", sayIn("say", "a")), pawl.Go("b", sayIn("say", "b")))
	if _, err := pawl.TryAsk(r, "tried", sayP.With(say{"tried"})); err != nil {
		return "", err
	}
	return pawl.Call(r, "call", calledFlow, struct{}{}), nil
}, pawl.Prompts(sayP))

// sayKeys are the steps of branchy that ask with its listed prompt.
var sayKeys = []string{"root", "own", "map[0]/inner/a/say", "map[1]/inner/a/say", "try[0]/say", "both/a/say", "both/b/say", "tried"}

// overlay returns files as FLOW/NAME.md.
func overlay(files ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return fsys
}

const otherSay = "purpose: Saying otherwise\nmax_tokens: 20\n---\n# system\nBe brief.\n# user\nother: {{.Word}}"

// A replacement is asked in every branch, of one flow's runs alone, whatever
// runs beside them; a flow that is called keeps its prompts.
func TestWithPromptsInAllBranches(t *testing.T) {
	other, err := branchy.WithPrompts(overlay("branchy/say.md", otherSay, "called/say.md", otherSay))
	if err != nil {
		t.Fatal(err)
	}
	m := &heard{requests: map[string]llm.Request{}}
	j := journal.NewMemory()
	e := local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test"})
	flows := []pawl.Flow{branchy, other, branchy, other}
	var ids []pawl.RunID
	for _, f := range flows {
		id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	digests := map[string][]string{}
	for i, id := range ids {
		for _, err := range e.Events(t.Context(), id, 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
		rec, err := e.Get(t.Context(), id)
		if err != nil || rec.Status != pawl.StatusDone {
			t.Fatalf("run %d is %s: %s %v", i, rec.Status, rec.Reason, err)
		}
		want, limit, purpose := "built in: ", 10, "Saying"
		if flows[i] == other {
			want, limit, purpose = "other: ", 20, "Saying otherwise"
		}
		for _, s := range rec.Steps {
			if s.Kind.Scope() {
				continue
			}
			key := string(s.Key)
			digests[key] = append(digests[key], s.Digest)
			req := m.asked(id, key)
			text := req.Messages[len(req.Messages)-1].Text()
			if !slices.Contains(sayKeys, key) {
				if strings.HasPrefix(text, "other") {
					t.Errorf("run %d: step %s was asked %q", i, key, text)
				}
				continue
			}
			max := limit
			if key == "own" { // the flow's word stands above any header's
				max = 99
			}
			if !strings.HasPrefix(text, want) || req.MaxTokens != max || s.Purpose != purpose {
				t.Errorf("run %d: step %s (%s) was asked %q with %d tokens, wants %q and %d", i, key, s.Purpose, text, req.MaxTokens, want, max)
			}
		}
	}
	for key, d := range digests {
		if len(d) != 4 || d[0] != d[2] || d[1] != d[3] || (d[0] != d[1]) != slices.Contains(sayKeys, key) {
			t.Errorf("digests of %s: %q", key, d)
		}
	}
	if len(digests) != len(sayKeys)+2 {
		t.Errorf("steps %v", digests)
	}
	if err := errors.Join(e.Close(context.Background()), j.Close()); err != nil {
		t.Error(err)
	}
}

func TestWithPromptsDescribes(t *testing.T) {
	before := branchy.Describe()
	same, err := branchy.WithPrompts(overlay("branchy/say.md", before.Prompts[0].Text))
	if err != nil || same.Describe().Fingerprint != before.Fingerprint {
		t.Errorf("the prompt itself changes the fingerprint: %v", err)
	}
	other, err := branchy.WithPrompts(overlay("branchy/say.md", otherSay, "branchy/.say.md.swp", "x"))
	if err != nil {
		t.Fatal(err)
	}
	info := other.Describe()
	if p := info.Prompts[0]; p.Text != otherSay || p.Purpose != "Saying otherwise" || p.Name != "say" || info.Fingerprint == before.Fingerprint || other.Name() != "branchy" {
		t.Errorf("it is described as %+v", info)
	}
	if branchy.Describe().Prompts[0].Text != before.Prompts[0].Text || branchy.Describe().Fingerprint != before.Fingerprint {
		t.Error("the flow itself has changed")
	}
	// Replacements of replacements count from the flow's own prompts.
	back, err := other.(*pawl.FlowOf[struct{}, string]).WithPrompts(overlay("branchy/say.md", before.Prompts[0].Text))
	if err != nil || back.Describe().Fingerprint != before.Fingerprint {
		t.Errorf("back to the first prompt: %v", err)
	}
	if other.Describe().Fingerprint != info.Fingerprint {
		t.Error("a copy's copy has changed it")
	}
}

func TestWithPromptsRefuses(t *testing.T) {
	header := "purpose: P\n---\n"
	for _, tt := range []struct{ name, file, text, want string }{
		{"field", "branchy/say.md", header + "# user\n\n{{.Word}}\n{{.Wrod}}", `prompt "branchy/say.md": line 6: `},
		{"unused", "branchy/say.md", header + "# user\nx", `prompt "branchy/say.md": the user part never uses {{.Word}}`},
		{"header", "branchy/say.md", "purpose: P\nmodle: x\n---\n# user\n{{.Word}}", `prompt "branchy/say.md": line 2: unknown key "modle"; did you mean model?`},
		{"system", "branchy/say.md", header + "# system\n{{.Word}}\n# user\n{{.Word}}", `prompt "branchy/say.md": line 4: the system part has a template action`},
		{"syntax", "branchy/say.md", header + "# user\n{{.Word", `prompt "branchy/say.md": line 4: `},
		{"near", "branchy/sya.md", otherSay, `prompt "branchy/sya.md": it is no prompt of flow branchy; did you mean "say.md"?; they are say.md`},
		{"suffix", "branchy/say.md~", otherSay, `did you mean "say.md"?`},
		{"unlisted", "branchy/secret.md", otherSay, `it is no prompt of flow branchy; they are say.md`},
		{"folder", "branchy/say.md/x", otherSay, `prompt "branchy/say.md": it is not a regular file`},
		{"other flow", "called/say.md", otherSay, `folder "branchy" with the prompts of flow branchy: file does not exist`},
		{"empty", "branchy/.keep", "", `folder "branchy" holds no prompts`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := branchy.WithPrompts(overlay(tt.file, tt.text))
			if f != nil || !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, wants %q", err, tt.want)
			}
		})
	}
	_, err := branchy.WithPrompts(overlay("branchy/say.md", "x", "branchy/b.md", "x"))
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("not every file is named: %v", err)
	}
}

// A prompt that is part of something else is replaced all the same, and one that
// is none of ours is refused.
func TestWithPromptsOfOtherTypes(t *testing.T) {
	wrapped := struct{ *pawl.Prompt[say, string] }{sayP}
	var got string
	f := pawl.New("wrap", "Wraps.", func(r *pawl.Run, _ struct{}) (string, error) {
		return pawl.Ask(r, "say", wrapped.With(say{"x"})), nil
	}, pawl.Prompts(wrapped))
	other, err := f.WithPrompts(overlay("wrap/say.md", otherSay))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Invoke(stepHost{step: func(s host.Step) { got = s.Ask.Messages[1].Text() }}, json.RawMessage(`{}`)); err != nil || got != "other: x" {
		t.Errorf("it was asked %q: %v", got, err)
	}
	f = pawl.New("wrap", "Wraps.", func(*pawl.Run, struct{}) (string, error) { return "", nil }, pawl.Prompts(foreign{}))
	if _, err := f.WithPrompts(overlay("wrap/foreign.md", otherSay)); err == nil || !strings.Contains(err.Error(), "cannot be replaced") {
		t.Errorf("error %v", err)
	}
}

type foreign struct{}

func (foreign) Info() pawl.PromptInfo { return pawl.PromptInfo{Name: "foreign", Text: "x"} }

// stepHost answers every step with a text.
type stepHost struct {
	fakeHost
	step func(host.Step)
}

func (h stepHost) Step(s host.Step) (json.RawMessage, error) {
	h.step(s)
	return json.RawMessage(`"well"`), nil
}

package pawltest_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

// variant says what of the essay is otherwise than when it was recorded.
type variant struct {
	plan     string // what its prompt begins with
	write    string // what the parts are asked for
	long     bool   // its title may be
	first    int    // at which part it begins
	count    string // name of the do
	noCount  bool
	counts   bool // by a model
	question string
	extra    bool
	ends     string
}

type planData struct{ Topic string }

type longDraft struct {
	Title string   `json:"title" pawl:"len=1..200"`
	Parts []string `json:"parts"`
}

// essay has a step of each kind: it plans, writes the parts side by side, counts, tries
// what fails, sleeps, and asks two people.
func essay(v variant) *pawl.FlowOf[topic, string] {
	files := fstest.MapFS{"plan.md": {Data: []byte("purpose: Planning\n---\n# user\n" + cmp.Or(v.plan, "Plan an essay.") + "\n\nIt is about {{.Topic}}.\n")}}
	planP, longP := pawl.MustPrompt[planData, draft](files, "plan.md"), pawl.MustPrompt[planData, longDraft](files, "plan.md")
	return pawl.New("essay", "Writes an essay.", func(r *pawl.Run, in topic) (string, error) {
		q := planP.With(planData(in)).Gate("no fog", func(d draft) error {
			if strings.Contains(d.Title, "fog") {
				return errors.New("it is about fog")
			}
			return nil
		})
		plan := draft{}
		if v.long {
			plan = draft(pawl.Ask(r, "plan", longP.With(planData(in))))
		} else {
			plan = pawl.Ask(r, "plan", q)
		}
		parts := pawl.Map(r, "parts", plan.Parts[v.first:], func(r *pawl.Run, part string) (string, error) {
			return pawl.Ask(r, "write", pawl.Messages[string]("Writing", llm.User(cmp.Or(v.write, "Write about")+" "+part+"."))), nil
		})
		switch {
		case v.counts:
			pawl.Ask(r, "count", pawl.Messages[int]("Counting", llm.User("Count.")))
		case !v.noCount:
			pawl.Do(r, cmp.Or(v.count, "count"), parts, func(_ context.Context, parts []string) (int, error) { return len(parts), nil })
		}
		if v.extra {
			pawl.Ask(r, "motto", pawl.Messages[string]("Finding a motto", llm.User("A motto.")))
		}
		_, err := pawl.TryDo(r, "risky", "", func(context.Context, string) (string, error) { return "", errors.New("too risky") })
		pawl.Sleep(r, "cool", 10*time.Minute)
		sent := pawl.Approve(r, "send", strings.Join(parts, " "), cmp.Or(v.question, "Send it?"), pawl.Reasons("no", "drop"), pawl.RejectAfter(20*time.Minute))
		if sent.Reason == "drop" {
			return "dropped: " + sent.Comment, nil
		}
		if err := sent.Err(); err != nil {
			return "", err
		}
		return cmp.Or(v.ends, "end") + ": " + sent.Value + " " + err.Error() + " " + pawl.Input[string](r, "name", "Whose is it?"), nil
	}, pawl.Prompts(planP))
}

var essays = pawltest.Script{
	"plan":           {draft{Title: "fog"}, draft{Title: "Tides", Parts: []string{"ebb", "flood"}}},
	"parts[0]/write": {&llm.Error{Kind: llm.Overloaded, Status: 503}, "Ebb."},
	"parts[1]/write": {"Flood."},
}

// saved runs the essay in a bubble, has people decide, and returns the exported run.
func saved(t *testing.T, decide func(*pawltest.Ran[string])) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "run.json")
	synctest.Test(t, func(t *testing.T) {
		ran := pawltest.Run(t, essay(variant{}), topic{"tides"}, essays)
		decide(ran)
		ran.Save(essay(variant{}), file)
	})
	return file
}

func approved(ran *pawltest.Ran[string]) {
	ran.Edit("send", "Ebb and flood.").Answer("name", "anna").Done()
}

// Whatever became of a run, its flow does the same against its file: at once, in a bubble
// and outside, with nobody there.
func TestReplay(t *testing.T) {
	for name, decide := range map[string]func(*pawltest.Ran[string]){
		"approved":              approved,
		"rejected":              func(ran *pawltest.Ran[string]) { ran.Reject("send", "dull", "no").Canceled() },
		"rejected with a value": func(ran *pawltest.Ran[string]) { ran.Reject("send", "dull", "drop").Done() },
		"nobody decided":        func(ran *pawltest.Ran[string]) { ran.Sleep(20 * time.Minute).Canceled() },
		"waits":                 func(ran *pawltest.Ran[string]) { ran.Waits("send") },
		"waits for the second":  func(ran *pawltest.Ran[string]) { ran.Approve("send").Waits("name") },
		"after a deploy": func(ran *pawltest.Ran[string]) {
			ran.Restart(essay(variant{})).Approve("send").Answer("name", "anna").Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := saved(t, decide)
			pawltest.Replay(t, essay(variant{}), file)
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				pawltest.Replay(t, essay(variant{}), file)
				if took := time.Since(began); took != 0 {
					t.Errorf("in a bubble %v passed", took)
				}
			})
		})
	}
}

// What people supplied, skipped and retried is taken as it is recorded.
func TestReplayAfterFailures(t *testing.T) {
	flow := pawl.New("fragile", "Fails.", func(r *pawl.Run, in topic) (string, error) {
		text := pawl.Ask(r, "say", pawl.Messages[string]("Saying", llm.User("Say "+in.Topic+".")))
		more, err := pawl.TryAsk(r, "more", pawl.Messages[string]("Saying more", llm.User("More.")))
		if err != nil {
			more = "nothing"
		}
		return text + " " + more, nil
	})
	refused := &llm.Error{Kind: llm.Refused, Message: "I would rather not."}
	keyless := &llm.Error{Kind: llm.Auth, Message: "no such key"}
	for name, c := range map[string]struct {
		script pawltest.Script
		decide func(*pawltest.Ran[string])
	}{
		"stands":   {pawltest.Script{"say": {refused}}, func(ran *pawltest.Ran[string]) { ran.Failed("say", pawl.ErrorKind(llm.Refused)) }},
		"supplied": {pawltest.Script{"say": {refused}, "more": {"moon"}}, func(ran *pawltest.Ran[string]) { ran.Supply("say", "tides").Done() }},
		"retried":  {pawltest.Script{"say": {refused, "tides"}, "more": {"moon"}}, func(ran *pawltest.Ran[string]) { ran.Retry("say").Done() }},
		"skipped":  {pawltest.Script{"say": {"tides"}, "more": {keyless}}, func(ran *pawltest.Ran[string]) { ran.Skip("more").Done() }},
		"a value":  {pawltest.Script{"say": {"tides"}, "more": {refused}}, func(ran *pawltest.Ran[string]) { ran.Done() }},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "run.json")
			ran := pawltest.Run(t, flow, topic{"x"}, c.script)
			c.decide(ran)
			ran.Save(flow, file)
			pawltest.Replay(t, flow, file)
		})
	}
}

// Whatever a flow does otherwise is found, at its step, and said.
func TestReplayMisses(t *testing.T) {
	file, waits := saved(t, approved), saved(t, func(ran *pawltest.Ran[string]) { ran.Waits("send") })
	for name, c := range map[string]struct {
		v    variant
		file string
		says []string
		not  []string
	}{
		"an edited prompt": {v: variant{plan: "Plan a short essay."}, says: []string{
			"essay does something else than the run in " + file, "plan: asks in other words", "user message:",
			"- Plan an essay.", "+ Plan a short essay.", "go test -pawl.update"}, not: []string{"It is about", "user message 2", "parts", "send"}},
		"another type": {v: variant{long: true}, says: []string{"plan: asks for another type of answer", "answer type:", `-       "maxLength": 20`, `+       "maxLength": 200`}, not: []string{"words"}},
		"other data": {v: variant{write: "Write a line about"}, says: []string{
			"parts[0]/write: ", "- Write about ebb.", "+ Write a line about ebb.", "parts[1]/write: ", "+ Write a line about flood."}},
		"other input of a do":  {v: variant{first: 1}, says: []string{"parts[0]/write: ", "+ Write about flood."}},
		"a step more":          {v: variant{extra: true}, says: []string{"motto: is a step (ask) that the recorded run has not", "+ A motto."}},
		"a step less":          {v: variant{noCount: true}, says: []string{"count: is recorded, and not asked for any more"}},
		"a renamed step":       {v: variant{count: "tally"}, says: []string{"tally: is a step (do) that the recorded run has not", "input, now"}},
		"another kind":         {v: variant{counts: true}, says: []string{"count", "ask", "do"}},
		"another output":       {v: variant{ends: "END"}, says: []string{"the run is done with another output", "- \"end: Ebb", "+ \"END: Ebb"}},
		"another question":     {v: variant{question: "Post it?"}, says: []string{"send: ", "question:", "- Send it?", "+ Post it?"}},
		"one that is open yet": {v: variant{question: "Post it?"}, file: waits, says: []string{"send: asks something else than in the recorded run", "- Send it?", "+ Post it?"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := said(t, func(t testing.TB) { pawltest.Replay(t, essay(c.v), cmp.Or(c.file, file)) })
			for _, want := range c.says {
				if !strings.Contains(got, want) {
					t.Errorf("it does not say %q:\n%s", want, got)
				}
			}
			for _, not := range c.not {
				if strings.Contains(got, not) {
					t.Errorf("it says %q too:\n%s", not, got)
				}
			}
		})
	}
}

// Of a question that goes on where another one ended, what is otherwise is shown alone.
func TestReplayMissesInAConversation(t *testing.T) {
	flow := func(words string) *pawl.FlowOf[topic, string] {
		return pawl.New("talk", "Talks.", func(r *pawl.Run, in topic) (string, error) {
			list := []llm.Message{llm.System("You are brief."), llm.User("Name one.")}
			first := pawl.Ask(r, "first", pawl.Messages[string]("Asking", list...))
			list = append(list, llm.Assistant(first), llm.User(words))
			return pawl.Ask(r, "second", pawl.Messages[string]("Asking more", list...)), nil
		})
	}
	file := filepath.Join(t.TempDir(), "run.json")
	pawltest.Run(t, flow("Another one."), topic{"x"}, pawltest.Script{"first": {"ebb"}, "second": {"flood"}}).Done().Save(flow("Another one."), file)
	got := said(t, func(t testing.TB) { pawltest.Replay(t, flow("A third one."), file) })
	if !strings.Contains(got, "user message 2:") || !strings.Contains(got, "- Another one.") || !strings.Contains(got, "+ A third one.") {
		t.Errorf("it says %s", got)
	}
	if strings.Contains(got, "Name one.") || strings.Contains(got, "brief") || strings.Contains(got, "ebb") || strings.Contains(got, "first") {
		t.Errorf("it says what is the same too: %s", got)
	}
}

// Files that are no test of the flow are refused in words.
func TestReplayRefuses(t *testing.T) {
	file := saved(t, approved)
	write := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		flow pawl.Flow
		file string
		says string
	}{
		"a byte that somebody changed": {essay(variant{}), write("edited.json", bytes.Replace(text, []byte("Flood."), []byte("Blood."), 1)), "does not match its hash"},
		"half a file":                  {essay(variant{}), write("half.json", text[:len(text)/2]), "half.json"},
		"no file":                      {essay(variant{}), "nowhere.json", "nowhere.json"},
		"no run":                       {essay(variant{}), write("notes.json", []byte(`{"a": 1}`)), "it is no run that was exported"},
		"another flow's run":           {letter, file, "is one of essay, not of letter"},
	} {
		if got := said(t, func(t testing.TB) { pawltest.Replay(t, c.flow, c.file) }); !strings.Contains(got, c.says) {
			t.Errorf("%s: it says %q, want %q", name, got, c.says)
		}
	}
}

// counting counts which steps ask a model.
type counting struct {
	next llm.Model
	mu   sync.Mutex
	keys []string
}

func (c *counting) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	c.mu.Lock()
	c.keys = append(c.keys, req.Meta.Key)
	c.mu.Unlock()
	return c.next.Generate(ctx, req, stream)
}

// updating is as if -pawl.update were given.
func updating(t *testing.T, update func()) {
	t.Helper()
	for _, is := range []string{"true", "false"} {
		if err := flag.Set("pawl.update", is); err != nil {
			t.Fatal(err)
		}
		if is == "true" {
			update()
		}
	}
}

// A run is recorded anew for the price of what has changed, and then it is a test again.
func TestReplayUpdate(t *testing.T) {
	for name, c := range map[string]struct {
		v     variant
		asked []string
		error string // nothing is recorded
	}{
		"nothing has changed":    {},
		"an edited prompt":       {v: variant{plan: "Plan a short essay."}, asked: []string{"plan"}},
		"a step more":            {v: variant{extra: true}, asked: []string{"motto"}},
		"a step less":            {v: variant{noCount: true}},
		"another output":         {v: variant{ends: "END"}},
		"a question nobody knew": {v: variant{question: "Post it?"}, error: `nobody is there to decide on step "send"`},
	} {
		t.Run(name, func(t *testing.T) {
			file := saved(t, approved)
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m := &counting{next: pawltest.Script{"plan": essays["plan"][1:], "motto": {"Up and down."}}}
			var got string
			synctest.Test(t, func(t *testing.T) {
				updating(t, func() {
					got = said(t, func(t testing.TB) { pawltest.Replay(t, essay(c.v), file, m) })
				})
			})
			slices.Sort(m.keys)
			if !slices.Equal(m.keys, c.asked) {
				t.Errorf("asked %q, want %q", m.keys, c.asked)
			}
			if !strings.Contains(got, c.error) || got != "" && c.error == "" {
				t.Errorf("it says %q, want %q", got, c.error)
			}
			after, err := os.ReadFile(file)
			if same := bytes.Equal(before, after); err != nil || same != (c.error != "" || c.v == variant{}) {
				t.Errorf("the file is the same: %v, %v", same, err)
			}
			if c.error == "" {
				pawltest.Replay(t, essay(c.v), file)
			}
		})
	}
}

// An account that is refused, or no model at all, leaves the file as it was.
func TestReplayUpdateWithoutAModel(t *testing.T) {
	file := saved(t, approved)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for says, m := range map[string][]llm.Model{
		"no such key": {pawltest.Script{"plan": {&llm.Error{Kind: llm.Auth, Message: "no such key"}}}},
		"test":        nil,
	} {
		updating(t, func() {
			got := said(t, func(t testing.TB) { pawltest.Replay(t, essay(variant{plan: "Plan."}), file, m...) })
			if !strings.Contains(got, says) || !strings.Contains(got, file) {
				t.Errorf("it says %q, want %q", got, says)
			}
		})
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed, %v", err)
	}
}

// A flow that does something else each time is no test, and takes no file's place.
func TestReplayUpdateOfAnUnsteadyFlow(t *testing.T) {
	count := 0
	flow := pawl.New("unsteady", "Counts.", func(*pawl.Run, topic) (int, error) {
		count++
		return count, nil
	})
	file := filepath.Join(t.TempDir(), "run.json")
	pawltest.Run(t, flow, topic{"x"}, pawltest.Script{}).Done().Save(flow, file)
	updating(t, func() {
		got := said(t, func(t testing.TB) { pawltest.Replay(t, flow, file, pawltest.Script{}) })
		if !strings.Contains(got, "the flow does not do again what it did when it was recorded just now: the run is done with another output") {
			t.Errorf("it says %q", got)
		}
	})
}

type pass struct {
	Code string `json:"code" pawl:"sensitive"`
}

// What a file withholds cannot be replayed: that is said, and nothing is paid for it. Where
// the output alone is withheld, the rest is a test, and what is sensitive is not printed.
func TestReplayWithheld(t *testing.T) {
	dir := t.TempDir()
	guess := func(words string) *pawl.FlowOf[topic, string] {
		return pawl.New("guess", "Guesses.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Ask(r, "say", pawl.Messages[string]("Saying", llm.User(words)))
			pawl.Ask(r, "guess", pawl.Messages[pass]("Guessing", llm.User("Guess.")))
			return "done", nil
		})
	}
	file := filepath.Join(dir, "guess.json")
	pawltest.Run(t, guess("Say."), topic{"x"}, pawltest.Script{"say": {"so"}, "guess": {pass{"sesame-0815"}}}).Done().Save(guess("Say."), file)
	if got := said(t, func(t testing.TB) { pawltest.Replay(t, guess("Say."), file) }); !strings.Contains(got, "guess: has a result that the file withholds") || strings.Contains(got, "is done") {
		t.Errorf("it says %q", got)
	}
	m := &counting{next: offline.Model{}}
	updating(t, func() {
		got := said(t, func(t testing.TB) { pawltest.Replay(t, guess("Speak."), file, m) })
		if !strings.Contains(got, `the file withholds the result of step "guess"`) || len(m.keys) > 0 {
			t.Errorf("it says %q, and asked %q", got, m.keys)
		}
	})

	issue := func(code, words string) *pawl.FlowOf[topic, pass] {
		return pawl.New("issue", "Issues a pass.", func(r *pawl.Run, in topic) (pass, error) {
			pawl.Ask(r, "say", pawl.Messages[string]("Saying", llm.User(words+in.Topic)))
			return pass{code + in.Topic}, nil
		})
	}
	file = filepath.Join(dir, "issue.json")
	pawltest.Run(t, issue("walrus-", "Say "), topic{"tides"}, pawltest.Script{"say": {"so"}}).Done().Save(issue("walrus-", "Say "), file)
	pawltest.Replay(t, issue("walrus-", "Say "), file)
	got := said(t, func(t testing.TB) { pawltest.Replay(t, issue("walrus-", "Speak "), file) })
	if !strings.Contains(got, "+ Speak tides") || strings.Contains(got, "walrus") || strings.Contains(got, "output") {
		t.Errorf("it says %q", got)
	}
}

//go:build unix

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// stain stands behind each character that must not reach a terminal as it is.
const stain = "¡"

// unseen are the characters that must not reach a terminal, but for line breaks and
// our own escape sequences.
const unseen = "\x00\x07\x08\x0b\x0c\x7f\u0080\u0085\u0090\u009b\u009d\u200b\u200e\u200f\u2028\u202a\u202e\u2060\u2066\u2069\ufeff\u00ad\u061c\u3164\U000e0041\U000e007f"

// hostile is what a model, a file or a person may bring.
var hostile = func() string {
	s := "\x1b]52;c;aGk=\x07" + stain + "\x1b]0;title\x1b\\" + stain + "\x1b[2J" + stain + "\x1b[31m" + stain + "\x1b[8m" + stain + "\x1b[1A" + stain + "\x1bc" + stain + "\r" + stain + "\r\nb\tc"
	for _, r := range unseen {
		s += string(r) + stain
	}
	return s + ` {{.Token}} ${HOME} $(touch pwned) ` + "`touch pwned`" + `; touch pwned & "' \ %s %n ![x](javascript:y) <script> | #`
}()

// word is a text of a megabyte without a blank.
var word = strings.Repeat("x\u202e", 1<<18)

type hostileInput struct {
	Topic string            `json:"topic"`
	Long  string            `json:"long" pawl:"default=\"\""`
	Bag   map[string]string `json:"bag" pawl:"default={}"`
	Ends  string            `json:"ends" pawl:"default=\"done\""`
}

type hostileAnswer struct {
	Text string   `json:"text"`
	More []string `json:"more"`
}

// attacked is a flow that shows what it got wherever something can be shown, and ends or
// stands still as its input says.
var attacked = pawl.New("attacked", "Be attacked.", func(r *pawl.Run, in hostileInput) (string, error) {
	r.Note("about %s %s", in.Topic, in.Long)
	text := pawl.Ask(r, "say", pawl.Messages[string]("Saying "+hostile, llm.User(in.Topic)).Gate("is plain", func(string) error { return nil }))
	rejected := 0
	pawl.Ask(r, "typed", pawl.Messages[hostileAnswer]("Typing", llm.User("typed")).Gate(hostile, func(hostileAnswer) error {
		if rejected++; rejected == 1 {
			return errors.New("not like that: " + hostile)
		}
		return nil
	}))
	pawl.Map(r, "items", []string{hostile, "b"}, func(r *pawl.Run, item string) (string, error) {
		return pawl.Do(r, "keep", item, func(_ context.Context, s string) (string, error) { return s, nil }), nil
	}, pawl.By(func(s string) string { return s }))
	pawl.TryDo(r, "tried", "", func(context.Context, string) (string, error) { return "", errors.New("failed: " + hostile) })
	switch in.Ends {
	case "approval":
		pawl.Approve(r, "publish", text+"\n"+in.Long, "Publish "+strings.ReplaceAll(strings.ReplaceAll(hostile, "\n", " "), "\r", "")+"?", pawl.Reasons("no", "revise"))
	case "input":
		pawl.Input[hostileAnswer](r, "where", "Where?")
	case "failure":
		pawl.Do(r, "breaks", "", func(context.Context, string) (string, error) { return "", errors.New("broken: " + hostile) })
	case "end":
		return "", errors.New("ends: " + hostile)
	}
	return "# " + text + "\n" + in.Long, nil
}, pawl.Example(hostileInput{Topic: "a  b 'c' $(touch pwned)"}))

// attacker is a provider that answers so.
func attacker() llm.Provider {
	return llm.Provider{Name: "attacker", About: "attacks", Models: []string{"one", "$(touch pwned)"},
		New: func(func(string) string) llm.Model {
			return llm.Func(func(_ context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
				text := hostile
				switch {
				case strings.Contains(req.Model, "refuse"):
					return llm.Response{}, &llm.Error{Kind: llm.Auth, Message: "refused: " + hostile, Hint: "see " + hostile}
				case req.Schema != nil:
					raw, _ := json.Marshal(hostileAnswer{hostile, []string{hostile}})
					text = string(raw)
				}
				if stream != nil {
					stream(llm.Delta{Text: text})
				}
				return llm.Response{Text: text, ID: "id-" + hostile, Usage: &llm.Usage{}}, nil
			})
		},
		Probe: func(context.Context, func(string) string) ([]string, error) {
			return []string{hostile, "two words"}, nil
		},
	}
}

// battlefield is a store with runs that were attacked, in a directory whose name attacks
// shells.
type battlefield struct {
	t     *testing.T
	dir   string // of the tests; the working directory
	store string // is copied for each command
	data  string // --data of the command
	runs  map[string]string
	flows []pawl.Flow
}

const fieldProgram = "pawl-field"

// command runs a command line on a copy of the store: on a terminal of 40 columns, or in
// pipes. It returns what came, of both streams of a terminal together.
func (f *battlefield) command(onTerminal bool, args ...string) (code int, out, errs string) {
	f.t.Helper()
	if err := os.RemoveAll(f.data); err != nil {
		f.t.Fatal(err)
	}
	if err := os.CopyFS(f.data, os.DirFS(f.store)); err != nil {
		f.t.Fatal(err)
	}
	return f.run(onTerminal, append(args, "--data", f.data)...)
}

func (f *battlefield) run(onTerminal bool, args ...string) (code int, out, errs string) {
	f.t.Helper()
	var stdout, stderr bytes.Buffer
	env := map[string]string{"USER": "anna" + hostile, "PAGER": "cat", "EDITOR": "true"}
	w := world{
		program: fieldProgram, args: args, stdin: strings.NewReader("?\n" + hostile + "\nq\nq\nq\n"), interactive: onTerminal,
		stdout: term.Stream{Writer: &stdout}, stderr: term.Stream{Writer: &stderr},
		getenv: func(name string) string { return env[name] }, now: time.Now, zone: time.UTC,
		notify: func() (<-chan os.Signal, func()) { return make(chan os.Signal), func() {} },
	}
	ended := func() {}
	if onTerminal {
		read := make(chan error, 1)
		person, terminal, err := pty.Open()
		if err != nil {
			f.t.Skipf("no terminal can be had: %v", err)
		}
		defer person.Close()
		if err := pty.Setsize(terminal, &pty.Winsize{Rows: 50, Cols: 40}); err != nil {
			f.t.Fatal(err)
		}
		w.stdout, w.stderr = term.StreamOf(terminal), term.StreamOf(terminal)
		go func() {
			_, err := io.Copy(&stdout, person) // ends with an error when the terminal is closed
			read <- err
		}()
		ended = func() {
			terminal.Close()
			<-read
		}
	}
	code = run(w, Program{Flows: f.flows, Providers: []llm.Provider{attacker()}})
	ended()
	if out = stdout.String(); onTerminal {
		out = strings.ReplaceAll(out, "\r\n", "\n")
	}
	return code, out, stderr.String()
}

// newBattlefield makes runs of each sort.
func newBattlefield(t *testing.T) *battlefield {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	f := &battlefield{t: t, dir: dir, store: filepath.Join(dir, "store"), data: filepath.Join(dir, "data $(touch pwned) '\" \x1b[2J\u202e `touch pwned`"), runs: map[string]string{}}
	f.recordOther()
	f.flows = []pawl.Flow{attacked}
	write := func(name string, v any) {
		raw, err := json.Marshal(v)
		if err == nil {
			err = os.WriteFile(name, append(raw, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for ends, want := range map[string]pawl.Status{
		"done": pawl.StatusDone, "approval": pawl.StatusWaiting, "input": pawl.StatusWaiting, "failure": pawl.StatusFailed,
		"end": pawl.StatusFailed, "refused": pawl.StatusFailed, "paused": pawl.StatusWaiting,
	} {
		in := hostileInput{Topic: hostile, Bag: map[string]string{hostile: hostile}, Ends: ends}
		model := "attacker/one"
		switch ends {
		case "done":
			in.Long = word
		case "approval":
			in.Long = word[:1<<14]
		case "refused":
			model = "attacker/refuse"
		}
		write("input.json", in)
		args := []string{"run", "attacked", "--input", "input.json", "--model", model, "--json", "--data", f.store}
		if ends == "paused" {
			args = append(args, "--step")
		}
		_, out, errs := f.run(false, args...)
		var rec pawl.RunRecord
		if err := json.Unmarshal([]byte(out), &rec); err != nil || rec.Status != want {
			t.Fatalf("%s: run is %s, want %s: %v\n%.3000s", ends, rec.Status, want, err, errs)
		}
		f.runs[ends] = string(rec.ID)
	}
	f.run(false, "guide", f.runs["approval"], "write "+hostile, "--data", f.store)
	f.run(false, "cancel", f.runs["end"], "--yes", "-m", hostile, "--data", f.store)
	write("inputs.jsonl", hostileInput{Topic: hostile})
	write("answer.json", hostileAnswer{hostile, []string{}})
	for name, text := range map[string]string{
		"deep.json":  `{"topic":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + `}`,
		"twice.json": `{"topic":"a","topic":"b\u001b[2J","` + "\u202e" + `":1}`,
		"huge.json":  `{"topic":[` + strings.Repeat(`1e999999999,`, 100_000) + `1]}`,
		"raw.json":   hostile,
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// recordOther exports a run of another flow of that name, and puts a file beside it that
// only begins as one.
func (f *battlefield) recordOther() {
	f.flows = []pawl.Flow{pawl.New("attacked", "Be attacked.", func(r *pawl.Run, in hostileInput) (string, error) {
		pawl.Ask(r, "say", pawl.Messages[string]("Saying", llm.User(in.Topic+" or "+hostile)))
		pawl.Input[string](r, "typed", "Which?")
		return "", nil
	})}
	data := []string{"--data", filepath.Join(f.dir, "other")}
	if err := os.MkdirAll("recorded", 0o700); err != nil {
		f.t.Fatal(err)
	}
	f.run(false, append([]string{"run", "attacked", "--topic", hostile, "--model", "attacker/one"}, data...)...)
	name := "recorded/$(touch pwned) \x1b[2J\u202e.json"
	if code, _, errs := f.run(false, append([]string{"export", "last", "-o", name}, data...)...); code != 0 {
		f.t.Fatalf("export: exit code %d\n%s", code, errs)
	}
	if err := os.WriteFile("recorded/half.json", []byte(`{"pawl_run":1,"`+hostile), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// attacks are command lines of each command. A command without any fails the test.
func (f *battlefield) attacks() map[string][][]string {
	r := f.runs
	var runs [][]string
	for _, file := range []string{"deep.json", "twice.json", "huge.json", "raw.json"} {
		runs = append(runs, []string{"--input", file})
	}
	runs = append(runs, []string{"--topic", hostile, "--ends", "approval", "--model", "attacker/one"}, []string{"--topic", hostile, "--tokens", "-o", "out $(touch pwned) \x1b[2J.md"},
		[]string{"--topic", "a", "--model", hostile}, []string{"--topic", "a", "--ends", "failure", "-o", "o'ut.md"}, []string{"--" + strings.ReplaceAll(hostile, "=", "")}, []string{"--bag", hostile},
		[]string{"--topic", hostile, "--model", "attacker/one", "--dry-run"}, []string{"--topic", hostile, "--dry-run", "--json"}, []string{"--topic", "a", "--dry-run", "-o", hostile})
	many := func(name string, words ...[]string) (lists [][]string) {
		for _, w := range words {
			lists = append(lists, append([]string{name}, w...))
		}
		return lists
	}
	all := func(name string, more ...string) (lists [][]string) {
		for _, ends := range []string{"done", "approval", "input", "failure", "end", "refused", "paused"} {
			lists = append(lists, append([]string{name, r[ends]}, more...))
		}
		return append(lists, []string{name, hostile})
	}
	some := func(name string, more ...string) (lists [][]string) {
		for _, ends := range []string{"approval", "failure"} {
			lists = append(lists, append([]string{name, r[ends]}, more...))
		}
		return lists
	}
	two := slices.Concat[[][]string]
	return map[string][][]string{
		"run attacked": func() (lists [][]string) {
			for _, w := range runs {
				lists = append(lists, append([]string{"run", "attacked"}, w...))
			}
			return lists
		}(),
		"run":    many("run", []string{hostile}, []string{}),
		"batch":  many("batch", []string{"attacked", "inputs.jsonl", "-o", "results $(touch pwned).jsonl"}, []string{"attacked", "inputs.jsonl", "--model", "attacker/refuse"}, []string{"attacked", "deep.json"}, []string{"attacked", "raw.json"}, []string{hostile}),
		"worker": many("worker", []string{"--drain"}, []string{"--drain", "--json"}),
		"diff": two(all("diff"), some("diff", r["done"], "--json"), many("diff", []string{r["done"], r["failure"], "--json"}, []string{r["done"], r["approval"]}, []string{r["input"], r["refused"]}, []string{r["done"], r["approval"], "say"},
			[]string{r["approval"], r["done"], "typed"}, []string{r["approval"], r["done"], "tried"}, []string{r["end"], r["done"], "--quiet"}, []string{r["done"], "--revisions", "typed,say"}, []string{r["done"], "--revisions", "typed"},
			[]string{r["done"], "--revisions", "typed", "--json"}, []string{r["done"], "--revisions", hostile}, []string{r["done"], r["done"], hostile}, []string{r["done"]}, []string{hostile})),
		"resume":     two(all("resume"), some("resume", "-o", "out $(touch pwned).md", "--prompts", hostile), some("resume", "--json")),
		"pause":      all("pause"),
		"cancel":     two(all("cancel", "--yes", "-m", hostile), some("cancel")),
		"guide":      two(all("guide", hostile), some("guide", "@"+hostile)),
		"raise":      two(all("raise", "--budget-calls", "3"), some("raise", "--budget-usd", hostile)),
		"inbox":      many("inbox", []string{}, []string{"--json"}, []string{"--quiet"}, []string{"--flow", hostile}),
		"show":       two(all("show"), some("show", "--json"), some("show", "--step", "say"), some("show", "--step", "typed", "--json"), some("show", "--step", hostile)),
		"rerun":      two(some("rerun", "--plan"), some("rerun", "--plan", "--json"), some("rerun", "-o", "rerun $(touch pwned).md"), some("rerun", "--from", hostile)),
		"fork":       two(some("fork", "--at", hostile), some("fork", "--at", "draft", "--value", hostile, "--plan")),
		"result":     two(all("result"), some("result", "--json"), some("result", "-o", "result $(touch pwned).json")),
		"watch":      two(all("watch"), some("watch", "--tokens"), some("watch", "--json")),
		"logs":       two(all("logs"), some("logs", "--json"), some("logs", "--follow")),
		"runs":       many("runs", []string{}, []string{"--json"}, []string{"--search", hostile}, []string{"--limit", "1"}, []string{"--flow", hostile}, []string{"--status", hostile}),
		"flows":      many("flows", []string{}, []string{"--json"}),
		"describe":   many("describe", []string{"attacked"}, []string{"attacked", "--json"}, []string{hostile}),
		"doctor":     many("doctor", []string{}, []string{"--online"}, []string{"--json"}),
		"completion": many("completion", []string{"bash"}, []string{"zsh"}, []string{"fish"}, []string{"powershell"}, []string{hostile}),
		"version":    many("version", []string{}, []string{"--json"}),
		"help":       many("help", []string{}, []string{"run", "attacked"}, []string{"models"}, []string{hostile}),
		"approve":    two(all("approve", "-m", hostile), some("approve", "--value", hostile), some("approve", hostile)),
		"reject":     two(all("reject", "--reason", "revise", "-m", hostile), some("reject", "--reason", hostile)),
		"answer":     two(all("answer", "--file", "answer.json"), some("answer", "--value", hostile), some("answer", "--file", hostile)),
		"supply":     two(all("supply", "--value", hostile), some("supply", hostile, "--file", "answer.json")),
		"retry":      two(all("retry", "-m", hostile), some("retry", "--all")),
		"skip":       all("skip", "-m", hostile),
		"continue":   two(all("continue", "-m", hostile), some("continue", hostile)),
		"rm":         two(all("rm", "--yes"), some("rm")),
		"export":     two(all("export"), some("export", "-o", "out $(touch pwned) \x1b[2J.md"), some("export", "-o", "out $(touch pwned).html"), some("export", "-o", "out $(touch pwned).json", "--json"), some("export", "--redact", hostile), some("export", "-o", hostile)),
		"import":     many("import", []string{"deep.json"}, []string{"twice.json"}, []string{"huge.json"}, []string{"raw.json"}, []string{hostile}, []string{hostile, "--json"}),
		"verify":     two(all("verify"), some("verify", "--json"), many("verify", []string{"deep.json"}, []string{"huge.json"}, []string{"raw.json"}, []string{hostile + ".json"})),
		"test":       many("test", []string{hostile}, []string{"recorded"}, []string{"recorded", "--json"}, []string{"raw.json"}, []string{"recorded", "--update"}),
		"new":        many("new", []string{hostile}, []string{"../" + hostile}, []string{"a", "--pattern", hostile}, []string{"a", "--replace", hostile}, []string{"a", "--replace", "no $(touch pwned)", "--json"}, []string{"a", hostile}),
		"backup":     many("backup", []string{"copy $(touch pwned) \x1b[2J.db"}, []string{"nowhere/" + hostile}),
	}
}

// executable are the names of all commands that can be executed.
func executable(c *cobra.Command) (names []string) {
	for _, sub := range c.Commands() {
		names = append(names, executable(sub)...)
	}
	if c.Runnable() && c.HasParent() && !strings.HasPrefix(c.Name(), "__") {
		names = append(names, strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" "))
	}
	return names
}

// Whatever models, files and people bring, through every command: nothing of it steers a
// terminal or hides on it, and every command line that is printed can be pasted.
func TestHostile(t *testing.T) {
	f := newBattlefield(t)
	attacks := f.attacks()
	a := newApp(world{program: fieldProgram, getenv: func(string) string { return "" }}, Program{Flows: []pawl.Flow{attacked}, Providers: []llm.Provider{attacker()}})
	shown, pasted := 0, 0
	for _, name := range executable(a.root()) {
		if len(attacks[name]) == 0 {
			t.Errorf("command %q is attacked by nothing: add it to attacks", name)
		}
		for i, args := range attacks[name] {
			if testing.Short() && i%3 != 1 && len(attacks[name]) > 3 {
				continue
			}
			what := strings.Join(args, " ")
			code, out, _ := f.command(true, args...)
			f.checkTerminal(what, out)
			if strings.Contains(out, `\u`) {
				shown++
			}
			inPipe, stdout, stderr := f.command(false, args...)
			if name != "completion" {
				pasted += f.paste(what, stdout+"\n"+stderr)
			}
			if slices.Contains(args, "--json") && !slices.Contains([]string{"watch", "logs", "worker"}, name) && stdout != "" && !json.Valid([]byte(stdout)) {
				t.Errorf("%.200q prints no JSON: %.500q", what, stdout)
			}
			for _, c := range []int{code, inPipe} {
				if c < 0 || c > 4 {
					t.Errorf("%.200q: exit code %d\n%.2000s", what, c, out+stderr)
				}
			}
		}
	}
	for _, args := range [][]string{{"__complete", "show", ""}, {"__complete", "approve", ""}, {"__complete", "approve", f.runs["approval"], ""}, {"__complete", "show", f.runs["done"], "--step", ""},
		{"__complete", "run", "attacked", "--model", ""}, {"__complete", "run", "attacked", "--model", "attacker/"}} {
		_, out, _ := f.command(false, args...)
		f.checkTerminal(strings.Join(args, " "), out)
	}
	if _, err := os.Stat("pwned"); err == nil {
		t.Error("a shell has executed what was data")
	}
	if shown < 30 || pasted < 20 {
		t.Errorf("%d outputs had something to hide, %d commands were pasted: the test does not test", shown, pasted)
	}
}

var (
	style    = regexp.MustCompile(`\x1b\[(?:0|1|2|3[1-6])?m|\x1b\[\?2026[hl]|\x1b\[\d*[AKJ]`)
	steers   = regexp.MustCompile(`\r` + stain + `|[\x1b]`)
	unseenIn = regexp.MustCompile(`[` + unseen[:len(unseen)-len("\U000e0041\U000e007f")] + `\x{e0000}-\x{e007f}]`)
)

// checkTerminal complains of what must not reach a terminal.
func (f *battlefield) checkTerminal(what, out string) {
	f.t.Helper()
	for _, at := range style.FindAllStringIndex(out, -1) {
		// What is hostile has a stain before it too. Our own may have one behind it alone.
		if strings.HasPrefix(out[at[1]:], stain) && strings.HasSuffix(out[:at[0]], stain) {
			f.t.Errorf("%.200q lets a sequence through: %q", what, out[at[0]:min(len(out), at[1]+20)])
		}
	}
	out = style.ReplaceAllString(out, "")
	for _, bad := range []*regexp.Regexp{steers, unseenIn} {
		if at := bad.FindStringIndex(out); at != nil {
			f.t.Errorf("%.200q lets %q through: %q", what, out[at[0]:at[1]], out[max(0, at[0]-40):min(len(out), at[1]+40)])
		}
	}
}

// paste has a shell read the printed commands, and returns how many there were.
func (f *battlefield) paste(what, out string) (n int) {
	f.t.Helper()
	data := " --data " + term.Quote(f.data)
	for line := range strings.Lines(out) {
		var doc struct {
			Error struct {
				Message, Hint string
			}
		}
		texts := []string{line}
		if json.Unmarshal([]byte(line), &doc) == nil {
			texts = []string{doc.Error.Hint}
		} else if strings.Contains(line, `": "`) { // within a document
			continue
		}
		for _, text := range texts {
			for {
				_, behind, found := strings.Cut(text, fieldProgram+" ")
				if !found {
					break
				}
				command, rest, found := strings.Cut(behind, data)
				if !found {
					if !isExample(what, behind) {
						f.t.Errorf("%.200q prints a command that is not made for pasting: %.300q", what, line)
					}
					break
				}
				text = rest
				n++
				f.pasteOne(what, command+data)
			}
		}
	}
	return n
}

// isExample reports whether a command line is one of help, which says nothing of --data,
// or none at all.
func isExample(what, line string) bool {
	name, _, _ := strings.Cut(what, " ")
	return slices.Contains([]string{"help", "describe", "completion", "version"}, name) || name == "doctor" && strings.HasPrefix(line, "(devel)")
}

func (f *battlefield) pasteOne(what, command string) {
	f.t.Helper()
	if err := exec.Command("sh", "-n", "-c", fieldProgram+" "+command).Run(); err != nil {
		f.t.Errorf("%.200q prints what no shell reads: %.500q", what, command)
		return
	}
	out, err := exec.Command("sh", "-c", `printf '%s\000' `+command).Output()
	words := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if err != nil || words[len(words)-1] != f.data || words[len(words)-2] != "--data" {
		f.t.Errorf("%.200q prints %.500q, which a shell reads as %.500q: %v", what, command, words, err)
	}
}

// Pipes and files get the bytes as they are, and JSON has the values.
func TestHostileBytesArrive(t *testing.T) {
	f := newBattlefield(t)
	want := strings.TrimRight("# "+hostile+"\n"+word, "\n") + "\n"
	done := f.runs["done"]
	if code, out, errs := f.command(false, "result", done); code != 0 || out != want {
		t.Errorf("a pipe gets %d bytes, want %d: %.300q %s", len(out), len(want), out, errs)
	}
	if code, out, errs := f.command(false, "resume", done, "--quiet"); code != 0 || out != want {
		t.Errorf("resume gives a pipe %d bytes, want %d: %.300q %s", len(out), len(want), out, errs)
	}
	if code, _, errs := f.command(true, "result", done, "-o", "out.md"); code != 0 {
		t.Fatalf("exit code %d\n%s", code, errs)
	}
	if got, err := os.ReadFile("out.md"); err != nil || string(got) != want {
		t.Errorf("-o gets %.300q, %v", got, err)
	}
	for _, onTerminal := range []bool{false, true} {
		_, out, _ := f.command(onTerminal, "result", done, "--json")
		var text string
		if err := json.Unmarshal([]byte(out), &text); err != nil || text != strings.TrimRight(want, "\n") {
			t.Errorf("--json says %.300q, %v", text, err)
		}
		_, out, _ = f.command(onTerminal, "show", done, "--json")
		var rec pawl.RunRecord
		var in hostileInput
		if err := errors.Join(json.Unmarshal([]byte(out), &rec), json.Unmarshal(rec.Input, &in)); err != nil || in.Topic != hostile || in.Long != word || in.Bag[hostile] != hostile {
			t.Errorf("show --json says %.300q, %v", in.Topic, err)
		}
	}
}

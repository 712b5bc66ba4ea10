//go:build unix

package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/limit"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schedule"
)

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
		catchSignals: func() (<-chan os.Signal, func()) { return make(chan os.Signal), func() {} },
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
	f.keepSchedules()
	f.keepLimits()
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

// keepSchedules puts schedules into the store: one as the command adds it, and one that
// somebody else has written there, of which every text is hostile.
func (f *battlefield) keepSchedules() {
	f.t.Helper()
	if code, _, errs := f.run(false, "schedule", "add", "attacked", "--topic", hostile, "--cron", "0 7 * * 1", "--data", f.store); code != 0 {
		f.t.Fatalf("schedule add: exit code %d\n%s", code, errs)
	}
	db, err := sqlite.Open(f.t.Context(), f.store, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	at := pawl.At(time.Now().Add(-time.Hour))
	s := schedule.Schedule{Name: hostile, Flow: "attacked", Cron: "* * * * *", Zone: "UTC", Input: json.RawMessage(`{"topic":7}`), Model: hostile, Who: hostile, CreatedAt: at, Until: at,
		Waiting: []pawl.Time{at}, Overlap: schedule.OverlapQueue, Last: &schedule.Last{Run: pawl.RunID(f.runs["end"]), At: at}, Problem: hostile, Skipped: &schedule.Skipped{At: at, Why: "\x1b[2J", Count: 1}}
	for _, change := range []func(){func() {}, func() { s.Name, s.Flow = "gone", hostile }, func() { s.Name, s.Flow, s.Cron, s.Zone = "odd", "attacked", hostile, hostile }, func() { s.Name, s.Zone, s.Paused = "paused"+hostile, "\x1b[2J", true }} {
		change()
		if err := db.AddSchedule(f.t.Context(), s); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		f.t.Fatal(err)
	}
}

// keepLimits puts limits into the store, of which every text is hostile.
func (f *battlefield) keepLimits() {
	f.t.Helper()
	db, err := sqlite.Open(f.t.Context(), f.store, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	most := pawl.Budget{USD: new(1e12), Tokens: new(int64(math.MaxInt64)), Calls: new(int64(math.MaxInt64))}
	for _, l := range []limit.Limit{
		{Flow: hostile, Per: limit.PerTotal, Zone: "UTC", Most: most, Who: hostile}, {Flow: "\x1b[2J", Per: limit.PerDay, Zone: "Asia/Tokyo", Most: most, Who: hostile},
		{Flow: "attacked", Per: limit.PerMonth, Zone: "UTC", Most: most, Who: hostile}, {Per: limit.PerMonth, Zone: "UTC", Most: most, Who: hostile},
	} {
		if err := db.SetLimit(f.t.Context(), l); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		f.t.Fatal(err)
	}
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
		"run":              many("run", []string{hostile}, []string{}),
		"batch":            many("batch", []string{"attacked", "inputs.jsonl", "-o", "results $(touch pwned).jsonl"}, []string{"attacked", "inputs.jsonl", "--model", "attacker/refuse"}, []string{"attacked", "deep.json"}, []string{"attacked", "raw.json"}, []string{hostile}),
		"worker":           many("worker", []string{"--drain"}, []string{"--drain", "--json"}),
		"schedule":         many("schedule", []string{}, []string{hostile}),
		"schedule add":     many("schedule", []string{"add"}, []string{"add", hostile}),
		"schedule list":    many("schedule", []string{"list", "--quiet"}, []string{"list"}, []string{"list", "--json"}),
		"schedule pause":   many("schedule", []string{"pause", hostile}, []string{"pause", "attacked"}, []string{"pause", "attacked", "--json"}, []string{"pause", "no" + hostile}),
		"schedule resume":  many("schedule", []string{"resume", hostile}, []string{"resume", "attacked"}, []string{"resume", "paused" + hostile}),
		"schedule remove":  many("schedule", []string{"remove", hostile}, []string{"remove", "odd"}, []string{"remove", "gone", "--json"}),
		"schedule run-now": many("schedule", []string{"run-now", hostile}, []string{"run-now", "attacked"}, []string{"run-now", "gone"}, []string{"run-now", "attacked", "--json"}),
		"schedule add attacked": many("schedule", []string{"add", "attacked", "--topic", hostile, "--cron", hostile}, []string{"add", "attacked", "--topic", "a", "--cron", "@daily", "--tz", hostile}, []string{"add", "attacked", "--topic", "a", "--cron", "@daily", "--name", hostile},
			[]string{"add", "attacked", "--topic", hostile, "--cron", "@daily", "--name", "b"}, []string{"add", "attacked", "--topic", "a", "--cron", "@daily"}, []string{"add", "attacked", "--cron", "@daily", "--overlap", hostile}, []string{"add", "attacked", "--cron", "@daily", "--input", "deep.json"}, []string{"add", "attacked", "--cron", "@daily", "--model", hostile}),
		"diff": two(all("diff"), some("diff", r["done"], "--json"), many("diff", []string{r["done"], r["failure"], "--json"}, []string{r["done"], r["approval"]}, []string{r["input"], r["refused"]}, []string{r["done"], r["approval"], "say"},
			[]string{r["approval"], r["done"], "typed"}, []string{r["approval"], r["done"], "tried"}, []string{r["end"], r["done"], "--quiet"}, []string{r["done"], "--revisions", "typed,say"}, []string{r["done"], "--revisions", "typed"},
			[]string{r["done"], "--revisions", "typed", "--json"}, []string{r["done"], "--revisions", hostile}, []string{r["done"], r["done"], hostile}, []string{r["done"]}, []string{hostile})),
		"resume": two(all("resume"), some("resume", "-o", "out $(touch pwned).md", "--prompts", hostile), some("resume", "--json")),
		"pause":  all("pause"),
		"cancel": two(all("cancel", "--yes", "-m", hostile), some("cancel")),
		"guide":  two(all("guide", hostile), some("guide", "@"+hostile)),
		"raise":  two(all("raise", "--budget-calls", "3"), some("raise", "--budget-usd", hostile)),
		"inbox":  many("inbox", []string{}, []string{"--json"}, []string{"--quiet"}, []string{"--flow", hostile}),
		"show":   two(all("show"), some("show", "--json"), some("show", "--step", "say"), some("show", "--step", "typed", "--json"), some("show", "--step", hostile)),
		"rerun":  two(some("rerun", "--plan"), some("rerun", "--plan", "--json"), some("rerun", "-o", "rerun $(touch pwned).md"), some("rerun", "--from", hostile)),
		"fork":   two(some("fork", "--at", hostile), some("fork", "--at", "draft", "--value", hostile, "--plan")),
		"result": two(all("result"), some("result", "--json"), some("result", "-o", "result $(touch pwned).json")),
		"watch":  two(all("watch"), some("watch", "--tokens"), some("watch", "--json")),
		"logs":   two(all("logs"), some("logs", "--json"), some("logs", "--follow")),
		"runs":   many("runs", []string{}, []string{"--json"}, []string{"--search", hostile}, []string{"--limit", "1"}, []string{"--flow", hostile}, []string{"--status", hostile}, []string{"--schedule", hostile}),
		"flows":  many("flows", []string{}, []string{"--json"}),
		"describe": many("describe", []string{"attacked"}, []string{"attacked", "--json"}, []string{hostile}, []string{"attacked", "--run", r["failure"]}, []string{"attacked", "--run", r["done"], "--json"},
			[]string{"attacked", "--run", r["approval"], "--svg"}, []string{"attacked", "--run", r["approval"], "--mermaid"}, []string{"attacked", "--run", r["approval"], "--dot"}, []string{"attacked", "--run", hostile}, []string{"attacked", "--svg"}),
		"doctor":       many("doctor", []string{}, []string{"--online"}, []string{"--json"}),
		"completion":   many("completion", []string{"bash"}, []string{"zsh"}, []string{"fish"}, []string{"powershell"}, []string{hostile}),
		"version":      many("version", []string{}, []string{"--json"}),
		"help":         many("help", []string{}, []string{"run", "attacked"}, []string{"models"}, []string{hostile}),
		"approve":      two(all("approve", "-m", hostile), some("approve", "--value", hostile), some("approve", hostile)),
		"reject":       two(all("reject", "--reason", "revise", "-m", hostile), some("reject", "--reason", hostile)),
		"answer":       two(all("answer", "--file", "answer.json"), some("answer", "--value", hostile), some("answer", "--file", hostile)),
		"supply":       two(all("supply", "--value", hostile), some("supply", hostile, "--file", "answer.json")),
		"retry":        two(all("retry", "-m", hostile), some("retry", "--all")),
		"skip":         all("skip", "-m", hostile),
		"continue":     two(all("continue", "-m", hostile), some("continue", hostile)),
		"rm":           two(all("rm", "--yes"), some("rm")),
		"export":       two(all("export"), some("export", "-o", "out $(touch pwned) \x1b[2J.md"), some("export", "-o", "out $(touch pwned).html"), some("export", "-o", "out $(touch pwned).json", "--json"), some("export", "--redact", hostile), some("export", "-o", hostile)),
		"import":       many("import", []string{"deep.json"}, []string{"twice.json"}, []string{"huge.json"}, []string{"raw.json"}, []string{hostile}, []string{hostile, "--json"}),
		"verify":       two(all("verify"), some("verify", "--json"), many("verify", []string{"deep.json"}, []string{"huge.json"}, []string{"raw.json"}, []string{hostile + ".json"})),
		"test":         many("test", []string{hostile}, []string{"recorded"}, []string{"recorded", "--json"}, []string{"raw.json"}, []string{"recorded", "--update"}),
		"new":          many("new", []string{hostile}, []string{"../" + hostile}, []string{"a", "--pattern", hostile}, []string{"a", "--replace", hostile}, []string{"a", "--replace", "no $(touch pwned)", "--json"}, []string{"a", hostile}),
		"backup":       many("backup", []string{"copy $(touch pwned) \x1b[2J.db"}, []string{"nowhere/" + hostile}),
		"serve":        many("serve", []string{"--addr", hostile}, []string{"--addr", "$(touch pwned):x"}, []string{"--addr", "0.0.0.0:0", "--host", hostile}, []string{"--openapi"}, []string{"--limit", hostile}, []string{"--addr", "127.0.0.1:0", "--hook-secrets", hostile}, []string{"--addr", "127.0.0.1:0", "--hook-secrets", "raw.json"}),
		"mcp":          many("mcp", []string{}, []string{"--print-config", hostile}, []string{"--print-config", "plain", "--tools", hostile}, []string{"--print-config", "plain", "--studio", "http://x/" + hostile}, []string{"--print-config", "vscode"}, []string{"--studio", hostile}, []string{"--limit", hostile}, []string{"--tools", hostile}),
		"hook":         two(all("hook"), some("hook", hostile), some("hook", "--json"), many("hook", []string{r["input"], "tried"})),
		"token":        many("token", []string{}, []string{hostile}),
		"token add":    many("token add", []string{hostile}, []string{"a $(touch pwned) 'b'"}, []string{"ed", "--run", r["approval"], "--step", hostile}, []string{"vi", "--role", hostile}, []string{"vi", "--expires", hostile}, []string{"vi", "--json", "--run", r["approval"], "--step", hostile + "2"}, []string{"vi", "--run", hostile, "--step", "x"}),
		"token list":   many("token list", []string{}, []string{"--json"}, []string{"--quiet"}),
		"limit":        many("limit", []string{}, []string{hostile}),
		"limit set":    many("limit set", []string{"--flow", hostile, "--calls", "1"}, []string{"--calls", hostile}, []string{"--per", hostile, "--calls", "1"}, []string{"--tz", hostile, "--calls", "1"}, []string{"--tz", "../../etc/passwd", "--calls", "1"}, []string{"--flow", "attacked", "--calls", "1000000", "--tokens", "9223372036854775807"}, []string{"--flow", "attacked", "--calls", "1000000", "--json"}, []string{"--flow", hostile, "--per", "total", "--calls", "0"}, []string{"--usd", "1e13"}),
		"costs":        {{"costs"}, {"costs", "--by", "model"}, {"costs", "--by", "day", "--json"}, {"costs", "--flow", hostile}, {"costs", "--quiet"}},
		"prices":       many("prices", []string{}, []string{"openai"}, []string{"openai", "--json"}, []string{hostile}, []string{hostile + "/" + hostile}, []string{"a", "b"}, []string{"--quiet"}),
		"limit list":   many("limit list", []string{}, []string{"--json"}, []string{"--quiet"}),
		"limit remove": many("limit remove", []string{"--flow", hostile}, []string{"--flow", "attacked"}, []string{"--per", hostile}, []string{"--flow", hostile, "--per", "total"}),
		"token remove": many("token remove", []string{hostile}, []string{"a $(touch pwned) 'b'"}, []string{"nobody"}),
	}
}

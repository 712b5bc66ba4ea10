//go:build unix

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

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
		{"__complete", "run", "attacked", "--model", ""}, {"__complete", "run", "attacked", "--model", "attacker/"}, {"__complete", "schedule", "pause", ""}} {
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
		// A diff paints words that may begin with a stain: there what is hostile is told by the
		// stain before it.
		painted := strings.HasPrefix(what, "diff ") && !strings.HasSuffix(out[:at[0]], stain)
		if strings.HasPrefix(out[at[1]:], stain) && !painted {
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

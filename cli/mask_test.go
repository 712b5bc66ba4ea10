package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/internal/terminaltest"
	"github.com/pawlrun/pawl/llm"
)

const secret = `wal"rus-4711`

type secretInput struct {
	Token string `json:"token" pawl:"sensitive"`
	Fail  bool   `json:"fail" pawl:"default=false"`
}

type secretAnswer struct {
	Guess string `json:"guess" pawl:"sensitive"`
}

type secretOutput struct {
	Token string `json:"token" pawl:"sensitive"`
	Text  string `json:"text"`
}

// found is what code finds: a secret beside what has no schema.
type found struct {
	Any  any      `json:"any"`
	Keys []boxKey `json:"keys"`
}

type boxKey struct {
	Code string `json:"code" pawl:"len=1..,sensitive"`
}

const boxCode = "sesame-0815"

func openBox(context.Context, string) (found, error) {
	return found{Any: "thing", Keys: []boxKey{{boxCode}}}, nil
}

// leaky is a flow that does all it can to have its secret seen.
func leaky() pawl.Flow {
	return pawl.New("leaky", "Leak a token.", func(r *pawl.Run, in secretInput) (secretOutput, error) {
		r.Note("the token is %s", in.Token)
		pawl.Do(r, "open", "box", openBox)
		text := pawl.Ask(r, "say", pawl.Messages[string]("Saying it", llm.User("Topic: "+in.Token+". Answer with one word.")))
		guess := pawl.Ask(r, "guess", pawl.Messages[secretAnswer]("Guessing it", llm.User("Topic: tides. Guess.")))
		if guess.Guess == mask.Hidden {
			return secretOutput{}, errors.New("the flow itself got a masked value")
		}
		if in.Fail {
			return secretOutput{}, errors.New("token " + in.Token + " does not work")
		}
		return secretOutput{Token: in.Token, Text: "with " + in.Token + ": " + text}, nil
	})
}

// What is sensitive is in no view, wherever the flow has put it.
func TestSensitiveIsMasked(t *testing.T) {
	for _, fail := range []string{"--fail=false", "--fail"} {
		c := newCommand(t, leaky())
		for _, args := range [][]string{
			{"run", "leaky", "--token", secret, fail, "--json"},
			{"run", "leaky", "--token", secret, fail},
			{"result", "last"},
			{"show", "last"},
			{"show", "last", "--json"},
			{"show", "last", "--step", "open"},
			{"show", "last", "--step", "open", "--json"},
			{"resume", "last"},
			{"watch", "last"},
			{"watch", "last", "--json"},
			{"logs", "last"},
			{"logs", "last", "--json"},
			{"runs"},
			{"runs", "--json"},
		} {
			_, stdout, stderr := c.run(args...)
			for _, out := range []string{stdout, stderr} {
				for _, leak := range []string{secret, `wal\"rus-4711`, `rus-4711`, boxCode} {
					if strings.Contains(out, leak) {
						t.Errorf("pawl %s %s shows %s:\n%s", args[0], fail, leak, out)
					}
				}
			}
			if strings.Contains(stdout, `"steps"`) && (!strings.Contains(stdout, `"output": "***"`) || !strings.Contains(stdout, `"raw": "***"`)) {
				t.Errorf("pawl %s does not mask the answer:\n%s", args[0], stdout)
			}
			if strings.Contains(strings.Join(args, " "), "run leaky") && !strings.Contains(stderr, "the token is ***") {
				t.Errorf("the note is missing:\n%s", stderr)
			}
		}
	}
	c, file := newCommand(t, leaky()), filepath.Join(t.TempDir(), "result.json")
	c.ok("run", "leaky", "--token", secret, "-o", file)
	if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), "rus-4711") || !strings.Contains(string(text), `"token": "***"`) {
		t.Errorf("the file has %s, %v", text, err)
	}
}

// asksAtOnce is a flow that begins by sending its secret.
func asksAtOnce() pawl.Flow {
	return pawl.New("asks", "Ask with a token.", func(r *pawl.Run, in secretInput) (string, error) {
		return pawl.Ask(r, "say", pawl.Messages[string]("Saying it", llm.User("Topic: "+in.Token))), nil
	})
}

// What is sensitive is in no prompt that is shown before it leaves, while the rest is; and
// where the output is to have something sensitive, nothing is shown that may repeat it.
func TestSensitiveIsMaskedBeforeItLeaves(t *testing.T) {
	for _, f := range []pawl.Flow{asksAtOnce(), leaky()} {
		c := newCommand(t, f)
		for _, args := range [][]string{
			{"run", f.Name(), "--token", secret, "--dry-run"},
			{"run", f.Name(), "--token", secret, "--dry-run", "--json"},
			{"run", f.Name(), "--token", secret, "--break", "say"},
			{"run", f.Name(), "--token", secret, "--break", "say", "--json"},
			{"show", "last"},
			{"show", "last", "--json"},
			{"inbox", "--json"},
			{"logs", "last"},
			{"logs", "last", "--json"},
			{"rerun", "last", "--plan", "--json"},
		} {
			_, stdout, stderr := c.run(args...)
			for _, leak := range []string{"rus-4711", boxCode} {
				if strings.Contains(stdout+stderr, leak) {
					t.Errorf("%s: pawl %q shows %s:\n%s%s", f.Name(), args, leak, stdout, stderr)
				}
			}
			if f.Name() == "asks" && (strings.Contains(stdout, `"request": {`) || args[0] == "show" || slices.Contains(args, "--dry-run")) && !strings.Contains(stdout, "Topic: ***") {
				t.Errorf("pawl %q does not show the rest:\n%s%s", args, stdout, stderr)
			}
		}
	}
}

// What a Do returns is hidden as an answer is: also where the flow puts it later,
// and in the tree.
func TestSensitiveDoIsMasked(t *testing.T) {
	for _, repeatable := range []bool{false, true} {
		c := newCommand(t, pawl.New("box", "Open a box.", func(r *pawl.Run, in topic) (string, error) {
			var opts []pawl.DoOption
			if repeatable {
				opts = append(opts, pawl.Repeatable)
			}
			found := pawl.Do(r, "open", "box", openBox, opts...)
			pawl.Do(r, "use", "key", func(context.Context, string) (string, error) { return "used " + found.Keys[0].Code, nil })
			return "", errors.New("cannot use " + found.Keys[0].Code)
		}))
		c.screen = terminaltest.New(100, 30)
		c.run("run", "box", "--topic", "x", "--model", "offline")
		if seen := strings.Join(c.screen.Lines(), "\n"); strings.Contains(seen, boxCode) || !strings.Contains(seen, "cannot use ***") {
			t.Errorf("the tree shows:\n%s", seen)
		}
		c.screen = nil
		for _, args := range [][]string{{"show", "last"}, {"show", "last", "--json"}, {"show", "last", "--step", "use"}, {"logs", "last"}, {"logs", "last", "--json"}, {"watch", "last"}, {"runs"}, {"resume", "last"}} {
			_, out, err := c.run(args...)
			if strings.Contains(out+err, boxCode) || !strings.Contains(out+err, "***") {
				t.Errorf("pawl %s shows:\n%s%s", args, out, err)
			}
		}
	}
}

// guessing is a flow that fails with a sensitive answer in its error.
func guessing(guess *string) pawl.Flow {
	return pawl.New("guessing", "Guess.", func(r *pawl.Run, in topic) (string, error) {
		*guess = pawl.Ask(r, "guess", pawl.Messages[secretAnswer]("Guessing it", llm.User("Topic: tides. Guess."))).Guess
		return "", errors.New("not accepted: " + *guess)
	})
}

// A sensitive answer is in no view either, wherever the flow has put it.
func TestSensitiveAnswerIsMasked(t *testing.T) {
	var guess string
	c := newCommand(t, guessing(&guess))
	in := inputsFile(t, 1)
	c.ok("run", "guessing", "--topic", "x", "--detach", "--model", "offline")
	for _, args := range [][]string{
		{"worker", "--drain"},
		{"runs"}, {"runs", "--json"}, {"show", "last"}, {"show", "last", "--json"}, {"watch", "last"}, {"resume", "last"},
		{"batch", "guessing", in}, {"batch", "guessing", in, "--json"},
	} {
		_, out, err := c.run(args...)
		if guess == "" || strings.Contains(out+err, guess) || !strings.Contains(out+err, "not accepted: ***") {
			t.Errorf("pawl %s shows of %q:\n%s%s", args, guess, out, err)
		}
	}
}

package cli

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/terminaltest"
	"github.com/pawlrun/pawl/llm"
)

// writer is a provider whose model writes these texts, one for each request in turn, a
// word every second.
func writer(texts ...string) llm.Provider {
	return llm.Provider{Name: "writer", Models: []string{"slow"}, New: func(func(string) string) llm.Model {
		return llm.Func(func(ctx context.Context, _ llm.Request, stream func(llm.Delta)) (llm.Response, error) {
			text := texts[0]
			texts = texts[1:]
			for word := range strings.SplitAfterSeq(text, " ") {
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
					return llm.Response{}, &llm.Error{Kind: llm.Canceled, Message: "left"}
				}
				stream(llm.Delta{Text: word})
			}
			return llm.Response{Text: text}, nil
		})
	}}
}

// short is a flow of one step whose answer has at most three words.
func short() pawl.Flow {
	return pawl.New("short", "Say something short.", func(r *pawl.Run, in topic) (string, error) {
		return pawl.Ask(r, "say", pawl.Messages[string]("Saying something", llm.User("Topic: "+in.Topic)).Gate("short", func(s string) error {
			if len(strings.Fields(s)) > 3 {
				return errors.New("is too long")
			}
			return nil
		})), nil
	})
}

// Without a tree answers are lines, each as soon as it is whole, and those of another
// attempt say so. The result is what it always is.
func TestTokensAsLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCommand(t, short())
		c.providers = []llm.Provider{writer("High water\nand low water,\n\n  twice a day", "High and low")}
		stdout, stderr := c.ok("run", "short", "--tokens")
		var lines []string
		for line := range strings.Lines(stderr) {
			line = strings.TrimSpace(line)
			if _, text, stamped := strings.Cut(line, "] "); stamped {
				line = text
			}
			if lines = append(lines, line); strings.Contains(line, "attempt 2): ") {
				break
			}
		}
		want := "Saying something|say: High water|say: and low water,|say: twice a day|Attempt 2/3 of say: is too long|say (attempt 2): High and low"
		if got := strings.Join(lines[1:], "|"); got != want {
			t.Errorf("stderr is\n%s\nwants\n%s", got, want)
		}
		if stdout != "High and low\n" {
			t.Errorf("stdout is %q", stdout)
		}
		c.providers = []llm.Provider{writer("High and low")}
		if _, stderr := c.ok("run", "short"); strings.Contains(stderr, "High") {
			t.Errorf("nobody wants to see it:\n%s", stderr)
		}
		c.providers = []llm.Provider{writer("High and low")}
		if _, stderr := c.ok("run", "short", "--tokens", "--quiet"); stderr != "" {
			t.Errorf("quiet is\n%s", stderr)
		}
	})
}

// On a terminal an answer grows below its step, and is gone when its attempt ends; what
// a signal leaves behind is no half answer.
func TestTokensInTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCommand(t, short())
		c.providers = []llm.Provider{writer("High water and low water follow the moon", "High and low")}
		c.screen = terminaltest.New(40, 8)
		ended := make(chan string)
		go func() {
			stdout, _ := c.ok("run", "short", "--tokens")
			ended <- stdout
		}()
		<-time.After(6500 * time.Millisecond)
		shows(t, c.screen, "▸ running  say", "\n           High water and low water", "\n           follow", "1 call in flight")
		<-time.After(3 * time.Second)
		shows(t, c.screen, "▸ running  say", "\n           High", "1 call in flight")
		if all := strings.Join(c.screen.Lines(), "\n"); strings.Contains(all, "the moon") {
			t.Errorf("what was turned down still stands there:\n%s", all)
		}
		if stdout := <-ended; stdout != "High and low\n" {
			t.Errorf("stdout is %q", stdout)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := newCommand(t, short())
		c.providers = []llm.Provider{writer(strings.Repeat("High water ", 30))}
		c.screen = terminaltest.New(40, 8)
		go func() {
			<-time.After(2500 * time.Millisecond)
			shows(t, c.screen, "\n           High water")
			c.signals <- os.Interrupt // the call is cut after a while
		}()
		if code, _, stderr := c.run("run", "short", "--tokens"); code != 130 {
			t.Errorf("exit code %d\n%s", code, stderr)
		}
		if all := strings.Join(c.screen.Lines(), "\n"); strings.Contains(all, "High") {
			t.Errorf("half an answer is left:\n%s", all)
		}
		c.providers, c.screen = []llm.Provider{writer("High and low")}, nil
		stdout, stderr := c.ok("resume", "last", "--tokens", "--take")
		if stdout != "High and low\n" || !strings.Contains(stderr, "(attempt 2): High and low\n") {
			t.Errorf("resume says %q\n%s", stdout, stderr)
		}
	})
}

// What must not be shown of answers is not shown while they arrive either.
func TestTokensAreMasked(t *testing.T) {
	type in struct {
		Token string `json:"token" pawl:"sensitive"`
	}
	type out struct {
		Token string `json:"token" pawl:"sensitive"`
	}
	use := func(r *pawl.Run, in in) string {
		return pawl.Ask(r, "use", pawl.Messages[string]("Using it", llm.User("Use "+in.Token)))
	}
	flows := []pawl.Flow{
		pawl.New("hides", "Use a token.", func(r *pawl.Run, in in) (string, error) { return use(r, in), nil }),
		pawl.New("makes", "Make a token.", func(r *pawl.Run, in in) (string, error) {
			pawl.Ask(r, "make", pawl.Messages[out]("Making one", llm.User("Make one.")))
			return "", nil
		}),
		pawl.New("gives", "Give a token.", func(r *pawl.Run, in in) (out, error) { return out{use(r, in)}, nil }),
	}
	for flow, want := range map[string]string{
		"hides": "use: Take *** and go\n",
		"makes": "",
		"gives": "is shown before it is whole: its output has sensitive fields",
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCommand(t, flows...)
			text := "Take my " + secret + " and go"
			if flow == "makes" {
				text = `{"token": "my name is mine"}`
			}
			c.providers = []llm.Provider{writer(text)}
			_, stderr := c.ok("run", flow, "--token", "my "+secret, "--tokens")
			if !strings.Contains(stderr, want) || strings.Contains(stderr, secret) || strings.Contains(stderr, "my ") || strings.Count(stderr, "Take") != strings.Count(want, "Take") || strings.Contains(stderr, "mine") {
				t.Errorf("%s says\n%s", flow, stderr)
			}
		})
	}
}

// Tokens of a run that another process will execute cannot be shown by this one.
func TestTokensRefused(t *testing.T) {
	c := newCommand(t, echo("echo"))
	if code, _, stderr := c.run("run", "echo", "--tokens", "--detach"); code != 2 || !strings.Contains(stderr, "watch RUN --tokens") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// A piece in JSON is told from an event by its type.
func TestPieceLine(t *testing.T) {
	var out strings.Builder
	a := newApp(world{getenv: func(string) string { return "" }, stdout: term.Stream{Writer: &out}}, Program{})
	if err := a.pieceLine(pawl.Piece{Run: "r", Key: "say", Attempt: 1, Text: "a <b>"}); err != nil {
		t.Fatal(err)
	}
	if err := a.pieceLine(pawl.Piece{Run: "r", Key: "say", Attempt: 1, End: true}); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"piece","run":"r","key":"say","attempt":1,"text":"a <b>"}` + "\n" + `{"type":"piece","run":"r","key":"say","attempt":1,"end":true}` + "\n"
	if out.String() != want {
		t.Errorf("it is\n%s", out.String())
	}
}

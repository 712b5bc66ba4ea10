package cli

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

// parrot is a provider of one's own: it repeats the last message.
func parrot() llm.Provider {
	return llm.Provider{
		Name:     "parrot",
		About:    "repeats what it hears; needs PARROT_SEED",
		Help:     "A parrot repeats:\n\n  parrot/red  loudly",
		Settings: []llm.Setting{{Name: "PARROT_SEED", About: "what the parrot eats", Required: true, Secret: true}},
		Models:   []string{"red"},
		New: func(getenv func(string) string) llm.Model {
			return llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
				if getenv("PARROT_SEED") == "" {
					return llm.Response{}, &llm.Error{Kind: llm.Auth, Message: "the parrot is hungry", Hint: "set PARROT_SEED"}
				}
				return llm.Response{Text: req.Model + " says " + req.Messages[len(req.Messages)-1].Text(), Usage: &llm.Usage{}}, nil
			})
		},
		Probe: func(context.Context, func(string) string) ([]string, error) {
			return []string{"red", "grey", "two words"}, nil
		},
	}
}

// A provider in the list is all that a command needs to know of it.
func TestProviderOfOnesOwn(t *testing.T) {
	c := newCommand(t, echo("echo"))
	c.providers = []llm.Provider{parrot()}
	for _, tt := range []struct {
		seed string
		args string
		code int
		want string // on either stream
	}{
		{"", "doctor", 0, "warn  PARROT_SEED     is not set; set it to ask parrot; pawl help models says more\n"},
		{"", "doctor --online", 0, "warn  online          no provider has a key or an address, so none was asked\n"},
		{"", "run echo --topic tides", 2, "set PARROT_SEED"},
		{"walrus-4711", "doctor", 0, "ok    PARROT_SEED     is set, not asked (pawl doctor --online asks)\n"},
		{"walrus-4711", "doctor --online", 0, "warn  online parrot   parrot/red answers, after "},
		{"walrus-4711", "help models", 0, "  parrot/NAME  repeats what it hears; needs PARROT_SEED\n\nThe default is the one that PAWL_MODEL names, else parrot/red if PARROT_SEED is\nset."},
		{"walrus-4711", "help models", 0, "\n\nA parrot repeats:\n\n  parrot/red  loudly\n"},
		{"walrus-4711", "help environment", 0, "\n  PARROT_SEED  "},
		{"walrus-4711", "help environment", 0, "  what the parrot eats\n"},
		{"walrus-4711", "run echo --help", 0, "ask MODEL, as in parrot/red, in every step"},
		{"walrus-4711", "__complete run echo --model ", 0, "parrot/red\tneeds PARROT_SEED\nparrot/\tneeds PARROT_SEED\n:4\n"},
		{"walrus-4711", "__complete run echo --model parrot/", 0, "parrot/red\nparrot/grey\n:4\n"},
		{"walrus-4711", "run echo --topic tides", 0, "red says Topic: tides\n"},
		{"walrus-4711", "run echo --topic tides --model parrot/grey", 0, "grey says Topic: tides\n"},
		{"walrus-4711", "run echo --topic tides --model offline", 2, "providers are parrot\n"},
	} {
		c.env["PARROT_SEED"] = tt.seed
		code, stdout, stderr := c.run(strings.Split(tt.args, " ")...)
		if code != tt.code || !strings.Contains(stdout+stderr, tt.want) {
			t.Errorf("pawl %s: exit code %d, wants %d and %q\n%s%s", tt.args, code, tt.code, tt.want, stdout, stderr)
		}
		if strings.Contains(stdout+stderr, "walrus") {
			t.Errorf("pawl %s shows the secret\n%s%s", tt.args, stdout, stderr)
		}
	}
}

func TestDefaultModel(t *testing.T) {
	def := Providers()
	for _, tt := range []struct {
		name      string
		providers []llm.Provider
		set       string // settings
		want      string
	}{
		{"no key", def, "", "offline"},
		{"a key", def, "OPENAI_API_KEY", "openai/gpt-5.4-mini"},
		{"a key of one that has to be asked", def, "OPENAI_CHAT_API_KEY", ""},
		{"an address without its key", def, "OPENAI_BASE_URL", ""},
		{"named", def, "PAWL_MODEL OPENAI_API_KEY", "x"},
		{"the first that is ready", append([]llm.Provider{parrot()}, def...), "PARROT_SEED OPENAI_API_KEY", "parrot/red"},
		{"the next one", append([]llm.Provider{parrot()}, def...), "OPENAI_API_KEY", "openai/gpt-5.4-mini"},
		{"none is ready", def[:1], "", ""},
		{"none names one", def[1:2], "OPENAI_CHAT_API_KEY", ""},
	} {
		a := newApp(world{getenv: func(name string) string {
			if slices.Contains(strings.Fields(tt.set), name) {
				return "x"
			}
			return ""
		}}, Program{Providers: tt.providers})
		if got := a.defaultModel(); got != tt.want {
			t.Errorf("%s: %q, wants %q", tt.name, got, tt.want)
		}
	}
}

// What a provider reads is what it declares: help and doctor show nothing else.
func TestProvidersReadTheirSettings(t *testing.T) {
	for _, p := range Providers() {
		read := map[string]bool{}
		getenv := func(name string) string {
			read[name] = true
			return ""
		}
		p.New(getenv)
		if p.Probe != nil {
			if _, err := p.Probe(t.Context(), getenv); err != nil && llm.KindOf(err) != llm.Auth { // it wants a key
				t.Errorf("%s: %v", p.Name, err)
			}
		}
		for _, s := range p.Settings {
			if !read[s.Name] || s.About == "" {
				t.Errorf("%s declares %+v, and has read %v", p.Name, s, read)
			}
			delete(read, s.Name)
		}
		if len(read) > 0 {
			t.Errorf("%s has read %v, which it does not declare", p.Name, read)
		}
	}
}

package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pawlrun/pawl/internal/responsestest"
)

// server is a provider under a script's control.
type server struct {
	*responsestest.Server

	mu      sync.Mutex
	replies []string // of the calls to come
	held    chan struct{}
	once    sync.Once // closes held
}

func (s *server) release() { s.once.Do(func() { close(s.held) }) }

// server [REPLY...]: starts a provider that gives these replies and then good
// ones, and makes it the provider of the commands that follow.
func cmdServer(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, "server [REPLY...]")
	f := fixtureOf(ts)
	f.server = &server{Server: responsestest.New(f.t), replies: args, held: make(chan struct{})}
	f.server.On(func(c responsestest.Call) responsestest.Reply { return f.server.next(ts, c) })
	ts.Setenv("OPENAI_BASE_URL", f.server.URL())
	ts.Setenv("GEMINI_SERVER", f.server.GeminiURL())
	ts.Setenv("OPENAI_API_KEY", "sk-test-1234567890abcdef")
	ts.Setenv("OPENAI_CHAT_BASE_URL", f.server.URL())
	ts.Defer(func() {
		f.server.release() // the script may have failed before it did
		for _, v := range f.server.Violations() {
			f.t.Errorf("the provider would refuse: %s", v)
		}
	})
}

// replies REPLY...: what the calls to come get, before good answers again.
func cmdReplies(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "replies REPLY...")
	s := fixtureOf(ts).server
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies = args
}

// lists MODEL...: the models that the provider lists from now on.
func cmdLists(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "lists MODEL...")
	fixtureOf(ts).server.Lists(args...)
}

func (s *server) next(ts *testscript.TestScript, c responsestest.Call) responsestest.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.replies) == 0 {
		return responsestest.Reply{}
	}
	word := s.replies[0]
	s.replies = s.replies[1:]
	name, arg, _ := strings.Cut(word, ":")
	switch name {
	case "ok":
		return responsestest.Reply{}
	case "used": // used:IN/OUT/CACHED, in tokens
		var in, out, cached int64
		if _, err := fmt.Sscanf(arg, "%d/%d/%d", &in, &out, &cached); err != nil {
			return responsestest.Status(http.StatusTeapot, "", "used wants IN/OUT/CACHED")
		}
		return responsestest.Reply{}.Usage(in, out, cached)
	case "as": // as:MODEL, which answers in place of the one that was asked
		return responsestest.Reply{}.As(arg)
	case "401":
		return responsestest.WrongKey(c, true)
	case "400":
		return responsestest.Status(http.StatusBadRequest, "invalid_value", "Invalid value: 'x'.")
	case "most": // most:4096, which a limit of an answer may be
		return responsestest.Status(http.StatusBadRequest, "", "max_tokens must be less than or equal to "+arg)
	case "429": // 429:1 with Retry-After: 1
		return responsestest.Status(http.StatusTooManyRequests, "rate_limit_exceeded", "slow down").Header("Retry-After", arg)
	case "quota":
		return responsestest.Status(http.StatusTooManyRequests, "insufficient_quota", "You exceeded your current quota.")
	case "500":
		return responsestest.Status(http.StatusInternalServerError, "", "the server had an error")
	case "reset":
		return responsestest.Reset()
	case "refusal":
		return responsestest.Refusal("I cannot help with that.")
	case "text": // text:FILE
		return responsestest.Text(strings.TrimSpace(ts.ReadFile(arg)))
	case "hang": // hang:FILE after what is in FILE
		partial := ""
		if arg != "" {
			partial = ts.ReadFile(arg)
		}
		return responsestest.Hang(partial)
	case "held": // until release
		return responsestest.Reply{}.Before(func(responsestest.Call) { <-s.held })
	}
	return responsestest.Status(http.StatusTeapot, "", "the script has no reply "+word)
}

// release lets go of the calls that are held.
func cmdRelease(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, "release")
	fixtureOf(ts).server.release()
}

// arrived N: waits until that many calls have arrived.
func cmdArrived(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "arrived N")
	fixtureOf(ts).server.WaitCalls(number(ts, args[0]))
}

// calls N [AGAIN]: that many calls have arrived, and as many contents more than
// once as AGAIN says, or none.
func cmdCalls(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "calls N [AGAIN]")
	s := fixtureOf(ts).server
	again := 0
	if len(args) > 1 {
		again = number(ts, args[1])
	}
	if n := len(s.Calls()); n != number(ts, args[0]) {
		ts.Fatalf("there were %d calls, wants %s", n, args[0])
	}
	if n := len(s.Repeated()); n != again {
		ts.Fatalf("%d contents arrived more than once, wants %d", n, again)
	}
}

// prompt N TEXT: what call N sent holds the text; ! prompt says that it does not.
func cmdPrompt(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] prompt N TEXT")
	}
	calls := fixtureOf(ts).server.Calls()
	n := number(ts, args[0])
	if n > len(calls) {
		ts.Fatalf("there were %d calls", len(calls))
	}
	if strings.Contains(calls[n-1].Prompt(), args[1]) == neg {
		ts.Fatalf("call %d sent:\n%s", n, calls[n-1].Prompt())
	}
}

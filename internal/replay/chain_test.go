package replay_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// of returns attempts that are written as a model's letter and then what each came to, as
// in letters: "Att Bq".
func of(t *testing.T, legs string) (all []journal.Attempt) {
	t.Helper()
	for leg := range strings.FieldsSeq(legs) {
		for _, a := range attempts(leg[1:]) {
			a.Model, a.Number = leg[:1], len(all)+1
			all = append(all, a)
		}
	}
	return all
}

// refusing is a chain of these models, some of whose providers refuse the account.
func refusing(models, refused string) replay.Chain {
	return replay.Chain{Models: strings.Split(models, ""), Refused: func(model string) *pawl.Error {
		if !strings.Contains(refused, model) {
			return nil
		}
		return &pawl.Error{Kind: "quota", Message: model + " has no credit", Hint: "pay " + model}
	}}
}

// TestNextModel: another model is asked where the one before cannot answer, and has
// attempts of its own.
func TestNextModel(t *testing.T) {
	const call, fail, asked, held = replay.Call, replay.Fail, replay.Asked, replay.Held
	for _, c := range []struct {
		name     string
		chain    string
		refused  string
		attempts string // of earlier rounds before a dash
		action   replay.Action
		model    string // for call
		try, of  int    // for call
		why      string // for call
		kind     pawl.ErrorKind
		message  string
		hint     string
	}{
		{name: "first", chain: "ABC", action: call, model: "A", try: 1, of: 3},
		{name: "begins at the first that is not refused", chain: "ABC", refused: "AB", action: call, model: "C", try: 1, of: 3, why: "B: B has no credit"},
		{name: "auth", chain: "AB", attempts: "Aa", action: call, model: "B", try: 1, of: 3, why: "A: no key"},
		{name: "quota", chain: "AB", attempts: "Atq", action: call, model: "B", try: 1, of: 3, why: "A: no credit"},
		{name: "four transient", chain: "AB", attempts: "Atttt", action: call, model: "A", try: 5, of: 5, why: "busy"},
		{name: "five transient", chain: "AB", attempts: "Attttt", action: call, model: "B", try: 1, of: 3, why: "A: still failing after 5 attempts: busy"},
		{name: "tries count for each model", chain: "AB", attempts: "Attttt Btttt", action: call, model: "B", try: 5, of: 5, why: "busy"},
		{name: "repairs count for each model", chain: "AB", attempts: "Arra Brr", action: call, model: "B", try: 3, of: 3, why: "too long; too dull"},
		{name: "cut short, for each model", chain: "AB", attempts: "Aca Bc", action: call, model: "B", try: 2, of: 2, why: "cut short"},
		{name: "past the second", chain: "ABC", attempts: "Aa Bq", action: call, model: "C", try: 1, of: 3, why: "B: no credit"},
		{name: "past one that is refused", chain: "ABC", refused: "B", attempts: "Aa", action: call, model: "C", try: 1, of: 3, why: "B: B has no credit"},
		{name: "never back", chain: "AB", attempts: "Br", action: call, model: "B", try: 2, of: 3, why: "too long; too dull"},
		{name: "refused in the middle", chain: "AB", refused: "A", attempts: "Atr", action: call, model: "B", try: 1, of: 3, why: "A: A has no credit"},
		{name: "and not refused any more", chain: "ABC", attempts: "Atr Bt", action: call, model: "B", try: 2, of: 5, why: "busy"},
		{name: "a model that is in the chain no more", chain: "AB", attempts: "Xtr", action: call, model: "A", try: 1, of: 3},

		{name: "the question is no other model's", chain: "AB", attempts: "Ax", action: fail, kind: "refused", message: "no"},
		{name: "nor are gates", chain: "AB", attempts: "Arrr", action: fail, kind: "gate", message: "no answer passed its gates in 3 attempts; the last: too long; too dull"},
		{name: "nor a request that is invalid", chain: "AB", attempts: "Av", action: fail, kind: "invalid", message: "max_tokens is too large"},
		{name: "nor is an outcome that nobody knows", chain: "AB", attempts: "Auuu", action: asked, kind: "unknown", message: "its process ended before the attempt did, 3 times in a row"},
		{name: "the question, of the second", chain: "AB", attempts: "Aa Bx", action: fail, kind: "refused", message: "no"},
		{name: "all", chain: "AB", attempts: "Aa Bttttt", action: fail, kind: "auth",
			message: "none of its models can answer: A: no key; B: still failing after 5 attempts: busy", hint: "set it"},
		{name: "all, the rest refused", chain: "ABC", refused: "BC", attempts: "Attttt", action: fail, kind: "overloaded",
			message: "none of its models can answer: A: still failing after 5 attempts: busy; B: B has no credit; C: C has no credit", hint: "resume later"},
		{name: "alone", chain: "A", attempts: "Aq", action: fail, kind: "quota", message: "no credit"},

		{name: "all are refused", chain: "AB", refused: "AB", action: held, kind: "quota", message: "A has no credit", hint: "pay A"},
		{name: "refused in the middle, alone", chain: "A", refused: "A", attempts: "Atr", action: held, kind: "quota", message: "A has no credit", hint: "pay A"},
		{name: "a new round begins at the first", chain: "AB", attempts: "Aa Bttttt -", action: call, model: "A", try: 1, of: 3},
		{name: "and counts anew", chain: "AB", attempts: "Attttt Btt - Aa Bt", action: call, model: "B", try: 2, of: 5, why: "busy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, round, ok := strings.Cut(c.attempts, "-")
			if !ok {
				before, round = "", c.attempts
			}
			h := replay.History{Attempts: of(t, before+round), Round: len(of(t, before))}
			p := replay.Next(host.Step{Name: "x", Ask: &host.AskStep{}}, h, refusing(c.chain, c.refused))
			if p.Action != c.action {
				t.Fatalf("got %+v %v", p, p.Err)
			}
			if c.action == call {
				if want := (replay.Plan{Model: c.model, Number: len(h.Attempts) + 1, Try: c.try, Of: c.of, Why: c.why}); p != want {
					t.Errorf("got %+v, want %+v", p, want)
				}
				return
			}
			if p.Err.Kind != c.kind || p.Err.Message != c.message || c.hint != "" && p.Err.Hint != c.hint {
				t.Errorf("got %+v", p.Err)
			}
		})
	}
}

// TestNextLimits: a step says for itself how often it is tried and repaired.
func TestNextLimits(t *testing.T) {
	for _, c := range []struct {
		tries, answers int
		attempts       string
		action         replay.Action
		message        string
	}{
		{1, 0, "t", replay.Fail, "still failing after 1 attempt: busy"},
		{2, 0, "t", replay.Call, ""},
		{2, 0, "tt", replay.Fail, "still failing after 2 attempts: busy"},
		{7, 0, "tttttt", replay.Call, ""},
		{1, 0, "rr", replay.Call, ""}, // repairs are counted apart
		{0, 1, "r", replay.Fail, "no answer passed its gates in 1 attempt; the last: too long; too dull"},
		{0, 1, "tttt", replay.Call, ""},
		{0, 4, "rrr", replay.Call, ""},
		{0, 4, "rrrr", replay.Fail, "no answer passed its gates in 4 attempts; the last: too long; too dull"},
		{1, 1, "c", replay.Call, ""}, // and so is a larger limit
		{1, 1, "g", replay.Call, ""}, // and what is spared
	} {
		s := host.Step{Name: "x", Tries: c.tries, Ask: &host.AskStep{Answers: c.answers}}
		p := replay.Next(s, replay.History{Attempts: attempts(c.attempts)}, alone)
		if p.Action != c.action || p.Err != nil && p.Err.Message != c.message {
			t.Errorf("tries %d, answers %d, %q: got %+v %v", c.tries, c.answers, c.attempts, p, p.Err)
		}
	}
	do := host.Step{Name: "x", Tries: 2, Do: &host.DoStep{}}
	if p := replay.Next(do, replay.History{Attempts: attempts("tt")}, alone); p.Action != replay.Fail {
		t.Errorf("a do: got %+v", p)
	}
}

// TestHistoryOf: what a model is sent follows from the attempts at it alone.
func TestHistoryOf(t *testing.T) {
	h := replay.History{Attempts: of(t, "Acr Bcr Au Bt"), Round: 3, Answered: 5}
	for i := range h.Attempts {
		h.Attempts[i].Raw = new(fmt.Sprint(i))
	}
	for _, c := range []struct {
		model           string
		numbers         []int
		round, answered int
		tokens          int
		sent            string
	}{
		{"A", []int{1, 2, 5}, 2, 3, 200, ""},
		{"B", []int{3, 4, 6}, 1, 2, 200, "3"},
		{"C", nil, 0, 0, 100, ""},
	} {
		leg := h.Of(c.model)
		var numbers []int
		for _, a := range leg.Attempts {
			numbers = append(numbers, a.Number)
		}
		if !slices.Equal(numbers, c.numbers) || leg.Round != c.round || leg.Answered != c.answered {
			t.Errorf("%s: got %v, round %d, answered %d", c.model, numbers, leg.Round, leg.Answered)
		}
		if n := leg.MaxTokens(host.Step{Ask: &host.AskStep{MaxTokens: 100}}, c.model); n != c.tokens {
			t.Errorf("%s: limit %d, want %d", c.model, n, c.tokens)
		}
		sent := ""
		for _, m := range leg.Messages(nil) {
			if m.Role == llm.RoleAssistant {
				sent += m.Text()
			}
		}
		if sent != c.sent {
			t.Errorf("%s: is shown the answers %q, want %q", c.model, sent, c.sent)
		}
	}
}

// TestChainOfModels: which models a step asks, in which order.
func TestChainOfModels(t *testing.T) {
	ask := func(model string, fallback ...string) host.Step {
		return host.Step{Ask: &host.AskStep{Model: model, Fallback: fallback}}
	}
	run := replay.Model{Name: "run", Fallback: []string{"spare", "own"}}
	forced := run
	forced.Forced = true
	for _, c := range []struct {
		model replay.Model
		step  host.Step
		want  string
	}{
		{replay.Model{Name: "run"}, ask(""), "run"},
		{replay.Model{Name: "run"}, ask("own", "b", "c"), "own b c"},
		{run, ask(""), "run spare own"},
		{run, ask("own", "b", "spare", "b"), "own b spare"},
		{forced, ask("own", "b"), "run spare own"},
		{forced.With(journal.Directive{Model: "new"}), ask("own", "b"), "new spare own"},
		{run.With(journal.Directive{Fallback: []string{"new"}}), ask("own", "b"), "own b new"},
		{run, host.Step{Do: &host.DoStep{}}, ""},
	} {
		if got := strings.Join(c.model.Chain(c.step), " "); got != c.want {
			t.Errorf("%+v asks %q, want %q", c.model, got, c.want)
		}
	}
}

// TestSparedOverModels: attempts of a round are spared for half an hour, whichever models
// they ask, and each by what its own model answered.
func TestSparedOverModels(t *testing.T) {
	h := replay.History{Attempts: of(t, "Al Bl")}
	minute := func(n int) pawl.Time { return pawl.At(time.UnixMilli(0).Add(time.Duration(n) * time.Minute)) }
	for i, n := range []int{0, 20} {
		h.Attempts[i].StartedAt = minute(n)
	}
	at := letters['l']
	for _, c := range []struct {
		model string
		now   int
		since int
	}{{"B", 29, 20}, {"C", 29, 28}, {"B", 30, -1}, {"C", 30, -1}} {
		at.Model, at.StartedAt = c.model, minute(c.now)
		since := minute(-1)
		spares := h.Spares(at, minute(28).Time, func(t time.Time) bool { since = pawl.At(t); return true })
		if d := cmp.Diff(minute(c.since).Time.UTC(), since.UTC()); spares != (c.since >= 0) || d != "" {
			t.Errorf("%s after %d minutes: %v\n%s", c.model, c.now, spares, d)
		}
	}
}

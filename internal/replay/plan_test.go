package replay_test

import (
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

var letters = map[byte]journal.Attempt{
	't': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "overloaded", Message: "busy"}},
	'l': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "rate_limit", Message: "slow down", Hint: "buy more"}},
	'g': {Outcome: pawl.OutcomeFailed, Uncounted: true, Error: &journal.Failure{Kind: "rate_limit", Message: "slow down"}},
	'n': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "network", Message: "cut"}},
	'o': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "timeout", Message: "late"}},
	'c': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "truncated", Message: "cut short", Hint: "raise max_tokens"}},
	'v': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "invalid", Message: "max_tokens is too large"}},
	'k': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "context_length", Message: "too many tokens"}},
	'a': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "auth", Message: "no key", Hint: "set it"}},
	'q': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "quota", Message: "no credit"}},
	'x': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "refused", Message: "no"}},
	's': {Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "step", Message: "code"}},
	'r': {Outcome: pawl.OutcomeRejected, Gates: []pawl.GateResult{{Name: "a", OK: true}, {Name: "b", Detail: "too long"}, {Name: "c", Detail: "too dull"}}},
	'u': {Outcome: pawl.OutcomeUnknown},
}

func attempts(word string) (all []journal.Attempt) {
	for i := range len(word) {
		a := letters[word[i]]
		a.Number = i + 1
		all = append(all, a)
	}
	return all
}

// alone is a step that has one model, or none.
var alone = replay.Chain{Models: []string{""}}

func TestNext(t *testing.T) {
	const call, fail, asked = replay.Call, replay.Fail, replay.Asked
	for _, c := range []struct {
		name     string
		attempts string // of earlier rounds before a dash
		action   replay.Action
		try, of  int            // for call
		why      string         // for call
		kind     pawl.ErrorKind // otherwise
		message  string         // otherwise
		ask      bool           // AskUnknown
	}{
		{name: "first", action: call, try: 1, of: 3},
		{name: "one transient", attempts: "t", action: call, try: 2, of: 5, why: "busy"},
		{name: "four transient of all sorts", attempts: "tlno", action: call, try: 5, of: 5, why: "late"},
		{name: "five transient", attempts: "tlnot", action: fail, kind: "overloaded", message: "still failing after 5 attempts: busy"},
		{name: "one rejected", attempts: "r", action: call, try: 2, of: 3, why: "too long; too dull"},
		{name: "two repairs", attempts: "rr", action: call, try: 3, of: 3, why: "too long; too dull"},
		{name: "no third repair", attempts: "rrr", action: fail, kind: "gate", message: "no answer passed its gates in 3 attempts; the last: too long; too dull"},
		{name: "one cut short", attempts: "c", action: call, try: 2, of: 2, why: "cut short"},
		{name: "cut short again", attempts: "cc", action: fail, kind: "truncated", message: "cut short"},
		{name: "too long", attempts: "k", action: call, try: 2, of: 2, why: "too many tokens"},
		{name: "too long with a smaller limit too", attempts: "kk", action: fail, kind: "context_length", message: "too many tokens"},
		{name: "too long after a larger limit", attempts: "ck", action: fail, kind: "context_length", message: "too many tokens"},
		{name: "counted apart", attempts: "ttttrrc", action: call, try: 2, of: 2, why: "cut short"},
		{name: "counted apart, then one more transient", attempts: "ttttrrct", action: fail, kind: "overloaded", message: "still failing after 5 attempts: busy"},
		{name: "counted apart, then one more answer", attempts: "ttttrrcr", action: fail, kind: "gate", message: "no answer passed its gates in 3 attempts; the last: too long; too dull"},
		{name: "counted apart, then one more cut", attempts: "ttttrrcc", action: fail, kind: "truncated", message: "cut short"},
		{name: "not in a row counts too", attempts: "trtrttt", action: fail, kind: "overloaded", message: "still failing after 5 attempts: busy"},
		{name: "spared", attempts: "gggggggt", action: call, try: 2, of: 5, why: "busy"},
		{name: "four transient, then spared", attempts: "ttttgg", action: call, try: 5, of: 5, why: "slow down"},
		{name: "five transient between spared", attempts: "gtgtgtgtgt", action: fail, kind: "overloaded", message: "still failing after 5 attempts: busy"},
		{name: "auth", attempts: "a", action: fail, kind: "auth", message: "no key"},
		{name: "quota", attempts: "tq", action: fail, kind: "quota", message: "no credit"},
		{name: "refused", attempts: "x", action: fail, kind: "refused", message: "no"},
		{name: "code", attempts: "s", action: fail, kind: "step", message: "code"},

		{name: "new round", attempts: "ttttt-", action: call, try: 1, of: 3},
		{name: "new round counts anew", attempts: "tttttrr-rr", action: call, try: 3, of: 3, why: "too long; too dull"},
		{name: "new round ends as well", attempts: "ttttt-ttttt", action: fail, kind: "overloaded", message: "still failing after 5 attempts: busy"},

		{name: "one unknown", attempts: "u", action: call, try: 2, of: 3, why: "its process ended before the last attempt did"},
		{name: "two unknown", attempts: "uu", action: call, try: 3, of: 3, why: "its process ended before the last attempt did"},
		{name: "three unknown", attempts: "uuu", action: asked, kind: "unknown", message: "its process ended before the attempt did, 3 times in a row"},
		{name: "three unknown, apart", attempts: "uurutu", action: call, try: 2, of: 3, why: "its process ended before the last attempt did"},
		{name: "three unknown at the end", attempts: "turuuu", action: asked, kind: "unknown", message: "its process ended before the attempt did, 3 times in a row"},
		{name: "unknown in another round", attempts: "uuu-u", action: call, try: 2, of: 3, why: "its process ended before the last attempt did"},
		{name: "unknown before a failure", attempts: "uut", action: call, try: 2, of: 5, why: "busy"},
		{name: "unknown does not pardon", attempts: "ttttut", action: fail, kind: "overloaded", message: "still failing after 5 attempts: busy"},
		{name: "ask at once", attempts: "u", ask: true, action: asked, kind: "unknown", message: "its process ended before the attempt did"},
		{name: "asked and lifted", attempts: "u-", ask: true, action: call, try: 1, of: 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, word, ok := strings.Cut(c.attempts, "-")
			if !ok {
				before, word = "", c.attempts
			}
			s := host.Step{Name: "x", Ask: &host.AskStep{AskUnknown: c.ask}}
			p := replay.Next(s, replay.History{Attempts: attempts(before + word), Round: len(before)}, alone)
			if p.Action != c.action {
				t.Fatalf("got %+v", p)
			}
			if c.action == call {
				want := replay.Plan{Number: len(before+word) + 1, Try: c.try, Of: c.of, Why: c.why}
				if p != want {
					t.Errorf("got %+v, want %+v", p, want)
				}
				return
			}
			if p.Err.Kind != c.kind || p.Err.Message != c.message {
				t.Errorf("got %+v", p.Err)
			}
			if last := attempts(word); last[len(last)-1].Error == nil && p.Err.Hint == "" {
				t.Error("no hint")
			}
		})
	}
}

func TestNextHints(t *testing.T) {
	for word, want := range map[string]string{"a": "set it", "lllll": "buy more", "ttttt": "resume later", "cc": "raise max_tokens"} {
		if p := replay.Next(host.Step{Ask: &host.AskStep{}}, replay.History{Attempts: attempts(word), Round: 0}, alone); p.Err.Hint != want {
			t.Errorf("%s: got %q, want %q", word, p.Err.Hint, want)
		}
	}
}

func TestNextWaits(t *testing.T) {
	at := pawl.At(time.Unix(100, 0))
	all := attempts("tt")
	all[0].RetryAt = &at
	if p := replay.Next(host.Step{Ask: &host.AskStep{}}, replay.History{Attempts: all, Round: 0}, alone); !p.At.IsZero() {
		t.Errorf("waits for the attempt before the last: %+v", p)
	}
	all[1].RetryAt = &at
	if p := replay.Next(host.Step{Ask: &host.AskStep{}}, replay.History{Attempts: all, Round: 0}, alone); p.At != at {
		t.Errorf("got %+v", p)
	}
	if p := replay.Next(host.Step{Ask: &host.AskStep{}}, replay.History{Attempts: all, Round: 2}, alone); !p.At.IsZero() {
		t.Errorf("a new round waits: %+v", p)
	}
	if p := replay.Next(host.Step{Do: &host.DoStep{}}, replay.History{Attempts: attempts("uuu"), Round: 0}, alone); p.Action != replay.Asked {
		t.Errorf("a do is asked about too: %+v", p)
	}
}

func TestBackoff(t *testing.T) {
	const almost = 0.9999999
	for _, c := range []struct {
		n      int
		server time.Duration
		jitter float64
		lo, hi time.Duration
	}{
		{1, 0, 0, 800 * time.Millisecond, 800 * time.Millisecond},
		{1, 0, 0.5, time.Second, time.Second},
		{1, 0, almost, 1199 * time.Millisecond, 1200 * time.Millisecond},
		{2, 0, 0, 1600 * time.Millisecond, 1600 * time.Millisecond},
		{4, 0, 0.5, 8 * time.Second, 8 * time.Second},
		{6, 0, almost, 38 * time.Second, 38400 * time.Millisecond},
		{7, 0, 0.5, time.Minute, time.Minute},
		{7, 0, almost, time.Minute, time.Minute},
		{1000, 0, almost, time.Minute, time.Minute},
		{0, 0, 0.5, time.Second, time.Second},
		{-5, 0, 0.5, time.Second, time.Second},
		{1, 30 * time.Second, almost, 30 * time.Second, 30 * time.Second},
		{1, 10 * time.Minute, 0, 10 * time.Minute, 10 * time.Minute},
		{4, time.Second, 0.5, 8 * time.Second, 8 * time.Second},
		{1, -time.Hour, 0.5, time.Second, time.Second},
	} {
		if got := replay.Backoff(c.n, c.server, c.jitter); got < c.lo || got > c.hi {
			t.Errorf("Backoff(%d, %s, %v) is %s, wants %s to %s", c.n, c.server, c.jitter, got, c.lo, c.hi)
		}
	}
}

func TestMessages(t *testing.T) {
	authored := append(make([]llm.Message, 0, 8), llm.System("S"), llm.User("U"))
	answer := func(raw string, gates ...pawl.GateResult) journal.Attempt {
		return journal.Attempt{Outcome: pawl.OutcomeRejected, Raw: &raw, Gates: gates}
	}
	const end = "\nAnswer the original request again, in full and with this put right. Reply with the answer alone."
	round := []journal.Attempt{
		letters['t'],
		answer("one", pawl.GateResult{Name: "a", OK: true}, pawl.GateResult{Name: "b", Detail: "is long"}, pawl.GateResult{Name: "c", Detail: "is dull"}),
		letters['u'],
		answer(" \n", pawl.GateResult{Name: "schema", Detail: "is no JSON"}),
		letters['c'],
		letters['r'], // without an answer
	}
	want := []llm.Message{llm.System("S"), llm.User("U"),
		llm.Assistant("one"), llm.User("That answer was not accepted:\n- b: is long\n- c: is dull\n" + end),
		llm.Assistant("(empty)"), llm.User("That answer was not accepted:\n- schema: is no JSON\n" + end)}
	if d := cmp.Diff(want, (replay.History{Attempts: round}).Messages(authored)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(authored, (replay.History{Attempts: attempts("tuc")}).Messages(authored)); d != "" {
		t.Error(d)
	}
	if got := authored[:3][2]; got.Role != "" {
		t.Errorf("the author's messages were written over: %+v", got)
	}
}

// TestAnsweredUnknown: a person's answer to unknown outcomes continues the
// round: rejected answers are not asked for again, and the count begins anew.
func TestAnsweredUnknown(t *testing.T) {
	ask := host.Step{Ask: &host.AskStep{AskUnknown: true}}
	h := replay.History{Attempts: attempts("ruuu")}
	answer := "wrong"
	h.Attempts[0].Raw = &answer
	if p := replay.Next(ask, h, alone); p.Action != replay.Asked {
		t.Fatalf("got %+v", p)
	}
	h.Answered = 4
	if p := replay.Next(ask, h, alone); p.Action != replay.Call || p.Number != 5 {
		t.Errorf("answered: got %+v", p)
	}
	if n := len(h.Messages([]llm.Message{llm.User("q")})); n != 3 {
		t.Errorf("the repair has %d messages, want 3", n)
	}
	h = h.With(attempts("u")[0])
	if p := replay.Next(ask, h, alone); p.Action != replay.Asked {
		t.Errorf("unknown again: got %+v", p)
	}
	if p := replay.Next(host.Step{Ask: &host.AskStep{}}, h, alone); p.Action != replay.Call {
		t.Errorf("unknown again, policy retry: got %+v", p)
	}
}

// An attempt is spared that was refused for the rate of calls while others of its model
// got through, since the round's attempt before it or since it waits to leave, and for
// half an hour of a round.
func TestSpares(t *testing.T) {
	at := func(word string, minutes ...int) (all []journal.Attempt) {
		for i, a := range attempts(word) {
			a.StartedAt = pawl.At(time.UnixMilli(0).Add(time.Duration(minutes[i]) * time.Minute))
			all = append(all, a)
		}
		return all
	}
	minute := func(n int) time.Time { return time.UnixMilli(0).Add(time.Duration(n) * time.Minute) }
	for _, c := range []struct {
		name     string
		h        replay.History
		last     []journal.Attempt
		queued   int
		answered int // when another was answered last
		want     bool
	}{
		{"first, while it waited", replay.History{}, at("l", 5), 2, 3, true},
		{"first, another before", replay.History{}, at("l", 5), 2, 1, false},
		{"since the attempt before", replay.History{Attempts: at("l", 1)}, at("l", 5), 4, 2, true},
		{"none since the attempt before", replay.History{Attempts: at("l", 1)}, at("l", 5), 4, 0, false},
		{"half an hour", replay.History{Attempts: at("lll", 0, 1, 28)}, at("l", 29), 28, 29, true},
		{"more than that", replay.History{Attempts: at("lll", 0, 1, 28)}, at("l", 30), 28, 30, false},
		{"in another round", replay.History{Attempts: at("lll", 0, 1, 28), Round: 2}, at("l", 30), 28, 30, true},
		{"another failure", replay.History{}, at("t", 5), 2, 5, false},
		{"quota", replay.History{}, at("q", 5), 2, 5, false},
		{"rejected", replay.History{}, at("r", 5), 2, 5, false},
	} {
		got := c.h.Spares(c.last[0], minute(c.queued), func(since time.Time) bool { return !minute(c.answered).Before(since) })
		if got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestDelay: a wait is as long as it was meant to be, whatever the clock was when it was
// recorded, or has been set to since; and it is of the model that asked for it.
func TestDelay(t *testing.T) {
	began := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	failed := letters['t']
	failed.Model, failed.StartedAt, failed.RetryAt = "a/x", pawl.At(began), new(pawl.At(began.Add(20*time.Second)))
	h := replay.History{Attempts: []journal.Attempt{failed}}
	s := host.Step{Name: "s", Ask: &host.AskStep{}}
	for _, c := range []struct {
		model string
		now   time.Time
		want  time.Duration
	}{
		{"a/x", began.Add(5 * time.Second), 15 * time.Second},
		{"a/x", began.Add(time.Hour), 0},
		{"a/x", began.AddDate(-1, 0, 0), 20 * time.Second}, // it was a year ahead
		{"a/x", began.AddDate(0, 0, -1), 20 * time.Second}, // it was set back by a day
		{"a/y", began.Add(5 * time.Second), 0},
	} {
		plan := replay.Next(s, h, replay.Chain{Models: []string{c.model}})
		if got := plan.Delay(c.now); plan.Action != replay.Call || got != c.want {
			t.Errorf("%s at %s: waits %s, want %s", c.model, c.now, got, c.want)
		}
	}
}

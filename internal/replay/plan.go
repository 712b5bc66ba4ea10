package replay

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// How often a step is tried in one round and with one model, each sort counted apart.
// A step may set the first two for itself.
const (
	MaxTransient = 5 // attempts that meet a transient failure
	MaxAnswers   = 3 // answers: the first and two repairs
	MaxTruncated = 2 // answers cut short: the first and one with a larger limit
	MaxOversized = 2 // requests that are too long: the first and one with a smaller limit
	MaxUnknown   = 3 // crashes in a row before a person is asked
)

// MaxSpared is for how long attempts of a round may be spared, from when its first
// one left.
const MaxSpared = 30 * time.Minute

// tries is how many attempts of a step may meet a transient failure.
func tries(s host.Step) int { return cmp.Or(s.Tries, MaxTransient) }

// answers is how many answers to a step may be turned down.
func answers(s host.Step) int {
	if s.Ask == nil {
		return MaxAnswers
	}
	return cmp.Or(s.Ask.Answers, MaxAnswers)
}

// Action is what is to be done about a step.
type Action int

const (
	Call  Action = iota // make an attempt, not before Plan.At
	Fail                // it cannot finish: Plan.Err
	Asked               // a person is to say what to do: Plan.Err says why
	Held                // nothing for now: no provider that it may ask takes the account, Plan.Err says why
)

// Plan says what follows from a step's attempts so far.
type Plan struct {
	Action Action
	Model  string    // for Call: the one to ask; empty: none
	At     pawl.Time // for Call: zero is now; see Delay
	Number int       // for Call: of the attempt, over all rounds
	Try    int       // for Call: this attempt is number Try of at most Of for the reason Why
	Of     int
	Why    string
	Err    *pawl.Error

	longest time.Duration // that is waited for At, by the clock that made it
}

// Delay returns how long a call waits from now on. It is not longer than it was meant to
// be when it was recorded: the clock may have been set since, or been wrong then.
func (p Plan) Delay(now time.Time) time.Duration {
	if p.At.IsZero() {
		return 0
	}
	return max(0, min(p.At.Sub(now), p.longest))
}

// History is what has come of a step so far.
type History struct {
	Attempts []journal.Attempt // over all rounds
	Round    int               // where the current round begins in Attempts
	Answered int               // up to where a person has answered for unknown outcomes
}

// IsTurnedDown reports whether the last attempt of the round gave an answer that a gate or
// the schema turned down.
func (h History) IsTurnedDown() bool {
	now := h.current()
	return len(now) > 0 && now[len(now)-1].Outcome == pawl.OutcomeRejected
}

// current returns the attempts of the current round.
func (h History) current() []journal.Attempt { return h.Attempts[h.Round:] }

// Since returns the number of the first attempt that one with that number stands for: of
// those right before it in the round whose outcome nobody saw, or itself.
func (h History) Since(number int) int {
	now := h.current()
	for i := len(now) - 1; i >= 0 && now[i].Outcome == pawl.OutcomeUnknown; i-- {
		number = now[i].Number
	}
	return number
}

// With returns the history with one attempt more.
func (h History) With(a journal.Attempt) History {
	h.Attempts = append(h.Attempts[:len(h.Attempts):len(h.Attempts)], a)
	return h
}

// next returns what to do about a step whose attempts were all of one model.
func next(s host.Step, h History, model string) Plan {
	p := Plan{Try: 1, Of: answers(s)}
	round := h.current()
	if len(round) == 0 {
		return p
	}
	n := h.tally()
	last := round[len(round)-1]
	if last.RetryAt != nil {
		p.At, p.longest = *last.RetryAt, last.RetryAt.Sub(last.StartedAt.Time)
	}
	switch last.Outcome {
	case pawl.OutcomeUnknown:
		p.Try, p.Of, p.Why = n.unknown+1, MaxUnknown, "its process ended before the last attempt did"
		asks := s.Ask != nil && s.Ask.AskUnknown
		if n.unknown >= MaxUnknown || asks && n.unknown > 0 {
			p.Action = Asked
			p.Err = &pawl.Error{Kind: pawl.ErrUnknown, Message: unknownMessage(n.unknown),
				Hint: "resume to make it again; it may have been done, and billed, already"}
		}
	case pawl.OutcomeRejected:
		p.Try, p.Of, p.Why = n.rejected+1, answers(s), complaint(last.Gates)
		if n.rejected >= answers(s) {
			hint := "resume to ask again, or change the prompt or the model"
			if last.Advice != "" {
				hint = last.Advice + "; " + hint
			}
			p.fail(&pawl.Error{Kind: pawl.ErrGate,
				Message: fmt.Sprintf("no answer passed its gates in %s; the last: %s", counted(int64(n.rejected), "attempt"), complaint(last.Gates)),
				Hint:    hint})
		}
	case pawl.OutcomeFailed:
		p.afterFailure(s, h, model, last.Error)
	}
	return p
}

func (p *Plan) afterFailure(s host.Step, h History, model string, f *journal.Failure) {
	n := h.tally()
	p.Why = f.Message
	err := &pawl.Error{Kind: f.Kind, Message: f.Message, Hint: f.Hint}
	switch {
	case f.Kind.Transient():
		p.Try, p.Of = n.transient+1, tries(s)
		if n.transient >= tries(s) {
			err.Message = fmt.Sprintf("still failing after %s: %s", counted(int64(n.transient), "attempt"), f.Message)
			if err.Hint == "" {
				err.Hint = "resume later"
			}
			p.fail(err)
		}
	case f.Kind == pawl.ErrorKind(llm.Truncated):
		p.Try, p.Of = n.truncated+1, MaxTruncated
		if n.truncated >= MaxTruncated || !h.changesLimit(s, model) {
			p.fail(err)
		}
	case isOversized(f.Kind):
		p.Try, p.Of = n.oversized+1, MaxOversized
		if n.oversized >= MaxOversized || !h.shortens(s, model) {
			p.fail(err)
		}
	default:
		p.fail(err)
	}
}

func (p *Plan) fail(err *pawl.Error) { p.Action, p.Err = Fail, err }

func unknownMessage(n int) string {
	if n == 1 {
		return "its process ended before the attempt did"
	}
	return fmt.Sprintf("its process ended before the attempt did, %d times in a row", n)
}

type counts struct{ transient, rejected, truncated, oversized, unknown int }

// tally counts the current round's attempts; unknown are those at its end that
// nobody has answered for.
func (h History) tally() (n counts) {
	for i, a := range h.current() {
		if i+h.Round == h.Answered || a.Outcome != pawl.OutcomeUnknown {
			n.unknown = 0
		}
		switch {
		case a.Outcome == pawl.OutcomeUnknown:
			n.unknown++
		case a.Outcome == pawl.OutcomeRejected:
			n.rejected++
		case a.Error == nil, a.Uncounted:
		case a.Error.Kind.Transient():
			n.transient++
		case a.Error.Kind == pawl.ErrorKind(llm.Truncated):
			n.truncated++
		case isOversized(a.Error.Kind):
			n.oversized++
		}
	}
	if h.Answered == len(h.Attempts) {
		n.unknown = 0
	}
	return n
}

// Backoff returns how long to wait after the n-th transient failure of a round
// (1 for the first): 1 s, doubling, off by up to 20 % either way as jitter in
// [0,1) says, at most 60 s; the server's own delay if that is longer.
func Backoff(n int, server time.Duration, jitter float64) time.Duration {
	d := time.Second << min(max(n-1, 0), 6)
	d = time.Duration(float64(d) * (0.8 + 0.4*jitter))
	return max(min(d, time.Minute), server)
}

// Spares reports whether one more attempt does not count, which waited to leave from
// queued on: it was refused for the rate of calls while others of its model got
// through, so that its turn comes if it goes on asking. answered reports whether a
// call of the model was answered at a time or later.
func (h History) Spares(at journal.Attempt, queued time.Time, answered func(since time.Time) bool) bool {
	if at.Error == nil || at.Error.Kind != pawl.ErrorKind(llm.RateLimit) {
		return false
	}
	if round := h.current(); len(round) > 0 && at.StartedAt.Sub(round[0].StartedAt.Time) >= MaxSpared {
		return false
	}
	since := queued
	if round := h.Of(at.Model).current(); len(round) > 0 {
		since = round[len(round)-1].StartedAt.Time
	}
	return answered(since)
}

// Messages returns what to send: the authored messages, then each answer of the
// current round that was turned down with every complaint about it.
func (h History) Messages(authored []llm.Message) []llm.Message {
	out := authored[:len(authored):len(authored)]
	for _, a := range h.current() {
		if a.Outcome != pawl.OutcomeRejected || a.Raw == nil {
			continue
		}
		answer := *a.Raw
		if strings.TrimSpace(answer) == "" {
			answer = "(empty)" // providers refuse an empty message
		}
		out = append(out, llm.Assistant(answer), llm.User(
			"That answer was not accepted:\n"+complaints(a.Gates)+
				"\nAnswer the original request again, in full and with this put right. Reply with the answer alone."))
	}
	return out
}

// complaint puts what the gates say into one line.
func complaint(gates []pawl.GateResult) string {
	var all []string
	for _, g := range gates {
		if !g.OK {
			all = append(all, g.Detail)
		}
	}
	return strings.Join(all, "; ")
}

func complaints(gates []pawl.GateResult) string {
	var b strings.Builder
	for _, g := range gates {
		if !g.OK {
			fmt.Fprintf(&b, "- %s: %s\n", g.Name, g.Detail)
		}
	}
	return b.String()
}

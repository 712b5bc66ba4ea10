package replay

import (
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// How often a step is tried in one round, each sort counted apart.
const (
	MaxTransient = 5 // attempts that meet a transient failure
	MaxAnswers   = 3 // answers: the first and two repairs
	MaxTruncated = 2 // answers cut short: the first and one with a larger limit
	MaxUnknown   = 3 // crashes in a row before a person is asked
)

// Action is what is to be done about a step.
type Action int

const (
	Call  Action = iota // make an attempt, not before Plan.At
	Fail                // it cannot finish: Plan.Err
	Asked               // a person is to say what to do: Plan.Err says why
)

// Plan says what follows from a step's attempts so far.
type Plan struct {
	Action Action
	At     pawl.Time // for Call: zero is now
	Number int       // for Call: of the attempt, over all rounds
	Try    int       // for Call: this attempt is number Try of at most Of for the reason Why
	Of     int
	Why    string
	Err    *pawl.Error
}

// Next returns what to do about a step with these attempts, all of them over
// all rounds, of which the first skip belong to earlier rounds.
func Next(s pawl.Step, attempts []journal.Attempt, skip int) Plan {
	p := Plan{Number: len(attempts) + 1, Try: 1, Of: MaxAnswers}
	round := attempts[skip:]
	if len(round) == 0 {
		return p
	}
	n := count(round)
	last := round[len(round)-1]
	if last.RetryAt != nil {
		p.At = *last.RetryAt
	}
	switch last.Outcome {
	case pawl.OutcomeUnknown:
		p.Try, p.Of, p.Why = n.unknown+1, MaxUnknown, "a crash hid how the last attempt ended"
		asks := s.Ask != nil && s.Ask.OnUnknown == pawl.UnknownAsk
		if n.unknown >= MaxUnknown || asks {
			p.Action = Asked
			p.Err = &pawl.Error{Kind: pawl.ErrUnknown, Message: unknownMessage(n.unknown),
				Hint: "resume to make the call again; it may have been billed already"}
		}
	case pawl.OutcomeRejected:
		p.Try, p.Of, p.Why = n.rejected+1, MaxAnswers, Complaint(last.Gates)
		if n.rejected >= MaxAnswers {
			p.fail(&pawl.Error{Kind: pawl.ErrGate,
				Message: fmt.Sprintf("no answer passed its gates in %d attempts; the last: %s", n.rejected, Complaint(last.Gates)),
				Hint:    "resume to ask again, or change the prompt or the model"})
		}
	case pawl.OutcomeFailed:
		p.afterFailure(n, last.Error)
	}
	return p
}

func (p *Plan) afterFailure(n counts, f *journal.Failure) {
	p.Why = f.Message
	err := &pawl.Error{Kind: f.Kind, Message: f.Message, Hint: f.Hint}
	switch {
	case f.Kind.Transient():
		p.Try, p.Of = n.transient+1, MaxTransient
		if n.transient >= MaxTransient {
			err.Message = fmt.Sprintf("still failing after %d attempts: %s", n.transient, f.Message)
			if err.Hint == "" {
				err.Hint = "resume later"
			}
			p.fail(err)
		}
	case f.Kind == pawl.ErrorKind(llm.Truncated):
		p.Try, p.Of = n.truncated+1, MaxTruncated
		if n.truncated >= MaxTruncated {
			p.fail(err)
		}
	default:
		p.fail(err)
	}
}

func (p *Plan) fail(err *pawl.Error) { p.Action, p.Err = Fail, err }

func unknownMessage(n int) string {
	if n == 1 {
		return "a crash hid how the call ended"
	}
	return fmt.Sprintf("%d crashes in a row hid how the call ended", n)
}

type counts struct{ transient, rejected, truncated, unknown int }

// count counts a round's attempts; unknown are those at its end only.
func count(round []journal.Attempt) (n counts) {
	for _, a := range round {
		if a.Outcome != pawl.OutcomeUnknown {
			n.unknown = 0
		}
		switch {
		case a.Outcome == pawl.OutcomeUnknown:
			n.unknown++
		case a.Outcome == pawl.OutcomeRejected:
			n.rejected++
		case a.Error == nil:
		case a.Error.Kind.Transient():
			n.transient++
		case a.Error.Kind == pawl.ErrorKind(llm.Truncated):
			n.truncated++
		}
	}
	return n
}

// Backoff returns how long to wait after the n-th transient failure of a round
// (1 for the first): 1 s, doubling, at most 60 s, off by up to 20 % either way
// as jitter in [0,1) says; the server's own delay if that is longer.
func Backoff(n int, server time.Duration, jitter float64) time.Duration {
	d := time.Second << min(n-1, 6)
	d = min(d, time.Minute)
	d = time.Duration(float64(d) * (0.8 + 0.4*jitter))
	return max(d, server)
}

// Transients counts a round's transient failures.
func Transients(round []journal.Attempt) int { return count(round).transient }

// Messages returns what to send: the authored messages, then each answer of the
// round that was turned down with every complaint about it.
func Messages(authored []llm.Message, round []journal.Attempt) []llm.Message {
	out := authored[:len(authored):len(authored)]
	for _, a := range round {
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

// MaxTokens returns the limit for the next attempt: the authored one, doubled
// once an answer was cut short. A limit that was never set is taken to have
// been what the answer took.
func MaxTokens(authored int, round []journal.Attempt) int {
	limit := authored
	for _, a := range round {
		if a.Error == nil || a.Error.Kind != pawl.ErrorKind(llm.Truncated) {
			continue
		}
		if limit == 0 && a.Usage != nil {
			limit = int(a.Usage.OutputTokens)
		}
		limit *= 2
	}
	return limit
}

// Complaint puts what the gates say into one line.
func Complaint(gates []pawl.GateResult) string {
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

package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// DefaultTimeout bounds one attempt of an ask that does not say how long it may
// take.
const DefaultTimeout = 3 * time.Minute

// IdempotencyKey returns the idempotency key of a do that was begun anew so often: it
// is then about something else, or is to be done a second time.
func IdempotencyKey(run pawl.RunID, key pawl.Key, anew int) string {
	token := string(run) + "/" + string(key)
	if anew > 0 {
		token += "~" + strconv.Itoa(anew+1)
	}
	return token
}

// Reply is what an attempt brought back, not yet judged. It is data, so that the
// attempt may be made in another process than the one that judges it.
type Reply struct {
	Text       *string          `json:"text,omitempty"`  // of an ask: the answer, or what came before it failed
	Value      json.RawMessage  `json:"value,omitempty"` // of a do
	RequestID  string           `json:"request_id,omitempty"`
	Model      string           `json:"model,omitempty"` // that answered, as its server calls it; empty: not known
	Usage      *llm.Usage       `json:"usage,omitempty"`
	CostUSD    *float64         `json:"cost_usd,omitempty"`        // of that usage; nil: unknown
	CacheSaved float64          `json:"cache_saved_usd,omitempty"` // by the cache, of that usage; 0: nothing, or unknown
	Unmetered  bool             `json:"unmetered,omitempty"`       // the model answered, or had begun to, the answer is of no use, and nobody said what it took
	Requests   int              `json:"requests,omitempty"`        // as in llm.Response
	MostTokens int              `json:"most_tokens,omitempty"`     // as in llm.Response
	Advice     string           `json:"advice,omitempty"`          // as in llm.Response
	Error      *journal.Failure `json:"error,omitempty"`
	RetryAfter time.Duration    `json:"retry_after,omitempty"` // how long the provider asks us to wait
}

// Answered returns the reply of a model that was to answer with at most maxTokens. An
// answer that took as many is cut short, whatever its server calls it.
func Answered(resp llm.Response, err error, maxTokens int) Reply {
	if resp.MostTokens > 0 {
		maxTokens = min(maxTokens, resp.MostTokens)
	}
	if err == nil && resp.Usage.Reaches(maxTokens) {
		err = &llm.Error{Kind: llm.Truncated, Partial: resp.Text, Usage: resp.Usage, RequestID: resp.ID, Model: resp.Model, Requests: resp.Requests, MostTokens: resp.MostTokens,
			Message: fmt.Sprintf("the answer took all of the %s tokens that it may have, so it is taken to be cut short", grouped(int64(maxTokens))),
			Hint:    "ask for a shorter answer, or set a larger max_tokens; reasoning counts too"}
	}
	if err == nil {
		return Reply{Text: &resp.Text, Usage: bounded(resp.Usage), RequestID: cutID(resp.ID), Model: CutText(resp.Model), Requests: resp.Requests, MostTokens: resp.MostTokens, Advice: resp.Advice}
	}
	r := failed(pawl.AsError(err, pawl.ErrInternal))
	if wire, ok := errors.AsType[*llm.Error](err); ok {
		r.Usage, r.RequestID, r.Model = bounded(wire.Usage), cutID(wire.RequestID), CutText(wire.Model)
		r.Requests, r.MostTokens = wire.Requests, wire.MostTokens
		r.Unmetered = wire.Usage == nil && (wire.Answered || wire.Kind == llm.Truncated || wire.Kind == llm.Refused)
		if wire.Partial != "" {
			r.Text = &wire.Partial
		}
	}
	return r
}

// bounded returns what a provider reports as it may be added up: no count is negative, or
// larger than any call can take.
func bounded(u *llm.Usage) *llm.Usage {
	if u == nil {
		return nil
	}
	bound := func(n int64) int64 { return min(max(n, 0), limits.Tokens) }
	b := *u
	b.InputTokens, b.OutputTokens = bound(u.InputTokens), bound(u.OutputTokens)
	b.CachedTokens, b.CacheWriteTokens, b.UnboundedTokens = bound(u.CachedTokens), bound(u.CacheWriteTokens), bound(u.UnboundedTokens)
	b.ServiceTier = cut(u.ServiceTier, limits.ServiceTierBytes, "")
	if b == *u {
		return u
	}
	return &b
}

// cutID returns the id of an answer as it is kept.
func cutID(id string) string { return cut(id, limits.AnswerIDBytes, "") }

// Outlast says of a reply that timed out how long it had, and what can be done.
func (r Reply) Outlast(timeout time.Duration) {
	if r.Error == nil || r.Error.Kind != pawl.ErrorKind(llm.Timeout) {
		return
	}
	r.Error.Message += fmt.Sprintf(" (an attempt has %s)", timeout)
	hint := "give attempts more time, or let fewer calls at once into a server that is slow"
	if r.Error.Hint != "" {
		hint += "; " + r.Error.Hint
	}
	r.Error.Hint = hint
}

// Priced returns a model's reply with what it cost, if that is known.
func (r Reply) Priced(p llm.Prices, model string) Reply {
	if r.Usage != nil {
		if usd, known := p.Cost(model, *r.Usage); known {
			r.CostUSD = &usd
			r.CacheSaved, _ = p.Saved(model, *r.Usage)
		}
	}
	return r
}

// Worked returns the reply of a do's code. A time-out is one that will pass if the code
// may be run again without harm.
func Worked(do *host.DoStep, value json.RawMessage, err error) Reply {
	if err == nil {
		return Reply{Value: value}
	}
	kind := pawl.ErrStep
	if do.Repeatable && isTimeout(err) {
		kind = pawl.ErrorKind(llm.Timeout)
	}
	r := failed(pawl.AsError(err, kind))
	if r.Error.Kind == pawl.ErrStep && r.Error.Hint == "" && isTimeout(err) {
		r.Error.Hint = "its effect may have happened; resume to run its code again"
	}
	return r
}

// isTimeout reports whether time ran out: of a network call, or of a context.
func isTimeout(err error) bool {
	var late interface{ Timeout() bool } // what net.Error has
	return errors.As(err, &late) && late.Timeout()
}

func failed(err *pawl.Error) Reply {
	return Reply{Error: &journal.Failure{Kind: err.Kind, Message: err.Message, Hint: err.Hint}, RetryAfter: err.RetryAfter}
}

// Judge completes an attempt with its reply and the gates' verdict on it. The
// verdict is to be kept: gates are code, and tomorrow's may say otherwise.
func (r Reply) Judge(s host.Step, at *journal.Attempt) {
	at.Raw, at.Usage, at.CostUSD, at.CacheSavedUSD, at.RequestID, at.Unmetered = r.Text, r.Usage, r.CostUSD, r.CacheSaved, r.RequestID, r.Unmetered
	at.ResponseModel, at.Requests, at.MostTokens = r.Model, r.Requests, r.MostTokens
	if r.Error != nil {
		at.Outcome, at.Error = pawl.OutcomeFailed, r.Error
		return
	}
	var v Judgement
	if s.Ask != nil {
		v = JudgeText(s, *r.Text)
	} else {
		v = JudgeValue(s, r.Value)
	}
	at.Gates, at.Error = v.Gates, nil
	switch {
	case v.Bug != nil:
		at.Outcome, at.Error = pawl.OutcomeFailed, failed(v.Bug).Error
	case v.Accepted():
		at.Outcome = pawl.OutcomeAccepted
		if s.Ask == nil || s.Ask.Schema != nil {
			at.Result = v.Value
		}
	case s.Ask == nil: // nobody is there to mend it
		at.Outcome, at.Error = pawl.OutcomeFailed, &journal.Failure{Kind: pawl.ErrGate, Message: complaint(v.Gates)}
	default:
		at.Outcome, at.Advice = pawl.OutcomeRejected, CutText(r.Advice)
	}
}

// RetryAt returns when the next attempt at a step may leave after one more that failed
// for this reason; nil: nothing is to be waited for. The history is of one model, see Of.
// See Backoff for server and jitter.
func (h History) RetryAt(s host.Step, kind pawl.ErrorKind, now time.Time, server time.Duration, jitter float64) *pawl.Time {
	n := h.tally().transient + 1
	if !kind.Transient() || n >= tries(s) {
		return nil
	}
	return new(pawl.At(now.Add(Backoff(n, server, jitter))))
}

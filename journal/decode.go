package journal

import (
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Decode reads an event's body into one of this package's body types.
func Decode[B any](e pawl.Event) (B, error) {
	var b B
	if quick(e.Body, &b) {
		return b, nil
	}
	return decode[B](e)
}

func decode[B any](e pawl.Event) (B, error) {
	var b B
	if err := json.Unmarshal(e.Body, &b); err != nil {
		return b, fmt.Errorf("event %d of run %s: read %s body: %w", e.Seq, e.Run, e.Type, err)
	}
	return b, nil
}

// quick reads the bodies that long histories are made of, in the form in which
// this package writes them: compact, the fields in the order of their type. It
// reports false for whatever is not so, valid or not: encoding/json is to judge
// that, and into is to be used no more. FuzzQuick compares the two.
func quick(body []byte, into any) bool {
	r := reader{rest: body}
	switch b := into.(type) {
	case *Attempt:
		r.attempt(b)
	case *Intent:
		r.intent(b)
	case *Scope:
		r.scope(b)
	case *Timer:
		r.timer(b)
	default:
		return false
	}
	return !r.odd && len(r.rest) == 0
}

func (r *reader) attempt(a *Attempt) {
	r.take("{")
	if r.field("step") {
		a.Step = &Step{}
		r.step(a.Step)
	}
	whole(r, "number", &a.Number)
	text(r, "outcome", &a.Outcome)
	text(r, "model", &a.Model)
	if r.field("raw") {
		a.Raw = new(r.text())
	}
	value(r, "result", &a.Result)
	if r.field("usage") {
		a.Usage = &llm.Usage{}
		r.usage(a.Usage)
	}
	if r.field("cost_usd") {
		a.CostUSD = new(r.fraction())
	}
	if r.field("cache_saved_usd") {
		a.CacheSavedUSD = r.fraction()
	}
	truth(r, "unmetered", &a.Unmetered)
	if r.field("gates") {
		a.Gates = list(r, r.gate)
	}
	truth(r, "uncounted", &a.Uncounted)
	if r.field("retry_at") {
		a.RetryAt = new(r.time())
	}
	text(r, "request_id", &a.RequestID)
	text(r, "response_model", &a.ResponseModel)
	text(r, "advice", &a.Advice)
	whole(r, "requests", &a.Requests)
	whole(r, "most_tokens", &a.MostTokens)
	instant(r, "started_at", &a.StartedAt)
	r.end()
}

func (r *reader) intent(in *Intent) {
	r.take("{")
	if r.field("step") {
		r.step(&in.Step)
	}
	whole(r, "number", &in.Number)
	whole(r, "try", &in.Try)
	whole(r, "of", &in.Of)
	text(r, "why", &in.Why)
	text(r, "model", &in.Model)
	if r.field("request") {
		in.Request = &Request{}
		r.request(in.Request)
	}
	if r.field("reserve") {
		in.Reserve = &Reserve{}
		r.reserve(in.Reserve)
	}
	if r.field("guidance") {
		in.Guidance = list(r, func() pawl.Seq { return pawl.Seq(r.number()) })
	}
	r.end()
}

func (r *reader) reserve(v *Reserve) {
	r.take("{")
	whole(r, "tokens", &v.Tokens)
	if r.field("usd") {
		v.USD = new(r.fraction())
	}
	truth(r, "beyond", &v.Beyond)
	r.end()
}

func (r *reader) request(q *Request) {
	r.take("{")
	if r.field("prior") {
		q.Prior = &Sent{}
		r.sent(q.Prior)
	}
	if r.field("messages") {
		q.Messages = list(r, r.text)
	}
	text(r, "schema", &q.Schema)
	whole(r, "max_tokens", &q.MaxTokens)
	if r.field("temperature") {
		q.Temperature = new(r.fraction())
	}
	text(r, "effort", &q.Effort)
	r.end()
}

func (r *reader) sent(s *Sent) {
	r.take("{")
	text(r, "key", &s.Key)
	whole(r, "number", &s.Number)
	r.end()
}

func (r *reader) scope(s *Scope) {
	r.take("{")
	if r.field("step") {
		r.step(&s.Step)
	}
	whole(r, "n", &s.N)
	truth(r, "by_id", &s.ByID)
	truth(r, "yields", &s.Yields)
	truth(r, "closed", &s.Closed)
	r.end()
}

func (r *reader) timer(t *Timer) {
	r.take("{")
	if r.field("step") {
		t.Step = &Step{}
		r.step(t.Step)
	}
	instant(r, "until", &t.Until)
	truth(r, "fired", &t.Fired)
	r.end()
}

func (r *reader) step(s *Step) {
	r.take("{")
	text(r, "kind", &s.Kind)
	text(r, "purpose", &s.Purpose)
	text(r, "digest", &s.Digest)
	value(r, "data", &s.Data)
	text(r, "source", &s.Source)
	truth(r, "sensitive", &s.Sensitive)
	r.end()
}

func (r *reader) usage(u *llm.Usage) {
	r.take("{")
	whole(r, "input_tokens", &u.InputTokens)
	whole(r, "output_tokens", &u.OutputTokens)
	whole(r, "cached_tokens", &u.CachedTokens)
	whole(r, "cache_write_tokens", &u.CacheWriteTokens)
	truth(r, "batch", &u.Batch)
	text(r, "service_tier", &u.ServiceTier)
	r.end()
}

func (r *reader) gate() (g pawl.GateResult) {
	r.take("{")
	text(r, "name", &g.Name)
	truth(r, "ok", &g.OK)
	text(r, "detail", &g.Detail)
	r.end()
	return g
}

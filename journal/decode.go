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
	if r.field("number") {
		a.Number = int(r.number())
	}
	if r.field("outcome") {
		a.Outcome = pawl.Outcome(r.text())
	}
	if r.field("model") {
		a.Model = r.text()
	}
	if r.field("raw") {
		a.Raw = new(r.text())
	}
	if r.field("result") {
		a.Result = r.value()
	}
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
	if r.field("unmetered") {
		a.Unmetered = r.truth()
	}
	if r.field("gates") {
		a.Gates = list(r, r.gate)
	}
	if r.field("uncounted") {
		a.Uncounted = r.truth()
	}
	if r.field("retry_at") {
		a.RetryAt = new(r.time())
	}
	if r.field("request_id") {
		a.RequestID = r.text()
	}
	if r.field("response_model") {
		a.ResponseModel = r.text()
	}
	if r.field("advice") {
		a.Advice = r.text()
	}
	if r.field("requests") {
		a.Requests = int(r.number())
	}
	if r.field("most_tokens") {
		a.MostTokens = int(r.number())
	}
	if r.field("started_at") {
		a.StartedAt = r.time()
	}
	r.end()
}

func (r *reader) intent(in *Intent) {
	r.take("{")
	if r.field("step") {
		r.step(&in.Step)
	}
	if r.field("number") {
		in.Number = int(r.number())
	}
	if r.field("try") {
		in.Try = int(r.number())
	}
	if r.field("of") {
		in.Of = int(r.number())
	}
	if r.field("why") {
		in.Why = r.text()
	}
	if r.field("model") {
		in.Model = r.text()
	}
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
	if r.field("tokens") {
		v.Tokens = r.number()
	}
	if r.field("usd") {
		v.USD = new(r.fraction())
	}
	if r.field("beyond") {
		v.Beyond = r.truth()
	}
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
	if r.field("schema") {
		q.Schema = r.text()
	}
	if r.field("max_tokens") {
		q.MaxTokens = int(r.number())
	}
	if r.field("temperature") {
		q.Temperature = new(r.fraction())
	}
	if r.field("effort") {
		q.Effort = r.text()
	}
	r.end()
}

func (r *reader) sent(s *Sent) {
	r.take("{")
	if r.field("key") {
		s.Key = pawl.Key(r.text())
	}
	if r.field("number") {
		s.Number = int(r.number())
	}
	r.end()
}

func (r *reader) scope(s *Scope) {
	r.take("{")
	if r.field("step") {
		r.step(&s.Step)
	}
	if r.field("n") {
		s.N = int(r.number())
	}
	if r.field("by_id") {
		s.ByID = r.truth()
	}
	if r.field("yields") {
		s.Yields = r.truth()
	}
	if r.field("closed") {
		s.Closed = r.truth()
	}
	r.end()
}

func (r *reader) timer(t *Timer) {
	r.take("{")
	if r.field("step") {
		t.Step = &Step{}
		r.step(t.Step)
	}
	if r.field("until") {
		t.Until = r.time()
	}
	if r.field("fired") {
		t.Fired = r.truth()
	}
	r.end()
}

func (r *reader) step(s *Step) {
	r.take("{")
	if r.field("kind") {
		s.Kind = pawl.Kind(r.text())
	}
	if r.field("purpose") {
		s.Purpose = r.text()
	}
	if r.field("digest") {
		s.Digest = r.text()
	}
	if r.field("data") {
		s.Data = r.value()
	}
	if r.field("source") {
		s.Source = r.text()
	}
	if r.field("sensitive") {
		s.Sensitive = r.truth()
	}
	r.end()
}

func (r *reader) usage(u *llm.Usage) {
	r.take("{")
	if r.field("input_tokens") {
		u.InputTokens = r.number()
	}
	if r.field("output_tokens") {
		u.OutputTokens = r.number()
	}
	if r.field("cached_tokens") {
		u.CachedTokens = r.number()
	}
	if r.field("cache_write_tokens") {
		u.CacheWriteTokens = r.number()
	}
	if r.field("batch") {
		u.Batch = r.truth()
	}
	if r.field("service_tier") {
		u.ServiceTier = r.text()
	}
	r.end()
}

func (r *reader) gate() (g pawl.GateResult) {
	r.take("{")
	if r.field("name") {
		g.Name = r.text()
	}
	if r.field("ok") {
		g.OK = r.truth()
	}
	if r.field("detail") {
		g.Detail = r.text()
	}
	r.end()
	return g
}

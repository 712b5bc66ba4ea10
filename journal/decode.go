package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

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
	case *Reused:
		r.reused(b)
	default:
		return false
	}
	return !r.odd && len(r.rest) == 0
}

// reader reads JSON from the front of rest.
type reader struct {
	rest []byte
	more bool // the object has had a field
	odd  bool // something is not as this package writes it
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

func (r *reader) reused(u *Reused) {
	r.take("{")
	if r.field("step") {
		r.step(&u.Step)
	}
	if r.field("from") {
		r.took(&u.From)
	}
	if r.field("result") {
		u.Result = r.value()
	}
	if r.field("decided_at") {
		u.DecidedAt = r.time()
	}
	r.end()
}

func (r *reader) took(t *Took) {
	r.take("{")
	if r.field("run") {
		t.Run = pawl.RunID(r.text())
	}
	if r.field("key") {
		t.Key = pawl.Key(r.text())
	}
	if r.field("usage") {
		t.Usage = &pawl.UsageRecord{}
		r.record(t.Usage)
	}
	r.end()
}

func (r *reader) record(u *pawl.UsageRecord) {
	r.take("{")
	if r.field("model_calls") {
		u.ModelCalls = r.number()
	}
	for _, f := range []struct {
		name string
		to   **int64
	}{{"input_tokens", &u.InputTokens}, {"output_tokens", &u.OutputTokens}, {"cached_tokens", &u.CachedTokens}} {
		if r.field(f.name) && !r.null() {
			*f.to = new(r.number())
		}
	}
	if r.field("cost_usd") && !r.null() {
		u.CostUSD = new(r.fraction())
	}
	r.end()
}

// null reports whether a field is null, and passes it then.
func (r *reader) null() bool {
	rest, is := bytes.CutPrefix(r.rest, []byte("null"))
	if is {
		r.rest, r.more = rest, true
	}
	return is
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

// take takes text that is to come next.
func (r *reader) take(text string) {
	rest, ok := bytes.CutPrefix(r.rest, []byte(text))
	r.rest, r.more, r.odd = rest, false, r.odd || !ok
}

// end takes the end of an object.
func (r *reader) end() {
	r.take("}")
	r.more = true // the one around it has had this one
}

// field takes a field's name if it comes next.
func (r *reader) field(name string) bool {
	rest := r.rest
	if r.more && len(rest) > 0 && rest[0] == ',' {
		rest = rest[1:]
	} else if r.more {
		return false
	}
	n := len(name)
	if len(rest) < n+3 || rest[0] != '"' || string(rest[1:n+1]) != name || rest[n+1] != '"' || rest[n+2] != ':' {
		return false
	}
	r.rest, r.more = rest[n+3:], true
	return true
}

func list[E any](r *reader, element func() E) []E {
	all := []E{}
	for r.take("["); !r.odd && len(r.rest) > 0 && r.rest[0] != ']'; {
		if len(all) > 0 {
			r.take(",")
		}
		all = append(all, element())
	}
	r.take("]")
	r.more = true
	return all
}

// number takes a whole number that fits any type.
func (r *reader) number() (n int64) {
	i := 0
	for ; i < len(r.rest) && '0' <= r.rest[i] && r.rest[i] <= '9'; i++ {
		n = 10*n + int64(r.rest[i]-'0')
	}
	r.odd = r.odd || i == 0 || i > 9 || i > 1 && r.rest[0] == '0'
	r.rest = r.rest[i:]
	return n
}

// fraction takes any number.
func (r *reader) fraction() (f float64) {
	n := extent(r.rest)
	r.odd = r.odd || n == 0 || r.rest[0] > '9' || json.Unmarshal(r.rest[:n], &f) != nil
	r.rest = r.rest[n:]
	return f
}

func (r *reader) truth() bool {
	rest, yes := bytes.CutPrefix(r.rest, []byte("true"))
	if !yes {
		r.take("false")
		r.more = true
		return false
	}
	r.rest = rest
	return true
}

func (r *reader) text() (s string) {
	literal, plain := r.literal()
	switch {
	case r.odd:
		return ""
	case plain:
		return word(literal[1 : len(literal)-1])
	}
	r.odd = json.Unmarshal(literal, &s) != nil
	return s
}

func (r *reader) time() (t pawl.Time) {
	literal, _ := r.literal()
	r.odd = r.odd || t.UnmarshalJSON(literal) != nil
	return t
}

// literal takes a string with its quotes. It is plain if it stands for itself.
func (r *reader) literal() (literal []byte, plain bool) {
	if len(r.rest) == 0 || r.rest[0] != '"' {
		r.odd = true
		return nil, false
	}
	plain = true
	for i := 1; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == '"':
			literal, r.rest = r.rest[:i+1], r.rest[i+1:]
			return literal, plain
		case c == '\\':
			plain = false
			i++ // what is escaped does not end it
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	r.odd = true
	return nil, false
}

// word returns a string. Those that most bodies have take no memory.
func word(b []byte) string {
	switch string(b) {
	case string(pawl.KindDo):
		return string(pawl.KindDo)
	case string(pawl.KindAsk):
		return string(pawl.KindAsk)
	case string(pawl.KindMap):
		return string(pawl.KindMap)
	case string(pawl.OutcomeAccepted):
		return string(pawl.OutcomeAccepted)
	}
	return string(b)
}

// value takes a value of any kind, which is copied.
func (r *reader) value() json.RawMessage {
	n := extent(r.rest)
	value := r.rest[:n]
	if n == 0 || !json.Valid(value) || value[0] <= ' ' || value[n-1] <= ' ' {
		r.odd = true
		return nil
	}
	r.rest = r.rest[n:]
	return bytes.Clone(value)
}

// extent returns how long the value is with which b begins, if it is one, and
// not nested deeper than any answer.
func extent(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			if depth++; depth > 1000 {
				return 0
			}
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		}
	}
	return 0
}

package journal

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// encode returns a body as it is stored. The bodies of this package have no list
// that could be nil and is not left out then, so schema.Marshal would change
// nothing in them; looking for such lists takes longer than encoding.
func encode(body any) (json.RawMessage, error) {
	if b, ok := appendBody(body); ok {
		return b, nil
	}
	switch b := body.(type) {
	case Intent:
		if b.Request != nil && b.Request.Messages == nil {
			return schema.Marshal(body)
		}
	case Created, Claimed, Released, Attempt, Scope, Failed, Blocker, Decision, Guidance, Directive, Note, Done, Canceled, Reused, Override:
	default:
		return schema.Marshal(body)
	}
	return schema.Encode(body)
}

// appendBody writes the bodies that flows make most of, byte for byte as schema.Encode
// would, which takes four times as long. It reports false for any other.
func appendBody(body any) (json.RawMessage, bool) {
	w := bodyWriter{b: make([]byte, 0, 384)} // few take more
	w.raw("{")
	switch b := body.(type) {
	case Attempt:
		if b.Usage != nil || b.CostUSD != nil || b.CacheSavedUSD != 0 || b.Unmetered || b.Uncounted || b.Gates != nil || b.Error != nil || b.RetryAt != nil || b.Advice != "" || b.Requests != 0 || b.MostTokens != 0 {
			return nil, false
		}
		if b.Step != nil {
			w.step(b.Step)
		}
		w.int("number", int64(b.Number))
		w.string("outcome", string(b.Outcome))
		w.stringIf("model", b.Model)
		if b.Raw != nil {
			w.string("raw", *b.Raw)
		}
		if len(b.Result) > 0 {
			w.value("result", b.Result)
		}
		w.stringIf("request_id", b.RequestID)
		w.stringIf("response_model", b.ResponseModel)
		w.time("started_at", b.StartedAt)
	case Intent:
		if b.Request != nil || b.Reserve != nil || b.Guidance != nil {
			return nil, false
		}
		w.step(&b.Step)
		w.int("number", int64(b.Number))
		w.int("try", int64(b.Try))
		w.int("of", int64(b.Of))
		w.stringIf("why", b.Why)
		w.stringIf("model", b.Model)
	case Scope:
		w.step(&b.Step)
		w.int("n", int64(b.N))
		w.trueIf("by_id", b.ByID)
		w.trueIf("yields", b.Yields)
		w.trueIf("closed", b.Closed)
	case Timer:
		if b.Step != nil {
			w.step(b.Step)
		}
		if !b.Until.IsZero() {
			w.time("until", b.Until)
		}
		w.trueIf("fired", b.Fired)
	case Claimed:
		w.int("epoch", b.Epoch)
		w.string("by", b.By)
	case Released:
		w.string("status", string(b.Status))
		w.string("reason", b.Reason)
		if !b.WakeAt.IsZero() {
			w.time("wake_at", b.WakeAt)
		}
	default:
		return nil, false
	}
	w.raw("}")
	return w.b, !w.failed
}

// bodyWriter writes the members of an object.
type bodyWriter struct {
	b      []byte
	failed bool // a value is not JSON
}

func (w *bodyWriter) raw(s string) { w.b = append(w.b, s...) }

func (w *bodyWriter) name(s string) {
	if w.b[len(w.b)-1] != '{' {
		w.raw(",")
	}
	w.b = append(append(append(w.b, '"'), s...), `":`...)
}

func (w *bodyWriter) int(name string, n int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, n, 10)
}

func (w *bodyWriter) trueIf(name string, is bool) {
	if is {
		w.name(name)
		w.raw("true")
	}
}

func (w *bodyWriter) stringIf(name, s string) {
	if s != "" {
		w.string(name, s)
	}
}

func (w *bodyWriter) string(name, s string) {
	w.name(name)
	w.text(s)
}

// text leaves what needs care to encoding/json.
func (w *bodyWriter) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			b, err := schema.Encode(s)
			w.failed = w.failed || err != nil
			w.b = append(w.b, b...)
			return
		}
	}
	w.b = append(append(append(w.b, '"'), s...), '"')
}

// value writes JSON without the spaces in it.
func (w *bodyWriter) value(name string, raw json.RawMessage) {
	w.name(name)
	buf := bytes.NewBuffer(w.b)
	w.failed = json.Compact(buf, raw) != nil || w.failed
	w.b = buf.Bytes()
}

func (w *bodyWriter) time(name string, t pawl.Time) {
	w.name(name)
	w.raw(`"`)
	w.b = append(appendTime(w.b, t), '"')
}

func (w *bodyWriter) step(s *Step) {
	w.name("step")
	w.raw("{")
	w.string("kind", string(s.Kind))
	w.string("purpose", s.Purpose)
	w.stringIf("digest", s.Digest)
	if len(s.Data) > 0 {
		w.value("data", s.Data)
	}
	w.stringIf("source", s.Source)
	w.trueIf("sensitive", s.Sensitive)
	w.raw("}")
}

// appendTime writes a time as pawl.Time does in JSON, without the quotes.
func appendTime(b []byte, t pawl.Time) []byte {
	utc := t.UTC()
	b = utc.AppendFormat(b, time.RFC3339) // faster than a layout with decimals
	ms := utc.Nanosecond() / 1e6
	return append(b[:len(b)-1], '.', '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10), 'Z')
}

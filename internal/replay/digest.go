package replay

import (
	"strconv"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Digest returns the digest of a step's authored request, for a run that asks
// model by default. It holds what decides the answer: for an ask the model, what is set
// of temperature and effort, the messages and the schema; for a do its input. It does not
// hold gates and the bounds that go with them, the limit of tokens, purpose, timeouts,
// retries or the vendor's form of the schema.
func Digest(s host.Step, model string) string { return digest(s, model, 0) }

// digest is Digest as older programs took it, with the limit that the question or its
// prompt set; 0: none.
func digest(s host.Step, model string, limit int) string {
	if s.Ask == nil {
		in := canonical(s.Do.Input)
		d := newDigest(pawl.KindDo, len(in))
		d.field(in)
		return d.sum()
	}
	d := newDigest(pawl.KindAsk, 400)
	d.field([]byte(model))
	d.field(strconv.AppendInt(nil, int64(limit), 10))
	d.schema(s.Ask.Schema)
	if t := s.Ask.Temperature; t != nil {
		d.field(strconv.AppendFloat([]byte("temperature="), *t, 'g', -1, 64))
	}
	if s.Ask.Effort != "" {
		d.field([]byte("effort=" + s.Ask.Effort))
	}
	for _, m := range s.Ask.Messages {
		d.field([]byte(journal.Digest(Message(m))))
	}
	return d.sum()
}

// WaitDigest returns the digest of what a person is shown, empty for a sleep: the
// question, the proposal and the form of the answer.
func WaitDigest(w host.Wait) string {
	if w.Kind == pawl.KindSleep {
		return ""
	}
	d := newDigest(w.Kind, 400)
	d.field([]byte(w.Question))
	d.field(canonical(w.Proposal))
	d.schema(w.Schema)
	return d.sum()
}

// digested is what a digest is taken of.
type digested []byte

// newDigest begins a digest of a step of that kind, whose fields take about so many bytes.
func newDigest(k pawl.Kind, size int) digested {
	d := append(make(digested, 0, 64+size), "pawl-step-1\n"...)
	d.field([]byte(k))
	return d
}

func (d *digested) field(b []byte) {
	*d = append(strconv.AppendInt(*d, int64(len(b)), 10), '\n')
	*d = append(*d, b...)
}

func (d *digested) schema(s *schema.Schema) {
	var doc []byte
	if s != nil {
		doc = s.JSON()
	}
	d.field(doc)
}

func (d digested) sum() string { return journal.Digest(d) }

// canonical returns JSON in the form that is digested. What is not JSON stands
// for itself.
func canonical(raw []byte) []byte {
	if c, err := schema.Canonical(raw); err == nil {
		return c
	}
	return raw
}

// Message returns a message's bytes as they are stored and digested.
func Message(m llm.Message) []byte {
	if m.Parts == nil {
		m.Parts = []llm.Part{}
	}
	return encoded(schema.Encode(m)) // strings only
}

// encoded is the JSON of what always encodes.
func encoded[B ~[]byte](b B, err error) B {
	if err != nil {
		panic(err)
	}
	return b
}

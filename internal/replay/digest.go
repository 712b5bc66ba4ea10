package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Digest returns the digest of a step's authored request, for a run that asks
// model by default. It holds what decides the answer: for an ask the model, the
// limit of tokens, the messages and the schema; for a do its input. It does not
// hold gates, purpose, timeouts, retries or the vendor's form of the schema.
func Digest(s pawl.Step, model string) string {
	h, field := newDigest(s.Kind())
	if s.Ask == nil {
		field(canonical(s.Do.Input))
		return sum(h)
	}
	field([]byte(model))
	field(strconv.AppendInt(nil, int64(s.Ask.MaxTokens), 10))
	if s.Ask.Schema == nil {
		field(nil)
	} else {
		field(s.Ask.Schema.JSON())
	}
	for _, m := range s.Ask.Messages {
		field([]byte(journal.Digest(Message(m))))
	}
	return sum(h)
}

// WaitDigest returns the digest of what a person is shown, empty for a sleep: the
// question, the proposal and the form of the answer.
func WaitDigest(w pawl.Wait) string {
	if w.Kind == pawl.KindSleep {
		return ""
	}
	h, field := newDigest(w.Kind)
	field([]byte(w.Question))
	field(canonical(w.Proposal))
	if w.Schema == nil {
		field(nil)
	} else {
		field(w.Schema.JSON())
	}
	return sum(h)
}

// newDigest begins a digest of a step of that kind; field adds a part of it.
func newDigest(k pawl.Kind) (h hash.Hash, field func([]byte)) {
	h = sha256.New()
	field = func(b []byte) {
		h.Write(strconv.AppendInt(nil, int64(len(b)), 10))
		h.Write([]byte{'\n'})
		h.Write(b)
	}
	h.Write([]byte("pawl-step-1\n"))
	field([]byte(k))
	return h, field
}

func sum(h hash.Hash) string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }

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
	b, err := schema.Marshal(m)
	if err != nil {
		panic(err) // strings only: it always encodes
	}
	return b
}

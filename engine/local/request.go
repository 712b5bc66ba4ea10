package local

import (
	"slices"

	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// sentList is a request that this activation has announced, as its parts.
type sentList struct {
	by    journal.Sent
	parts []string
}

// maxSentLists is how many requests a new one is compared with.
const maxSentLists = 16

// request describes a request by digests and stores what they stand for. What an
// earlier one had in the same places is referred to, and so is an answer that is
// sent back: a conversation takes as much as its messages.
func (a *activation) request(c *call) *journal.Request {
	r := &journal.Request{MaxTokens: c.maxTokens}
	if s := c.p.step.Ask.Schema; s != nil {
		r.Schema = a.blob(s.JSON())
	}
	parts := make([]string, len(c.messages))
	for i, m := range c.messages {
		parts[i] = a.part(m)
	}
	known := 0
	for _, l := range a.sent {
		if n := len(l.parts); n > known && n <= len(parts) && slices.Equal(l.parts, parts[:n]) {
			by := l.by
			r.Prior, known = &by, n
		}
	}
	r.Messages = parts[known:]
	if len(parts) > 1 {
		if len(a.sent) == maxSentLists {
			a.sent = slices.Delete(a.sent, 0, 1)
		}
		a.sent = append(a.sent, sentList{journal.Sent{Key: c.p.key, Number: c.number}, parts})
	}
	return r
}

// part names a message, and stores it if it is not an answer of this run.
func (a *activation) part(m llm.Message) string {
	raw := replay.Message(m)
	digest := journal.Digest(raw)
	part, known := a.parts[digest]
	switch {
	case known:
		return part
	case m.Role == llm.RoleAssistant:
		part = a.answered(m.Text())
	}
	if part == "" || !slices.Equal(raw, replay.Message(llm.Assistant(m.Text()))) {
		part = a.blob(raw)
	}
	a.parts[digest] = part
	return part
}

// answered refers to the first attempt that had this answer; empty: none had.
func (a *activation) answered(text string) string {
	for s := range a.st.InOrder() {
		for _, at := range s.Attempts {
			if at.Raw != nil && *at.Raw == text {
				return journal.AnswerOf(journal.Sent{Key: s.Key, Number: at.Number})
			}
		}
	}
	return ""
}

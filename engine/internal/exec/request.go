package exec

import (
	"slices"

	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// requests are the requests that this execution has announced, for later ones to
// refer to.
type requests struct {
	sent  []sentList        // the last ones
	parts map[string]string // of all, by the message's digest
}

// sentList is a request as its parts.
type sentList struct {
	by    journal.Sent
	parts []string
}

// maxSentLists is how many requests a new one is compared with.
const maxSentLists = 16

// request describes a request by digests and stores what they stand for. What an
// earlier one had in the same places is referred to, and so is an answer that is
// sent back: a conversation takes as much as its messages.
func (r *Run) request(c *call) *journal.Request {
	ask := c.w.step.Ask
	req := &journal.Request{MaxTokens: c.maxTokens, Temperature: ask.Temperature, Effort: ask.Effort}
	if s := ask.SentSchema(); s != nil {
		req.Schema = r.batch.blob(s.JSON())
	}
	parts := make([]string, len(c.messages))
	for i, m := range c.messages {
		parts[i] = r.part(m)
	}
	known := 0
	for _, l := range r.requests.sent {
		if n := len(l.parts); n > known && n <= len(parts) && slices.Equal(l.parts, parts[:n]) {
			req.Prior, known = new(l.by), n
		}
	}
	req.Messages = parts[known:]
	if len(parts) > 1 {
		if len(r.requests.sent) == maxSentLists {
			r.requests.sent = slices.Delete(r.requests.sent, 0, 1)
		}
		r.requests.sent = append(r.requests.sent, sentList{journal.Sent{Key: c.w.key, Number: c.number}, parts})
	}
	return req
}

// part names a message, and stores it if it is not an answer of this run.
func (r *Run) part(m llm.Message) string {
	raw := replay.Message(m)
	digest := journal.Digest(raw)
	part, known := r.requests.parts[digest]
	switch {
	case known:
		return part
	case m.Role == llm.RoleAssistant:
		part = r.answered(m.Text())
	}
	if part == "" || !slices.Equal(raw, replay.Message(llm.Assistant(m.Text()))) {
		part = r.batch.blob(raw)
	}
	r.requests.parts[digest] = part
	return part
}

// answered refers to the first attempt that had this answer; empty: none had.
func (r *Run) answered(text string) string {
	for s := range r.st.InOrder() {
		for _, at := range s.Attempts {
			if at.Raw != nil && *at.Raw == text {
				return journal.AnswerOf(journal.Sent{Key: s.Key, Number: at.Number})
			}
		}
	}
	return ""
}

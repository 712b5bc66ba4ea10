package anthropic

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// message is an answer, as far as we look at it. A field of another type is empty; see
// wire.Unmarshal.
type message struct {
	Type    string                     `json:"type"`
	ID      string                     `json:"id"`
	Model   string                     `json:"model"`
	Content []block                    `json:"content"`
	Error   json.RawMessage            `json:"error"`
	Usage   map[string]json.RawMessage `json:"usage"`
	ending
}

// ending says why a message ended; in a stream it comes apart.
type ending struct {
	Stop    string `json:"stop_reason"`
	Details struct {
		Category    string `json:"category"`
		Explanation string `json:"explanation"`
	} `json:"stop_details"`
}

type block struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// thinks reports whether a block holds a thought, which then stands apart from the answer.
func (b block) thinks() bool { return b.Type == "thinking" || b.Type == "redacted_thinking" }

// said is what has come of an answer: the whole of it, or all pieces so far.
type said struct {
	id, model string
	text      strings.Builder
	thought   bool
	counts    map[string]json.RawMessage
	counted   bool // of all of it, not of the beginning alone
	ending
}

// begin takes what a message tells beside its content.
func (s *said) begin(m *message) {
	s.id, s.model = m.ID, m.Model
	s.count(m.Usage)
	s.ending = m.ending
}

// count takes token counts. Those that come later in a stream are of all of it, and those
// that do not come again stay.
func (s *said) count(usage map[string]json.RawMessage) {
	for name, n := range usage {
		if string(n) == "null" {
			continue
		}
		if s.counts == nil {
			s.counts = map[string]json.RawMessage{}
		}
		s.counts[name] = n
	}
}

func (s *said) usage() *llm.Usage {
	if !s.counted {
		return nil
	}
	raw, err := json.Marshal(s.counts)
	if err != nil {
		return nil
	}
	return wire.ReadUsage(raw)
}

// failure is that of an answer that ended as s did; nil if it is complete.
func (s *said) failure() *llm.Error {
	if s.Stop == "" {
		return &llm.Error{Kind: llm.Overloaded, Message: "the answer does not say why it ended"}
	}
	e := wire.EndError(s.Stop)
	if e != nil && e.Kind == llm.Refused {
		e.Message = cmp.Or(s.Details.Explanation, e.Message)
		e.Code = cmp.Or(s.Details.Category, e.Code)
	}
	return e
}

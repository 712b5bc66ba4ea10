package openai

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// answer is a response object, as far as we look at it. A field of another type is empty; see
// wire.Unmarshal.
type answer struct {
	ID         string          `json:"id"`
	Model      string          `json:"model"`
	Status     string          `json:"status"`
	Error      json.RawMessage `json:"error"`
	Output     []item          `json:"output"`
	Usage      json.RawMessage `json:"usage"`
	Tier       json.RawMessage `json:"service_tier"`
	Incomplete struct {
		Reason string `json:"reason"`
	} `json:"incomplete_details"`
}

// The statuses of an answer.
const (
	statusCompleted  = "completed"
	statusIncomplete = "incomplete"
	statusFailed     = "failed"
	statusCanceled   = "cancelled"
	statusQueued     = "queued"
	statusInProgress = "in_progress"
)

type item struct {
	Type    string          `json:"type"`
	Role    string          `json:"role"`
	Phase   string          `json:"phase"`
	Content json.RawMessage `json:"content"`
	Summary json.RawMessage `json:"summary"` // of a thought
}

// phases says of a message's phase how well it can be the answer: 0 not at all. What a
// model says on its way there has the phase commentary.
var phases = map[string]int{
	"":             1, // OpenAI's older models, and compatible servers
	"final_answer": 2, // OpenAI
	"final":        2, // servers that hand on the name of gpt-oss's channel
}

func (i item) isMessage() bool { return i.Type == "message" && (i.Role == "" || i.Role == "assistant") }

// words are what a message says.
type words struct {
	text    string
	refusal *string // nil: none
}

func (w words) any() bool { return w.refusal != nil || strings.TrimSpace(w.text) != "" }

func (i item) words() words {
	var w words
	if json.Unmarshal(i.Content, &w.text) == nil { // a string, from compatible servers
		return w
	}
	var parts []struct{ Type, Text, Refusal string }
	_ = json.Unmarshal(i.Content, &parts) // what does not fit is no text
	var text, refusal strings.Builder
	refused := false
	for _, p := range parts {
		switch p.Type {
		case "output_text":
			text.WriteString(p.Text)
		case "refusal":
			refused = true
			refusal.WriteString(p.Refusal)
		}
	}
	w.text = text.String()
	if refused {
		w.refusal = new(refusal.String())
	}
	return w
}

// words are those of the message that is the answer: the last one that says something,
// among those whose phase is the surest. A response can list a message twice, or drafts
// before it.
func (a *answer) words() words {
	var last words
	best := 1
	for _, i := range a.Output {
		sure := phases[i.Phase]
		if !i.isMessage() || sure < best {
			continue
		}
		if w := i.words(); sure > best || w.any() || !last.any() {
			last, best = w, sure
		}
	}
	return last
}

// thinks reports whether the model's thoughts stand apart from its answer.
func (a *answer) thinks() bool {
	return slices.ContainsFunc(a.Output, func(i item) bool {
		return i.Type == "reasoning" && (isFilled(i.Summary) || isFilled(i.Content))
	})
}

// isFilled reports whether a list or a text is there and not empty.
func isFilled(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", "[]", `""`:
		return false
	}
	return true
}

func (a *answer) usage() *llm.Usage { return wire.Tiered(wire.ReadUsage(a.Usage), a.Tier) }

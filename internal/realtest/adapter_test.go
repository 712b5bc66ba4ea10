package realtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// plan is an answer with an enum, bounds of integers and lists in lists.
type plan struct {
	Tone  string `json:"tone" pawl:"enum=plain|formal"`
	Hours int    `json:"hours" pawl:"min=1,max=8"`
	Days  []day  `json:"days" pawl:"items=2..3"`
}

type day struct {
	Name  string `json:"name" pawl:"len=1..12"`
	Tasks []task `json:"tasks" pawl:"items=1..2"`
}

type task struct {
	What string `json:"what" pawl:"len=1..20"`
}

// uncounted are the answers in which a gateway counts no tokens.
const uncounted = "gemini, streamed"

// limit is enough for a plan.
const limit = 300

const planning = "Plan two days of work in a small garden. Use few words."

func eachWire(t *testing.T, test func(t *testing.T, wire string, m llm.Model, listener func(llm.Delta))) {
	models := wires(address(t))
	for _, wire := range slices.Sorted(maps.Keys(models)) {
		m := models[wire]
		for _, streamed := range []bool{false, true} {
			name, listener := wire+", whole", (func(llm.Delta))(nil)
			if streamed {
				name, listener = wire+", streamed", func(llm.Delta) {}
			}
			t.Run(name, func(t *testing.T) { test(t, name, m, listener) })
		}
	}
}

func TestTextIsAnswered(t *testing.T) {
	eachWire(t, func(t *testing.T, wire string, m llm.Model, listener func(llm.Delta)) {
		resp, err := m.Generate(t.Context(), llm.Request{Model: model, Messages: []llm.Message{llm.User("Say hello.")}, MaxTokens: limit, Temperature: new(0.0)}, listener)
		if err != nil {
			t.Fatal(err)
		}
		named := resp.Model != "" || strings.HasPrefix(wire, "gemini") // the gateway names no model there
		if strings.TrimSpace(resp.Text) == "" || resp.Usage == nil && wire != uncounted || !named {
			t.Fatalf("response %+v, want text, model and usage", resp)
		}
		tokens := int64(0)
		if resp.Usage != nil {
			tokens = resp.Usage.OutputTokens
		}
		record(wire, "text", "200", fmt.Sprintf("text, %d tokens", tokens))
	})
}

func TestTypedAnswers(t *testing.T) {
	s, err := schema.For[plan]()
	if err != nil {
		t.Fatal(err)
	}
	eachWire(t, func(t *testing.T, wire string, m llm.Model, listener func(llm.Delta)) {
		resp, err := m.Generate(t.Context(), llm.Request{Model: model, Messages: []llm.Message{llm.User(planning)}, Schema: s, MaxTokens: limit, Temperature: new(0.0)}, listener)
		if llm.KindOf(err) == llm.Truncated && (given != "" || !strings.HasPrefix(wire, "openai-chat")) {
			record(wire, "typed answer", "200, without end", err.Error())
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Check([]byte(resp.Text))
		if strings.HasPrefix(wire, "openai-chat") && given == "" && err != nil {
			t.Errorf("%s: %v", resp.Text, err)
		}
		switch {
		case err == nil:
			record(wire, "typed answer", "200", "it fits")
		case resp.Hint != "":
			record(wire, "typed answer", "200, it does not fit", resp.Hint)
		default:
			record(wire, "typed answer", "200, it does not fit", "a complaint for the next attempt")
		}
	})
}

// cut is the least limit that the Responses API takes: LiteLLM raises a lower one to it.
const cut = 16

func TestCutAnswersAreTruncated(t *testing.T) {
	eachWire(t, func(t *testing.T, wire string, m llm.Model, listener func(llm.Delta)) {
		_, err := m.Generate(t.Context(), llm.Request{Model: model, Messages: []llm.Message{llm.User("Tell a long story of a fox.")}, MaxTokens: cut}, listener)
		e, ok := err.(*llm.Error)
		counted := ok && e.Usage != nil && e.Usage.OutputTokens == cut || wire == uncounted
		if !ok || e.Kind != llm.Truncated || !counted {
			t.Fatalf("error %+v, want truncated with %d tokens", err, cut)
		}
		record(wire, "limit of 16 tokens", "200", e.Error())
	})
}

func TestOverflowIsOfContext(t *testing.T) {
	eachWire(t, func(t *testing.T, wire string, m llm.Model, listener func(llm.Delta)) {
		resp, err := m.Generate(t.Context(), llm.Request{Model: model, Messages: []llm.Message{llm.User(strings.Repeat("fox ", 200_000))}, MaxTokens: 8}, listener)
		if resp.Usage != nil || llm.KindOf(err) == llm.Truncated { // testdata says of which servers that is known
			record(wire, "200,000 words", "200, to what it kept of them", "takes it for an answer")
			return
		}
		e, ok := err.(*llm.Error)
		if !ok || e.Kind != llm.ContextLength || e.Hint == "" {
			t.Fatalf("error %+v, want context_length and a hint", err)
		}
		record(wire, "200,000 words", fmt.Sprint(e.Status), string(e.Kind))
	})
}

// A server that has a single model takes any name; one that does not says so.
func TestUnknownModel(t *testing.T) {
	eachWire(t, func(t *testing.T, wire string, m llm.Model, listener func(llm.Delta)) {
		resp, err := m.Generate(t.Context(), llm.Request{Model: "no-such-model", Messages: []llm.Message{llm.User("Say hello.")}, MaxTokens: limit, Temperature: new(0.0)}, listener)
		if err == nil {
			record(wire, "unknown model", "200, answered by "+resp.Model[strings.LastIndex(resp.Model, "/")+1:], "takes it")
			return
		}
		e, ok := err.(*llm.Error)
		if !ok || e.Kind != llm.Invalid || !strings.Contains(e.Hint, "model") {
			t.Fatalf("error %+v, want invalid, with a hint at the model", err)
		}
		record(wire, "unknown model", fmt.Sprint(e.Status), e.Hint)
	})
}

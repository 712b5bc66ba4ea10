package offline

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Whatever the schema and the prompt, the answer satisfies the schema.
func TestAnyRandomSchemaIsSatisfied(t *testing.T) {
	t.Parallel()
	prompts := subjects()
	for i := range 500 {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		g := &maker{r: r}
		doc := g.object(0)
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		s, err := schema.Parse(raw)
		if err != nil {
			t.Fatalf("schema %d: %v\n%s", i, err, raw)
		}
		model := []string{"", "?reject=1"}[i%2]
		text := generate(t, llm.Request{Model: model, Messages: []llm.Message{llm.User(prompts[i%len(prompts)])}, Schema: s})
		if _, err := s.Check([]byte(text)); err != nil {
			t.Fatalf("schema %d: %v\n%s\n%.2000s", i, err, raw, text)
		}
	}
}

// maker makes JSON Schema documents that can be satisfied.
type maker struct{ r *rand.Rand }

func (g *maker) object(depth int) map[string]any {
	props, required := map[string]any{}, []string{}
	for range 1 + g.r.IntN(5) {
		name := g.one("name", "target_length", "score", "issues", "content", "final_version", "count", "date", "kind", "notes", "topic", "title", "amount")
		props[name] = g.node(depth + 1)
	}
	for name := range props {
		if g.r.IntN(4) > 0 {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": props, "required": required, "additionalProperties": false}
}

func (g *maker) node(depth int) map[string]any {
	kind := g.r.IntN(6)
	if depth > 3 {
		kind %= 4
	}
	m := map[string]any{}
	switch kind {
	case 0:
		m["type"] = "boolean"
	case 1:
		m["type"] = "string"
		switch g.r.IntN(3) {
		case 0:
			m["enum"] = []string{"low fee", "approved", "rejected", "ünïcode", ""}[:1+g.r.IntN(5)]
		case 1:
			lo := g.r.IntN(1 << g.r.IntN(9))
			m["minLength"], m["maxLength"] = lo, lo+g.r.IntN(1<<g.r.IntN(9))
		}
	case 2:
		m["type"] = "integer"
		g.bounds(m, true)
	case 3:
		m["type"] = "number"
		g.bounds(m, false)
	case 4:
		m["type"] = "array"
		m["items"] = g.node(depth + 1)
		if g.r.IntN(2) == 0 {
			lo := g.r.IntN(6)
			m["minItems"], m["maxItems"] = lo, lo+g.r.IntN(12)
		} else if g.r.IntN(2) == 0 {
			m["minItems"] = g.r.IntN(8)
		}
	case 5:
		m = g.object(depth)
	}
	if g.r.IntN(2) == 0 {
		m["description"] = g.one(
			"3 to 5 short names", "add up to 100", "all parts sum to 7", "about 30 words", "at least 12 words, in Markdown",
			"empty when approved", "one of: a, b, c", "one of the names of the plan", "0 to 10", "a score", "two sentences",
			"at most 3 of them", "words; together they make the target length", "between 90 and 100 things")
	}
	if g.r.IntN(5) == 0 {
		m["type"] = []any{m["type"], "null"}
		if enum, ok := m["enum"].([]string); ok {
			list := []any{}
			for _, e := range enum {
				list = append(list, e)
			}
			m["enum"] = append(list, nil)
		}
	}
	return m
}

func (g *maker) bounds(m map[string]any, whole bool) {
	scale := []float64{1, 10, 1000, 1e6, 1e9}[g.r.IntN(5)]
	lo := (g.r.Float64()*2 - 1) * scale
	hi := lo + g.r.Float64()*scale
	if whole {
		lo, hi = float64(int64(lo)), float64(int64(hi)+1)
	}
	if g.r.IntN(3) > 0 {
		m["minimum"] = lo
	}
	if g.r.IntN(3) > 0 {
		m["maximum"] = hi
	}
}

func (g *maker) one(list ...string) string { return list[g.r.IntN(len(list))] }

// Wide and one-sided bounds, where a middle would overflow.
func TestNumbersWithinFarBounds(t *testing.T) {
	for _, bounds := range []string{
		`"minimum":1e300,"maximum":1.5e300`, `"minimum":-1.7e308,"maximum":1.7e308`, `"minimum":9007199254740993`,
		`"minimum":9007199254740993,"maximum":9007199254740993`, `"maximum":-9007199254740993`,
		`"maximum":-5e17`, `"minimum":0.001,"maximum":0.002`, `"minimum":7,"maximum":7`, `"minimum":-3`,
	} {
		for _, kind := range []string{"number", "integer"} {
			if kind == "integer" && bounds[10:12] == "0." {
				continue
			}
			raw := fmt.Sprintf(`{"type":"object","properties":{"n":{"type":%q,%s}},"required":["n"],"additionalProperties":false}`, kind, bounds)
			s, err := schema.Parse([]byte(raw))
			if err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			text := generate(t, llm.Request{Messages: []llm.Message{llm.User("Count.")}, Schema: s})
			if _, err := s.Check([]byte(text)); err != nil {
				t.Errorf("%s: %s: %v", raw, text, err)
			}
		}
	}
}

// Whatever stands in gates, prompts and complaints, there is an answer, and it
// satisfies the schema.
func FuzzAnyText(f *testing.F) {
	for _, s := range subjects() {
		if len(s) < 100 {
			f.Add(s, "5- to -3 words", "- x: has - 5, wants one of: ")
		}
	}
	f.Add("Label:\n\n- a\n<x>\n", "between and 7%", "\"“–")
	s, err := schema.For[plan]()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, prompt, gate, complaint string) {
		req := llm.Request{Messages: []llm.Message{llm.System(gate), llm.User(prompt), llm.Assistant("x"), llm.User("Not accepted: " + complaint)}}
		req.Meta.Gates = []string{gate, complaint}
		generate(t, req)
		req.Schema = s
		if _, err := s.Check([]byte(generate(t, req))); err != nil {
			t.Error(err)
		}
	})
}

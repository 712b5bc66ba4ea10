package replay_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

func askStep() host.Step {
	return host.Step{Name: "draft", Ask: &host.AskStep{Messages: []llm.Message{llm.System("Be <brief>."), llm.User("Write.")}}}
}

func doStep(in string) host.Step {
	return host.Step{Name: "fetch", Do: &host.DoStep{Input: json.RawMessage(in)}}
}

// Frozen: recorded runs hold these. A change makes every recorded step stale
// and no base reusable.
func TestDigestGolden(t *testing.T) {
	withSchema := askStep()
	withSchema.Ask.Schema, withSchema.Ask.MaxTokens = schemaOf[scored](t), 500 // which is not in it
	for _, c := range []struct {
		name  string
		s     host.Step
		model string
		want  string
	}{
		{"text", askStep(), "openai/gpt-5.4-mini", "4457ac2f5c2e23e4d1e2239305604839fa3141127983e435ccc9fde8c8b8649c"},
		{"schema", withSchema, "openai/gpt-5.4-mini", "ac36fe7bf185b115daab9d10b6064906633f9478f58780467f9cd9b5b4cfe6a7"},
		{"do", doStep(`{"b":1,"a":[1.50,"<é>"]}`), "", "fb9de863c6fa66a4546ae3213d57b5faafac47f888ec1f59c43b47ee06e10814"},
		{"do without input", doStep(``), "", "a5346d0b2eb4ca283d16f3932cf80bccbf762f4ccc9bdf385fef675571c41f53"},
	} {
		if got := replay.Digest(c.s, c.model); got != "sha256:"+c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// Older programs digested the limit of tokens too. What they recorded is not stale,
// whether the limit is the same or has been changed, added or taken away since.
func TestOlderDigestsAreKnown(t *testing.T) {
	asked := askStep()
	asked.Ask.Schema = schemaOf[scored](t)
	const with500, model = "sha256:b5f8b7f5718e65a4e185a8817ef973fa571e9f74685812a2c87c9adb04718e14", "openai/gpt-5.4-mini"
	for _, c := range []struct {
		recorded    string
		sent, limit int
		message     string
		same        bool
	}{
		{with500, 500, 500, "Write.", true},
		{with500, 500, 900, "Write.", true},
		{with500, 500, 0, "Write.", true},
		{with500, 500, 500, "Write!", false},
		{replay.Digest(asked, model), 0, 0, "Write.", true},
		{replay.Digest(asked, model), 0, 500, "Write.", true},
		{replay.Digest(asked, model), 16_384, 500, "Write.", true},
		{replay.Digest(asked, model), 0, 500, "Write!", false},
	} {
		intent, err := json.Marshal(journal.Intent{Step: journal.Step{Kind: pawl.KindAsk, Digest: c.recorded}, Number: 1, Model: model, Request: &journal.Request{MaxTokens: c.sent}})
		if err != nil {
			t.Fatal(err)
		}
		st := fold(t, history(`created - {"model":"`+model+`"}`, `intent draft `+string(intent)))
		now := askStep()
		now.Ask.Schema, now.Ask.MaxTokens = asked.Ask.Schema, c.limit
		now.Ask.Messages[1] = llm.User(c.message)
		if _, same := st.IsSame(st.Steps["draft"], now); same != c.same {
			t.Errorf("%+v: %v", c, same)
		}
	}
}

func TestDigestHolds(t *testing.T) {
	const model = "a/b"
	first := replay.Digest(askStep(), model)
	for _, c := range []struct {
		what   string
		same   bool
		change func(s *host.Step, model *string)
	}{
		{"nothing", true, func(*host.Step, *string) {}},
		{"name", true, func(s *host.Step, _ *string) { s.Name = "other" }},
		{"purpose", true, func(s *host.Step, _ *string) { s.Purpose = "Writing" }},
		{"gates", true, func(s *host.Step, _ *string) {
			s.Gates = []host.Gate{{Name: "no", Check: func(*host.Candidate) error { return errors.New("no") }}}
		}},
		{"timeout", true, func(s *host.Step, _ *string) { s.Ask.Timeout = time.Second }},
		{"AskUnknown", true, func(s *host.Step, _ *string) { s.Ask.AskUnknown = true }},
		{"Try", true, func(s *host.Step, _ *string) { s.Try = true }},
		{"schema's name", true, func(s *host.Step, _ *string) { s.Ask.SchemaName = "draft" }},
		{"the prompt's model, which is resolved before", true, func(s *host.Step, _ *string) { s.Ask.Model = "c/d" }},

		{"tokens", true, func(s *host.Step, _ *string) { s.Ask.MaxTokens = 1 }},

		{"model", false, func(_ *host.Step, m *string) { *m = "a/c" }},
		{"text", false, func(s *host.Step, _ *string) { s.Ask.Messages[1] = llm.User("Write!") }},
		{"role", false, func(s *host.Step, _ *string) { s.Ask.Messages[1] = llm.Assistant("Write.") }},
		{"order", false, func(s *host.Step, _ *string) {
			m := s.Ask.Messages
			m[0], m[1] = m[1], m[0]
		}},
		{"one message more", false, func(s *host.Step, _ *string) { s.Ask.Messages = append(s.Ask.Messages, llm.User("")) }},
		{"messages cut elsewhere", false, func(s *host.Step, _ *string) { s.Ask.Messages = []llm.Message{llm.System("Be <brief>.Write.")} }},
		{"schema", false, func(s *host.Step, _ *string) { s.Ask.Schema = schemaOf[scored](t) }},
	} {
		s, m := askStep(), model
		c.change(&s, &m)
		if got := replay.Digest(s, m); (got == first) != c.same {
			t.Errorf("%s: got %s, first was %s", c.what, got, first)
		}
	}
}

func TestDigestOfDo(t *testing.T) {
	first := replay.Digest(doStep(`{"a":1,"b":9007199254740993}`), "")
	for in, same := range map[string]bool{
		"{ \"b\": 9007199254740993,\n\"a\": 1 }": true,
		`{"a":1,"b":9007199254740992}`:           false,
		`{"a":"1","b":9007199254740993}`:         false,
		`{"a":1}`:                                false,
		`no JSON`:                                false,
	} {
		if got := replay.Digest(doStep(in), ""); (got == first) != same {
			t.Errorf("%s: got %s, first was %s", in, got, first)
		}
	}
	s := doStep(`{"a":1,"b":9007199254740993}`)
	s.Do.Fresh, s.Do.Repeatable = true, true
	if replay.Digest(s, "") != first {
		t.Error("traits are in the digest")
	}
}

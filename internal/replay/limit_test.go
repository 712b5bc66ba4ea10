package replay_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

func TestMaxTokens(t *testing.T) {
	long := letters['c'] // of an older program, which sent no limit
	long.Usage = &llm.Usage{OutputTokens: 20_000}
	endless := letters['c']
	endless.Usage = &llm.Usage{OutputTokens: 1 << 60}
	uncounted := letters['c'] // by a server that did not keep the limit
	uncounted.Raw = new(strings.Repeat("text", 1000))
	bounded := letters['r']
	bounded.MostTokens = 8192
	cut := letters['c']
	cut.MostTokens = 8192
	large := letters['k']
	large.MostTokens = 8192
	const local, known, small = "chat/m", "openai/gpt-5.4", "openai/gpt-4-turbo"
	for _, c := range []struct {
		model    string
		authored int
		round    []journal.Attempt
		want     int
	}{
		{local, 0, nil, 16_384}, {known, 0, nil, 32_000}, {known + "-2026-03-17", 0, nil, 32_000}, {small, 0, nil, 4096},
		{local, 100, nil, 100}, {local, 200_000, nil, 200_000}, {known, 200_000, nil, 128_000}, {small, 5000, nil, 4096},

		{local, 100, attempts("trtu"), 100}, {local, 100, attempts("c"), 200}, {local, 100, attempts("ctr"), 200},
		{local, 100, attempts("cc"), 400}, {local, 100, attempts("ccv"), 100}, {local, 100, attempts("ccvc"), 200},
		{local, 0, attempts("c"), 32_768}, {local, 0, []journal.Attempt{long}, 40_000}, {local, 0, []journal.Attempt{endless}, 65_536},
		{local, 0, attempts(strings.Repeat("c", 70)), 65_536}, {local, 200_000, attempts("c"), 200_000},
		{known, 0, attempts("cccc"), 128_000}, {small, 0, attempts("c"), 4096}, {small, 1000, attempts("cccc"), 4096},

		{local, 0, attempts("k"), 4096}, {local, 0, attempts("kk"), 1024}, {local, 0, attempts("kkkk"), 16_384},
		{local, 0, attempts("ck"), 16_384}, {local, 0, attempts("kc"), 8192}, {local, 1000, attempts("k"), 1000}, {known, 0, attempts("k"), 32_000},

		{local, 100, []journal.Attempt{uncounted}, 2000},
		{local, 0, []journal.Attempt{bounded}, 8192}, {local, 100, []journal.Attempt{bounded}, 100}, {known, 0, []journal.Attempt{bounded}, 8192},
		{local, 0, []journal.Attempt{cut}, 8192}, {local, 5000, []journal.Attempt{cut}, 8192}, {local, 0, []journal.Attempt{cut, letters['c']}, 8192},
		{local, 0, []journal.Attempt{large}, 2048}, {known, 0, []journal.Attempt{large}, 8192},
	} {
		s := host.Step{Ask: &host.AskStep{MaxTokens: c.authored}}
		if got := (replay.History{Attempts: c.round}).MaxTokens(s, c.model); got != c.want {
			t.Errorf("%s, authored %d, %d attempts: got %d, want %d", c.model, c.authored, len(c.round), got, c.want)
		}
		if got := (replay.History{Attempts: c.round, Round: len(c.round)}).MaxTokens(s, c.model); got != c.want {
			t.Errorf("%s, authored %d, %d attempts before this round: got %d, want %d", c.model, c.authored, len(c.round), got, c.want)
		}
	}
}

// A call that can only end as the last one did is not made.
func TestNoCallThatCannotEndOtherwise(t *testing.T) {
	for _, c := range []struct {
		model    string
		authored int
		attempts string
		most     int // as the server says
		want     replay.Action
	}{
		{"chat/m", 0, "c", 0, replay.Call}, {"chat/m", 65_536, "c", 0, replay.Fail}, {"openai/gpt-4-turbo", 0, "c", 0, replay.Fail},
		{"chat/m", 0, "k", 0, replay.Call}, {"chat/m", 500, "k", 0, replay.Fail}, {"openai/gpt-5.4", 0, "k", 0, replay.Fail},
		{"chat/m", 0, "c", 8192, replay.Fail}, {"chat/m", 5000, "c", 8192, replay.Call}, {"openai/gpt-5.4", 0, "k", 8192, replay.Fail}, {"chat/m", 0, "k", 8192, replay.Call},
	} {
		h := replay.History{Attempts: attempts(c.attempts)}
		for i := range h.Attempts {
			h.Attempts[i].Model, h.Attempts[i].MostTokens = c.model, c.most
		}
		p := replay.Next(host.Step{Ask: &host.AskStep{MaxTokens: c.authored}}, h, replay.Chain{Models: []string{c.model}})
		if p.Action != c.want {
			t.Errorf("%s, authored %d, %s: %+v", c.model, c.authored, c.attempts, p)
		}
	}
}

// An answer that took all it might take is cut short, whatever its server says.
func TestAnAnswerAtItsLimitIsCutShort(t *testing.T) {
	ask := host.Step{Ask: &host.AskStep{}}
	for _, c := range []struct {
		usage *llm.Usage
		limit int
		want  pawl.Outcome
	}{
		{&llm.Usage{OutputTokens: 40}, 40, pawl.OutcomeFailed},
		{&llm.Usage{OutputTokens: 41}, 40, pawl.OutcomeFailed},
		{&llm.Usage{OutputTokens: 39}, 40, pawl.OutcomeAccepted},
		{nil, 40, pawl.OutcomeAccepted},
		{&llm.Usage{OutputTokens: 40}, 0, pawl.OutcomeAccepted},
		{&llm.Usage{OutputTokens: 140, UnboundedTokens: 101}, 40, pawl.OutcomeAccepted},
		{&llm.Usage{OutputTokens: 140, UnboundedTokens: 100}, 40, pawl.OutcomeFailed},
	} {
		var at journal.Attempt
		replay.Answered(llm.Response{Text: "The tid", ID: "r", Usage: c.usage}, nil, c.limit).Judge(ask, &at)
		if at.Outcome != c.want || *at.Raw != "The tid" || at.Usage != c.usage || at.RequestID != "r" || at.Unmetered {
			t.Errorf("%+v of %d: %+v", c.usage, c.limit, at)
		}
		if c.want == pawl.OutcomeFailed && (at.Error.Kind != "truncated" || at.Error.Hint == "") {
			t.Errorf("%+v of %d: %+v", c.usage, c.limit, at.Error)
		}
	}
}

package enginetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// tried is a flow that takes failures as values, in both forms.
var tried = pawl.New("tried", "Takes failures as values.", func(r *pawl.Run, in Topic) (string, error) {
	_, err := pawl.TryAsk(r, "a", Text("A"))
	var own *pawl.Error
	if err != nil && !errors.As(err, &own) {
		return "", err
	}
	said := fmt.Sprint(err)
	if own != nil {
		said = fmt.Sprint(own.Kind, " at ", own.Step)
	}
	for _, res := range pawl.TryMap(r, "m", []int{0, 1, 2}, func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "b", Text("B")), nil }) {
		said += fmt.Sprint(", ", res.Err != nil)
	}
	return said, nil
})

// surroundings: a Try form returns what is wrong with the question. At everything else
// the step stands still, its siblings go on, and when it is over all is asked again that
// has no answer.
func surroundings(t *testing.T, open store) {
	var checks []func()
	for kind, value := range ordered(map[llm.ErrorKind]bool{
		llm.Refused: true, llm.Filtered: true, llm.ContextLength: true, llm.TooLarge: true, llm.Truncated: true,
		llm.Auth: false, llm.Quota: false, llm.Invalid: false, llm.RateLimit: false, llm.Overloaded: false, llm.Network: false, llm.Timeout: false,
	}) {
		m := &Script{Latency: time.Second, Replies: map[string][]any{
			"m[1]/b": slices.Repeat([]any{&llm.Error{Kind: kind, Message: "no", Hint: "do something"}}, 9)}}
		e := open(m, tried)
		id := Start(t, e, tried)
		checks = append(checks, func() { standsStill(t, e, m, id, kind, value) })
	}
	for _, check := range checks { // all of them have begun
		check()
	}
}

// standsStill holds a run of surroundings against what is to come of one kind of error.
func standsStill(t *testing.T, e pawl.Engine, m *Script, id pawl.RunID, kind llm.ErrorKind, value bool) {
	t.Helper()
	rec := Follow(t, e, id)
	if value {
		if rec.Status != pawl.StatusDone || string(rec.Output) != `"<nil>, false, true, false"` {
			t.Errorf("%s: run is %s (%s), output %s; want it as a value", kind, rec.Status, rec.Reason, rec.Output)
		}
		return
	}
	if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrorKind(kind) || Keys(rec) != "a:done m:failed m[0]/b:done m[1]/b:failed m[2]/b:done" {
		t.Errorf("%s: run is %s (%s), %s; want it to stand still", kind, rec.Status, rec.Reason, Keys(rec))
		return
	}
	m.Replies = nil
	Resume(t, e, rec.ID)
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || string(rec.Output) != `"<nil>, false, false, false"` {
		t.Errorf("%s: run is %s (%s), output %s", kind, rec.Status, rec.Reason, rec.Output)
	}
}

// skipped: a person has the flow go on with a failure of the surroundings. It is the
// step's result then, which a replay gives again.
func skipped(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{
		"a":      {&llm.Error{Kind: llm.Auth, Message: "no key", Hint: "set it"}},
		"m[2]/b": {&llm.Error{Kind: llm.Invalid, Message: "unknown model"}},
	}}
	rec := Finish(t, open(m, tried), tried)
	names := ""
	for _, a := range rec.Blockers[0].Actions {
		names += string(a.Name) + " "
	}
	if rec.Status != pawl.StatusFailed || names != "retry supply skip cancel " {
		t.Fatalf("run is %s (%s) and offers %s", rec.Status, rec.Reason, names)
	}
	e := open(m, tried)
	Decide(t, e, rec.ID, pawl.Decision{Key: "a", What: pawl.DecideSkip, Who: "eve", Comment: "later", Digest: rec.Blockers[0].Digest})
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusFailed || rec.Error.Step != "m[2]/b" || !strings.HasPrefix(Keys(rec), "a:failed m:failed m[0]/b:done") {
		t.Fatalf("run is %s (%s), %s", rec.Status, rec.Reason, Keys(rec))
	}
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "a", What: pawl.DecideSkip}), pawl.ErrConflict, "was decided already: skip by eve at ")
	e = open(m, tried)
	Decide(t, e, rec.ID, pawl.Decision{Key: "m[2]/b", What: pawl.DecideSkip})
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"auth at a, false, false, true"` || m.Calls("a") != 1 || m.Calls("m[2]/b") != 1 {
		t.Errorf("run is %s (%s), output %s", rec.Status, rec.Reason, rec.Output)
	}
	if len(rec.Decisions) != 2 || rec.Decisions[0].What != pawl.DecideSkip || rec.Decisions[0].Who != "eve" || rec.Decisions[0].Comment != "later" {
		t.Errorf("decisions %+v", rec.Decisions)
	}
}

// skipRefused: where the flow takes no failures as values there is nothing to skip to.
func skipRefused(t *testing.T, open store) {
	e := open(&Script{Replies: map[string][]any{"a": {&llm.Error{Kind: llm.Auth, Message: "no key"}}}}, ABC)
	rec := Finish(t, e, ABC)
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "a", What: pawl.DecideSkip}), pawl.ErrInput, "takes retry or supply, not skip")
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "a", What: pawl.DecideSkip, Value: json.RawMessage("1")}), pawl.ErrInput, "takes no value")
}

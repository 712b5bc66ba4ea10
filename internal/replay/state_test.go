package replay_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

func fold(t *testing.T, events []pawl.Event) *replay.State {
	t.Helper()
	st, err := replay.Fold(events)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func pretty(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *record {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func TestStory(t *testing.T) {
	events, failed := story(t)
	golden(t, storyFailed, pretty(t, fold(t, events[:failed]).Record()))
	golden(t, storyDone, pretty(t, fold(t, events).Record()))
}

// The engine of today must make the same of the story, but for ids and times.
func TestStoryIsTold(t *testing.T) {
	old, _ := story(t)
	told := tellStory(t)
	brief := func(events []pawl.Event) (all []string) {
		for _, e := range events {
			all = append(all, strings.TrimSpace(string(e.Type)+" "+string(e.Key)))
		}
		return all
	}
	if d := cmp.Diff(brief(old), brief(told)); d != "" {
		t.Error(d)
	}
}

// A record holds exactly the fields of the contract, at any moment of a run,
// with lists that are never null.
func TestRecordShape(t *testing.T) {
	events, _ := story(t)
	for i := range events {
		var run map[string]any
		if err := json.Unmarshal([]byte(pretty(t, fold(t, events[:i+1]).Record())), &run); err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("after event %d: run", i+1)
		fields(t, at, run, "id flow who schedule status reason model fallback[] prompts[] input output error base imported begun created_at updated_at budget usage guidance[] decisions[] steps[] blockers[]")
		fields(t, at+".begun", run["begun"], "program version fingerprint changed")
		fields(t, at+".usage", run["usage"], "model_calls input_tokens output_tokens cached_tokens cost_usd")
		failure(t, at, run["error"])
		for _, s := range run["steps"].([]any) {
			fields(t, at+".step", s, "key name kind boundary purpose source status stale unused digest attempts[] output reused_from saved started_at ended_at")
			if s.(map[string]any)["purpose"] == "" {
				t.Errorf("%s: a step has no purpose", at)
			}
			for _, a := range s.(map[string]any)["attempts"].([]any) {
				fields(t, at+".attempt", a, "number model response_model requests outcome raw usage error uncounted gates[] guidance[] retry_at started_at ended_at")
				failure(t, at+".attempt", a.(map[string]any)["error"])
				for _, g := range a.(map[string]any)["gates"].([]any) {
					fields(t, at+".gate", g, "name ok detail")
				}
			}
		}
		for _, b := range run["blockers"].([]any) {
			fields(t, at+".blocker", b, "key kind question who not_by[] proposal request digest reasons[] since deadline actions[] limit")
			for _, a := range b.(map[string]any)["actions"].([]any) {
				fields(t, at+".action", a, "name budget command")
			}
		}
		for _, d := range run["decisions"].([]any) {
			fields(t, at+".decision", d, "key what who at comment reason value budget digest delivery expired carried waits unused")
		}
	}
}

func failure(t *testing.T, at string, v any) {
	t.Helper()
	if v != nil {
		fields(t, at+".error", v, "kind message hint step")
	}
}

// fields checks an object's keys; those of a list end in [].
func fields(t *testing.T, at string, v any, want string) {
	t.Helper()
	object := v.(map[string]any)
	var names []string
	for name := range object {
		names = append(names, name)
	}
	var wanted []string
	for _, name := range strings.Fields(want) {
		name, list := strings.CutSuffix(name, "[]")
		wanted = append(wanted, name)
		if _, ok := object[name].([]any); list && !ok {
			t.Errorf("%s.%s is %v, wants a list", at, name, object[name])
		}
		if s, ok := object[name].(string); ok && (strings.HasSuffix(name, "_at") || name == "at" || name == "since") {
			if len(s) != len("2006-01-02T15:04:05.000Z") || s[19] != '.' || s[23] != 'Z' {
				t.Errorf("%s.%s is %q, wants a time with milliseconds", at, name, s)
			}
		}
	}
	slices.Sort(names)
	slices.Sort(wanted)
	if d := cmp.Diff(wanted, names); d != "" {
		t.Errorf("%s: %s", at, d)
	}
}

// history makes events of lines such as "attempt draft {...}"; "-" is no key.
func history(lines ...string) (events []pawl.Event) {
	for i, line := range lines {
		part := strings.SplitN(line, " ", 3)
		e := pawl.Event{Version: 1, Run: "r", Seq: pawl.Seq(i + 1), Type: pawl.EventType(part[0]), Body: json.RawMessage(part[2])}
		if part[1] != "-" {
			e.Key = pawl.Key(part[1])
		}
		events = append(events, e)
	}
	return events
}

const (
	created = `created - {"flow":"f","model":"a/b","input":{"x":1}}`
	claimed = `claimed - {"epoch":1}`
	intent  = `intent draft {"step":{"kind":"ask","purpose":"Writing"},"number":1,"model":"a/b"}`
)

func TestFoldRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []string
		want   string
	}{
		{"unknown type", []string{created, `teleported draft {}`}, `event 2 of run r, "teleported", has a type which this version does not know`},
		{"override without value", []string{created, `override draft {}`}, `has no key or no value`},
		{"reused without result", []string{created, `reused draft {"step":{"kind":"ask"},"from":{"run":"q","key":"draft"}}`}, `has no result`},
		{"reused without key", []string{created, `reused - {"result":1}`}, `has no key`},
		{"no JSON", []string{`created - {`}, `read created body`},
		{"wrong type of body", []string{created, `intent draft []`}, `read intent body`},
		{"wrong type of field", []string{created, claimed, `attempt draft {"number":"one"}`}, `read attempt body`},
		{"empty body", []string{created, `note - `}, `read note body`},
		{"before created", []string{intent}, `event 1 of run r, "intent", stands before created`},
		{"claimed before created", []string{claimed}, `stands before created`},
		{"note before created", []string{`note - {"text":"x"}`}, `stands before created`},
		{"created twice", []string{created, intent, created}, `event 3 of run r, "created", stands behind another`},
		{"intent without key", []string{created, `intent - {}`}, `has no key`},
		{"scope without key", []string{created, `scope - {}`}, `has no key`},
		{"attempt without key", []string{created, `attempt - {"outcome":"rejected"}`}, `has no key`},
		{"failure without error", []string{created, `attempt draft {"outcome":"failed"}`}, `has no error`},
		{"accepted without result", []string{created, `attempt draft {"outcome":"accepted"}`}, `has no result`},
		{"unknown outcome", []string{created, `attempt draft {"outcome":"maybe"}`}, `has the outcome "maybe", which this version does not know`},
		{"intent behind the end", []string{created, `done - {"output":1}`, intent}, `"intent", stands behind the run's end`},
		{"another end", []string{created, `done - {"output":1}`, `done - {"output":2}`}, `event 3 of run r, "done", stands behind the run's end`},
		{"canceled behind the end", []string{created, `failed - {"error":{"kind":"internal","message":"x"},"final":true}`, `canceled - {"reason":"x"}`}, `stands behind the run's end`},
		{"null for an attempt", []string{created, `attempt draft null`}, `has the outcome ""`},
	} {
		st, err := replay.Fold(history(c.events...))
		if st != nil || !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestFold(t *testing.T) {
	busy := `attempt draft {"outcome":"failed","number":1,"model":"a/b","error":{"kind":"overloaded","message":"busy"}}`
	gave := `failed draft {"error":{"kind":"overloaded","message":"still busy"}}`
	retry := `decision draft {"what":"retry","who":"ada"}`
	for _, c := range []struct {
		name   string
		events []string
		want   string // status of the run, of the step draft, its attempts, open blockers and the error
	}{
		{"created", []string{created}, "queued - 0 0 -"},
		{"under way", []string{created, claimed, intent}, "running running 0 0 -"},
		{"its process died", []string{created, claimed, intent, claimed}, "running retrying 1 0 -"},
		{"its engine was closed", []string{created, claimed, intent, `released - {"status":"queued"}`}, "queued retrying 1 0 -"},
		{"canceled under way", []string{created, claimed, intent, `canceled - {"reason":"no"}`}, "canceled retrying 1 0 canceled@"},
		{"between attempts", []string{created, claimed, intent, busy}, "running retrying 1 0 -"},
		{"cannot finish, others go on", []string{created, claimed, intent, busy, gave}, "running failed 1 1 -"},
		{"stands still", []string{created, claimed, intent, busy, gave, `released - {"status":"failed","reason":"x"}`}, "failed failed 1 1 overloaded@draft"},
		{"paused while one stands still", []string{created, claimed, intent, busy, gave, `released - {"status":"paused"}`}, "paused failed 1 1 -"},
		{"tried again", []string{created, claimed, intent, busy, gave, `released - {"status":"failed"}`, claimed, retry}, "running retrying 1 0 -"},
		{"a person is asked", []string{created, claimed, intent, claimed, `blocker draft {"kind":"unknown","question":"again?","digest":"d"}`, `released - {"status":"waiting"}`}, "waiting waiting 1 1 -"},
		{"accepted text", []string{created, claimed, intent, `attempt draft {"outcome":"accepted","raw":"x"}`}, "running done 1 0 -"},
		{"the failure is a value", []string{created, claimed, intent, busy, `failed draft {"error":{"kind":"overloaded"},"final":true}`}, "running failed 1 0 -"},
		{"the flow failed", []string{created, claimed, `failed - {"error":{"kind":"flow","message":"bug"}}`, `released - {"status":"failed"}`}, "failed - 0 1 flow@"},
		{"the flow is tried again", []string{created, claimed, `failed - {"error":{"kind":"flow","message":"bug"}}`, `decision - {"what":"retry"}`}, "running - 0 0 -"},
		{"pause is asked for", []string{created, claimed, intent, `directive - {"what":"pause","who":"ada"}`}, "pausing running 0 0 -"},
		{"done", []string{created, claimed, `done - {"output":5,"unused":["ghost"]}`}, "done - 0 0 -"},
		{"canceled", []string{created, claimed, intent, busy, gave, `canceled - {"reason":"no"}`}, "canceled failed 1 0 canceled@"},

		{"attempt without intent", []string{created, `attempt draft {"outcome":"rejected"}`}, "queued retrying 1 0 -"},
		{"attempt that brings its step", []string{created, `attempt draft {"step":{"kind":"do","purpose":"P"},"outcome":"accepted","result":1}`}, "queued done 1 0 -"},
		{"failure of an unknown step", []string{created, gave, `released - {"status":"failed"}`}, "failed failed 0 1 overloaded@draft"},
		{"decision for an unknown step", []string{created, `decision ghost {"what":"retry"}`}, "queued - 0 0 -"},
		{"blocker of an unknown step", []string{created, `blocker ghost {"kind":"unknown"}`}, "queued - 0 1 -"},
		{"stale note on an unknown step", []string{created, `note ghost {"stale":"d"}`}, "queued - 0 0 -"},
		{"a field of tomorrow", []string{`created - {"flow":"f","colour":"red"}`}, "queued - 0 0 -"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := fold(t, history(c.events...)).Record()
			step, tries, failed := "-", 0, "-"
			for _, s := range rec.Steps {
				if s.Purpose == "" {
					t.Error("no purpose")
				}
				step, tries = string(s.Status), len(s.Attempts)
			}
			if rec.Error != nil {
				failed = fmt.Sprintf("%s@%s", rec.Error.Kind, rec.Error.Step)
			}
			if got := fmt.Sprintf("%s %s %d %d %s", rec.Status, step, tries, len(rec.Blockers), failed); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if rec.LastSeq != pawl.Seq(len(c.events)) {
				t.Errorf("last event %d", rec.LastSeq)
			}
		})
	}
}

// Usage that nobody reported is null, never 0.
func TestUsage(t *testing.T) {
	answer := func(usage string) string {
		return `attempt draft {"outcome":"rejected","model":"a/b","raw":"x"` + usage + `}`
	}
	const tokens = `,"usage":{"input_tokens":3,"output_tokens":2,"cached_tokens":1}`
	known, priced := answer(tokens), answer(tokens+`,"cost_usd":0.1`)
	free, dear := answer(tokens+`,"cost_usd":0`), answer(tokens+`,"cost_usd":0.2`)
	failed := `attempt draft {"outcome":"failed","model":"a/b","error":{"kind":"overloaded"}}`
	cut := `attempt draft {"outcome":"failed","model":"a/b","raw":"x","error":{"kind":"network"}}`
	useless := `attempt draft {"outcome":"failed","model":"a/b","unmetered":true,"error":{"kind":"overloaded"}}`
	for _, c := range []struct {
		name   string
		events []string
		want   string // calls, tokens in, out and cached, cost
	}{
		{"no call", []string{created}, `0 0 0 0 0`},
		{"code alone", []string{created, `attempt draft {"outcome":"accepted","result":1}`}, `0 0 0 0 0`},
		{"known", []string{created, known, known}, `2 6 4 2 null`},
		{"one answer unknown", []string{created, known, answer("")}, `2 null null null null`},
		{"in flight", []string{created, claimed, intent}, `1 null null null null`},
		{"lost", []string{created, claimed, intent, claimed}, `1 null null null null`},
		{"priced", []string{created, priced, dear, free}, `3 9 6 3 0.3`},
		{"free", []string{created, free, free}, `2 6 4 2 0`},
		{"one price unknown", []string{created, priced, known}, `2 6 4 2 null`},
		{"priced and an answer unknown", []string{created, priced, answer("")}, `2 null null null null`},
		{"priced and one that failed", []string{created, failed, priced, failed}, `3 3 2 1 0.1`},
		{"priced and one of no use", []string{created, priced, useless}, `2 null null null null`},
		{"only failed", []string{created, failed}, `1 null null null null`},
		{"priced and one that was cut", []string{created, priced, cut}, `2 null null null null`},
		{"priced and one in flight", []string{created, claimed, priced, intent}, `2 3 2 1 0.1`},
		{"priced and one lost", []string{created, claimed, priced, intent, claimed}, `2 3 2 1 null`},
	} {
		var in, out, cached, cost = "null", "null", "null", "null"
		u := fold(t, history(c.events...)).Record().Usage
		for text, n := range map[*string]*int64{&in: u.InputTokens, &out: u.OutputTokens, &cached: u.CachedTokens} {
			if n != nil {
				*text = fmt.Sprint(*n)
			}
		}
		if u.CostUSD != nil {
			cost = fmt.Sprint(*u.CostUSD)
		}
		if got := fmt.Sprint(u.ModelCalls, " ", in, " ", out, " ", cached, " ", cost); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// Whatever a journal holds, folding it ends in a state or an error.
func FuzzFold(f *testing.F) {
	line := func(events []pawl.Event) (b []byte) {
		for _, e := range events {
			one, err := json.Marshal(e)
			if err != nil {
				f.Fatal(err)
			}
			b = append(append(b, one...), '\n')
		}
		return b
	}
	for _, lines := range [][]string{
		{created, claimed, intent, claimed, `attempt draft {"outcome":"failed","error":{"kind":"network"}}`, `failed draft {"error":{"kind":"network"}}`, `decision draft {"what":"retry"}`},
		{created, `scope m {"n":2}`, `scope m {"closed":true}`, `note m {}`, `note m {"stale":"x"}`, `blocker m {"kind":"unknown"}`, `done - {"output":1,"unused":["m"]}`},
		{created, `failed - {"error":{"kind":"mismatch"}}`, `directive - {"what":"resume","model":"c/d"}`, `released - {"status":"paused"}`, `canceled - {}`},
		{}, {intent}, {created, created}, {created, `attempt draft null`},
	} {
		f.Add(line(history(lines...)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		events, err := decodeLines(b)
		if err != nil {
			return
		}
		st, err := replay.Fold(events)
		if err != nil {
			if !errors.Is(err, pawl.ErrDatabase) {
				t.Error(err)
			}
			return
		}
		st.LoseOpen()
		st.Record()
		var s replay.Script
		for _, r := range st.Turns() {
			s.Add(r)
		}
		s.Next(func(pawl.Key) bool { return false })
		for key, step := range st.Steps {
			replay.Next(host.Step{Ask: &host.AskStep{}}, step.History, alone)
			s.Take(key)
		}
	})
}

// A claim behind the last event leaves nothing in flight, as its event does when it is read.
func TestClaimed(t *testing.T) {
	events := history(created, claimed, intent, claimed)
	st, read := fold(t, events[:3]), fold(t, events)
	st.Claimed(journal.Claim{Run: "r", Seq: 4})
	if got, want := pretty(t, st.Record()), pretty(t, read.Record()); got != want || st.Listed() != read.Listed() || st.IsFirst() {
		t.Errorf("%s\nis not\n%s", got, want)
	}
}

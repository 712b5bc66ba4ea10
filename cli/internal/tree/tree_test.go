package tree

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

var record = flag.Bool("record", false, "write testdata anew")

// history makes the events of a run, a second apart, and a tree of them.
type history struct {
	t    testing.TB
	tree *Tree
	seq  pawl.Seq
	now  time.Time
	made map[string]int // attempts of steps
	seen func(pawl.Event)
}

func newHistory(t testing.TB) *history {
	h := &history{t: t, tree: New(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), made: map[string]int{}}
	h.add(pawl.EventCreated, "", journal.Created{Flow: "blog", Model: "test/one", Input: json.RawMessage("{}")})
	h.add(pawl.EventClaimed, "", journal.Claimed{Epoch: 1})
	return h
}

func (h *history) add(typ pawl.EventType, key string, body any) {
	h.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	h.seq++
	h.now = h.now.Add(time.Second)
	ev := pawl.Event{Version: journal.Version, Run: "0123456789ab", Seq: h.seq, Type: typ, Key: pawl.Key(key), At: pawl.At(h.now), Body: raw}
	if h.seen != nil {
		h.seen(ev)
	}
	if err := h.tree.Apply(ev); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) begin(key, purpose string) {
	h.made[key]++
	n := h.made[key]
	h.add(pawl.EventIntent, key, journal.Intent{Step: journal.Step{Kind: pawl.KindAsk, Purpose: purpose}, Number: n, Try: n, Of: 3, Model: "test/one"})
}

func (h *history) attempt(key string, at journal.Attempt) {
	at.Number, at.Model, at.StartedAt = h.made[key], "test/one", pawl.At(h.now)
	h.add(pawl.EventAttempt, key, at)
}

func (h *history) done(key string) {
	text := "x"
	h.attempt(key, journal.Attempt{Outcome: pawl.OutcomeAccepted, Raw: &text, Usage: &llm.Usage{InputTokens: 1200, OutputTokens: 34}})
}

func (h *history) retry(key string, wait time.Duration) {
	at := pawl.At(h.now.Add(time.Second + wait))
	h.attempt(key, journal.Attempt{Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: pawl.ErrFlow, Message: "busy"}, RetryAt: &at})
}

func (h *history) fail(key string, final bool) {
	h.attempt(key, journal.Attempt{Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: pawl.ErrFlow, Message: "no"}})
	h.add(pawl.EventFailed, key, journal.Failed{Error: journal.Failure{Kind: pawl.ErrFlow, Message: "no"}, Final: final})
}

// ask leaves a step as one that waits for a person.
func (h *history) ask(key string) {
	h.attempt(key, journal.Attempt{Outcome: pawl.OutcomeUnknown})
	h.add(pawl.EventBlocker, key, journal.Blocker{Kind: pawl.BlockerUnknown, Question: "again?"})
}

// person leaves a step that waits for one.
func (h *history) person(key string, kind pawl.Kind, who string) {
	b := journal.Blocker{Kind: pawl.BlockerInput, Question: "What now?", Who: who, Step: &journal.Step{Kind: kind, Purpose: "What now?"}}
	if kind == pawl.KindApprove {
		b.Kind, b.Proposal = pawl.BlockerApproval, json.RawMessage(`"draft"`)
	}
	h.add(pawl.EventBlocker, key, b)
}

func (h *history) decided(key string, d journal.Decision) {
	h.now = h.now.Add(2 * time.Minute)
	h.add(pawl.EventDecision, key, d)
}

func (h *history) scope(key string, kind pawl.Kind, n int, closed bool) {
	h.add(pawl.EventScope, key, journal.Scope{Step: journal.Step{Kind: kind, Purpose: "Going through " + key}, N: n, Closed: closed})
}

func (h *history) frame(columns, rows int) []string {
	return h.tree.Frame(Look{Now: h.now.Add(3 * time.Second), Columns: columns, Rows: rows, Mask: func(s string) string { return s }})
}

// wideMap is a map of 1,000 of which 812 are done, 16 at work and 2 failed.
func wideMap(h *history) {
	h.begin("plan", "Planning sections")
	h.done("plan")
	h.scope("sections", pawl.KindMap, 1000, false)
	for i := range 830 {
		key := fmt.Sprintf("sections[%d]/write", i)
		h.begin(key, "Writing section")
		switch {
		case i == 7 || i == 500:
			h.fail(key, false)
		case i < 814:
			h.done(key)
		}
	}
}

func stories() map[string]func(h *history) {
	return map[string]func(*history){
		"nothing": func(*history) {},
		"map":     wideMap,
		"failed and waiting": func(h *history) {
			h.begin("plan", "Planning")
			h.done("plan")
			h.scope("checks", pawl.KindParallel, 3, false)
			h.begin("checks/tone/score", "Scoring tone")
			h.begin("checks/facts/score", "Scoring facts")
			h.begin("checks/law/score", "Scoring law")
			h.fail("checks/tone/score", false)
			h.ask("checks/facts/score")
			h.retry("checks/law/score", 90*time.Second)
		},
		"people": func(h *history) {
			h.begin("draft", "Drafting")
			h.done("draft")
			h.person("publish", pawl.KindApprove, "the editor")
			h.decided("publish", journal.Decision{What: pawl.DecideReject, Who: "anna", Reason: "revise"})
			h.person("publish#2", pawl.KindApprove, "the editor")
			h.decided("publish#2", journal.Decision{What: pawl.DecideApprove, Who: "anna", Value: json.RawMessage(`"x"`)})
			h.person("when", pawl.KindInput, "")
			h.decided("when", journal.Decision{What: pawl.DecideAnswer, Who: "the deadline", Expired: true, Value: json.RawMessage("1")})
			h.begin("send", "Sending")
			h.fail("send", false)
			h.decided("send", journal.Decision{What: pawl.DecideSupply, Who: "ben", Value: json.RawMessage(`"sent"`)})
			h.add(pawl.EventBlocker, "report", journal.Blocker{Kind: pawl.BlockerBreakpoint, Question: "go on?", Step: &journal.Step{Kind: pawl.KindAsk, Purpose: "Reporting"}})
			h.person("again", pawl.KindInput, "the press office")
		},
		"nested": func(h *history) {
			h.scope("books", pawl.KindMap, 3, false)
			for i := range 3 {
				in := fmt.Sprintf("books[%d]", i)
				h.begin(in+"/plan", "Planning book")
				h.done(in + "/plan")
				h.scope(in+"/chapters", pawl.KindMap, 4, false)
				for j := range 4 {
					key := fmt.Sprintf("%s/chapters[%d]/write", in, j)
					h.begin(key, "Writing chapter")
					if i == 0 || j == 0 {
						h.done(key)
					}
				}
			}
			h.scope("books[0]/chapters", pawl.KindMap, 4, true)
			h.scope("books[0]/check", pawl.KindCall, 1, false)
			h.begin("books[0]/check/facts", "Checking facts")
		},
		"one after another": func(h *history) {
			for i := range 40 {
				key := fmt.Sprintf("step#%d", i+2)
				h.begin(key, "Going on")
				if i < 39 {
					h.done(key)
				}
			}
		},
		"wide characters": func(h *history) {
			h.begin("plan", "計画を立てる — une très longue intention qui ne tient sur aucune ligne 👨‍👩‍👧 é́́ "+strings.Repeat("長い", 60))
			h.begin("end\x1b[31m", "line\nbreak \x1b]0;title\x07")
		},
		"flow goes on from failures": func(h *history) {
			h.scope("tries", pawl.KindMap, 3, false)
			for i := range 3 {
				key := fmt.Sprintf("tries[%d]/guess", i)
				h.begin(key, "Guessing")
				h.fail(key, true)
			}
			h.begin("tries[1]/guess#2", "Guessing again")
			h.done("tries[1]/guess#2")
			h.scope("tries", pawl.KindMap, 3, true)
		},
	}
}

// The frames of some runs on terminals of all sizes, as text.
func TestFrames(t *testing.T) {
	for name, story := range stories() {
		h := newHistory(t)
		story(h)
		var b strings.Builder
		for _, size := range [][2]int{{80, 24}, {80, 5}, {40, 12}, {20, 5}, {200, 24}, {80, 3}, {80, 2}, {80, 1}, {80, 0}, {1, 24}} {
			fmt.Fprintf(&b, "-- %d columns, %d rows --\n", size[0], size[1])
			for _, line := range h.frame(size[0], size[1]) {
				b.WriteString(line + "\n")
			}
		}
		path := "testdata/frames/" + strings.ReplaceAll(name, " ", "_") + ".txt"
		if *record {
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s: got\n%s", path, b.String())
		}
	}
}

// random makes a run of nested scopes and steps in all states.
func random(t testing.TB, r *rand.Rand) *history {
	h := newHistory(t)
	var fill func(prefix string, depth int) (open bool)
	step := func(key string) (open bool) {
		h.begin(key, strings.Repeat("w日é ", r.IntN(30)))
		switch r.IntN(8) {
		case 0:
			h.retry(key, time.Minute)
		case 1:
			h.fail(key, false)
		case 2:
			h.fail(key, true)
			return false
		case 3:
			h.ask(key)
		case 4:
		default:
			h.done(key)
			return false
		}
		return true
	}
	fill = func(prefix string, depth int) (open bool) {
		for i := range r.IntN(6) {
			key := fmt.Sprintf("%sn%d", prefix, i)
			if depth == 0 || r.IntN(3) > 0 {
				open = step(key) || open
				continue
			}
			kind := []pawl.Kind{pawl.KindMap, pawl.KindParallel, pawl.KindCall}[r.IntN(3)]
			n, inside := 1+r.IntN(4), false
			h.scope(key, kind, n, false)
			for b := range n {
				switch kind {
				case pawl.KindMap:
					inside = fill(fmt.Sprintf("%s[%d]/", key, b), depth-1) || inside
				case pawl.KindParallel:
					inside = fill(fmt.Sprintf("%s/b%d/", key, b), depth-1) || inside
				case pawl.KindCall:
					inside = fill(key+"/", depth-1) || inside
					b = n
				}
				if kind == pawl.KindCall {
					break
				}
			}
			if !inside {
				h.scope(key, kind, n, true)
			}
			open = open || inside
		}
		return open
	}
	fill("", 3)
	return h
}

// Whatever the run and the terminal: no line is too wide, there are not too many,
// and nothing active or failed is left out where something that is done is shown.
// What is left out is counted.
func TestFrameOfAnything(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	for range 400 {
		h := random(t, r)
		columns, rows := 1+r.IntN(120), r.IntN(40)
		lines := h.frame(columns, rows)
		if len(lines) > rows {
			t.Fatalf("seed %d: %d lines in %d rows", seed, len(lines), rows)
		}
		for _, line := range lines {
			if term.Cells(line) > columns || strings.ContainsAny(line, "\n\x1b") {
				t.Fatalf("seed %d: %d columns: %q", seed, columns, line)
			}
		}
		good, bad, shown := 0, 0, 0
		for i := range h.tree.nodes {
			n := &h.tree.nodes[i]
			scope := n.step.Head.Kind.Scope()
			switch {
			case n.shown:
				shown++
				if finished(n.status) && !scope {
					good++
				}
			case !finished(n.status) && !scope:
				bad++
			}
		}
		if good > 0 && bad > 0 {
			t.Fatalf("seed %d: %d done steps are shown, %d others are not:\n%s", seed, good, bad, strings.Join(lines, "\n"))
		}
		counted := slices.ContainsFunc(lines, func(s string) bool { return strings.HasPrefix(s, "… more:") })
		if rows > 3 && columns > 9 && counted != (bad > 0) {
			t.Fatalf("seed %d: %d are left out:\n%s", seed, bad, strings.Join(lines, "\n"))
		}
		if all := len(h.tree.nodes); rows >= all+2 && shown != all {
			t.Fatalf("seed %d: %d of %d are shown though all would fit:\n%s", seed, shown, all, strings.Join(lines, "\n"))
		}
	}
}

// The tree has every step once, each beneath its scope and beside its branch.
func TestTreeOrder(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 2))
	for range 200 {
		h := random(t, r)
		h.tree.look()
		h.tree.walk()
		seen := map[int]bool{}
		for _, i := range h.tree.order {
			up := h.tree.parent(i)
			if seen[i] || up != none && !seen[up] {
				t.Fatalf("seed %d: %s is at the wrong place", seed, h.tree.nodes[i].step.Key)
			}
			if up != none && !strings.HasPrefix(string(h.tree.nodes[i].step.Key), string(h.tree.nodes[up].step.Key)) {
				t.Fatalf("seed %d: %s is beneath %s", seed, h.tree.nodes[i].step.Key, h.tree.nodes[up].step.Key)
			}
			seen[i] = true
		}
		if len(seen) != len(h.tree.st.Steps) {
			t.Fatalf("seed %d: %d of %d steps", seed, len(seen), len(h.tree.st.Steps))
		}
	}
}

// Branches of several steps whose events interleave stand together.
func TestBranchesStandTogether(t *testing.T) {
	h := newHistory(t)
	h.scope("m", pawl.KindMap, 2, false)
	for _, key := range []string{"m[0]/a", "m[1]/a", "m[0]/b", "m[1]/b", "m[0]/c"} {
		h.begin(key, "x")
	}
	h.tree.look()
	h.tree.walk()
	var keys []string
	for _, i := range h.tree.order {
		keys = append(keys, string(h.tree.nodes[i].step.Key))
	}
	if got := strings.Join(keys, " "); got != "m m[0]/a m[0]/b m[0]/c m[1]/a m[1]/b" {
		t.Error(got)
	}
}

// A frame goes through ten thousand steps and makes nothing for those it hides.
func TestFrameAllocations(t *testing.T) {
	few, many := newHistory(t), newHistory(t)
	for n, h := range map[int]*history{100: few, 10_000: many} {
		h.scope("m", pawl.KindMap, n, false)
		for i := range n {
			key := fmt.Sprintf("m[%d]/a", i)
			h.begin(key, "x")
			if i >= 8 {
				h.done(key)
			}
		}
		h.frame(80, 23)
	}
	of := func(h *history) float64 { return testing.AllocsPerRun(5, func() { h.frame(80, 23) }) }
	if a, b := of(few), of(many); b > a+20 {
		t.Errorf("a frame of 100 steps allocates %.0f times, of 10,000 %.0f times", a, b)
	}
}

func BenchmarkFrame(b *testing.B) {
	h := newHistory(b)
	h.scope("m", pawl.KindMap, 10_000, false)
	for i := range 10_000 {
		key := fmt.Sprintf("m[%d]/a", i)
		h.begin(key, "Writing section")
		if i < 9_984 {
			h.done(key)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		h.frame(80, 23)
	}
}

// Before the first event there is nothing to draw.
func TestFrameOfNothing(t *testing.T) {
	if got := New().Frame(Look{Columns: 80, Rows: 24, Mask: func(s string) string { return s }}); len(got) != 0 {
		t.Errorf("it is %q", got)
	}
}

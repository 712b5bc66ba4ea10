package page

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/diff"
	"github.com/pawlrun/pawl/internal/view"
)

func textField(path, was, is string) view.Field {
	old, _ := json.Marshal(was)
	new, _ := json.Marshal(is)
	return view.Field{Op: diff.Changed, Path: path, Was: path, Old: old, New: new, Words: diff.Words(was, is)}
}

func differs(fields ...view.Field) view.Difference { return view.Difference{Fields: fields} }

func compared() view.Comparison {
	none := view.Difference{Same: true}
	took := func(in int64, usd, seconds float64) *view.StepSide {
		return &view.StepSide{Status: pawl.StepDone, Model: "test/one", Attempts: 1, Seconds: seconds, Usage: &pawl.UsageRecord{ModelCalls: 1, InputTokens: &in, OutputTokens: &in, CostUSD: &usd}}
	}
	anna, bob := &pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: "anna", At: pawl.At(at)}, &pawl.Decision{Key: "publish", What: pawl.DecideReject, Who: "bob", Reason: "dull", Comment: "no", At: pawl.At(at)}
	base := pawl.RunID("r1")
	words := "One two three four five six seven eight nine ten, and the quick brown fox jumps over the lazy dog while it rains."
	return view.Comparison{
		A:     view.RunSide{Run: "r1", Flow: "f", Status: pawl.StatusDone, CreatedAt: pawl.At(at), Usage: pawl.UsageRecord{ModelCalls: 3, InputTokens: new(int64(1200)), OutputTokens: new(int64(90)), CostUSD: new(0.03)}, Seconds: 12},
		B:     view.RunSide{Run: "r2", Flow: "f", Status: pawl.StatusFailed, Reason: "it broke", Who: "eve", Base: &base, CreatedAt: pawl.At(at), Usage: pawl.UsageRecord{ModelCalls: 2, InputTokens: new(int64(800))}, Seconds: 61},
		Setup: differs(textField("model", "test/one", "test/two")),
		Input: differs(view.Field{Op: diff.Changed, Path: "token", Was: "token", Hidden: true}),
		Steps: []view.StepDiff{
			{Key: "outline", Change: view.StepReused, A: &view.StepSide{Key: "outline"}, B: &view.StepSide{Key: "outline"}, Result: none},
			{Key: "extra#2", Change: view.StepReused, A: &view.StepSide{Key: "extra"}, B: &view.StepSide{Key: "extra#2"}, Result: none},
			{Key: "draft", Change: view.StepChanged, Asked: "changed", A: took(1200, 0.01, 2), B: took(800, 0.02, 3), Result: differs(
				textField("", "# Title\n\n"+words+"\n\nSame.\n", "# Title\n\n"+strings.Replace(words, "brown fox", "red fox", 1)+"\n\nSame.\n"))},
			{Key: "judge", Change: view.StepChanged, Asked: "same", A: took(5, 0, 1), B: took(5, 0, 1), Result: differs(
				view.Field{Op: diff.Changed, Path: "score", Was: "score", Old: json.RawMessage("0.5"), New: json.RawMessage("0.7")},
				view.Field{Op: diff.Added, Path: "issues[0]", Was: "issues[0]", Old: json.RawMessage("null"), New: json.RawMessage(`"Too long"`)},
				view.Field{Op: diff.Moved, Path: "issues[2]", Was: "issues[1]", Old: json.RawMessage(`"x"`), New: json.RawMessage(`"x"`)})},
			{Key: "publish", Kind: pawl.KindApprove, Change: view.StepChanged, A: &view.StepSide{Status: pawl.StepDone, Decision: anna}, B: &view.StepSide{Status: pawl.StepDone, Decision: bob}, Result: none},
			{Key: "send", Change: view.StepOnlyB, B: &view.StepSide{Status: pawl.StepFailed, Problem: "it broke"}, Result: none},
		},
		Output: differs(textField("text", "# Title\n\n"+words+"\n\nSame.\n", "# Title\n\n"+strings.Replace(words, "brown fox", "red fox", 1)+"\n\nSame.\n")),
	}
}

func TestDiffPage(t *testing.T) {
	var out strings.Builder
	p := &Page{Out: &out, Width: 80, Zone: time.UTC}
	p.Diff(compared(), func(key pawl.Key) string { return "diff r1 r2 " + string(key) })
	same(t, "two runs", out.String(), `a        r1 f is done, started 2026-01-02 03:04:05
b        r2 f failed, started 2026-01-02 03:04:05 by eve, based on a: it broke

begun with
  model: test/one → test/two

input
  token: differs; it is sensitive

outline  reused
extra#2  reused, in a it is extra
draft    changed, asked otherwise
  2s → 3s, 1,200+1,200 → 800+800 tokens, $0.0100 → $0.0200
  -1 +1 word
      # Title

      One two three four five six seven eight nine ten, and the quick
      [-brown-]{+red+} fox jumps over the lazy dog while it rains.

      Same.
judge    changed, asked the same  1s, 5+5 tokens
  score: 0.5 → 0.7
  issues[0]: + Too long
  issues[1] → issues[2], moved
publish  changed
  decided: approved by anna → rejected by bob (dull): no
send     only in b
  status: failed
  problem: it broke

output
  text: -1 +1 word, as in step draft

           a        b
calls      3        2
tokens in  1,200    800
out        90       unknown
cost       $0.0300  unknown
took       12s      1m1s
of 6 steps: 2 reused, 3 changed, 1 only in b`)
}

// At 40 columns nothing but a command is wider than that, and in colour nothing else is
// printed.
func TestDiffPageIsNarrow(t *testing.T) {
	var plain, colour strings.Builder
	for _, ink := range []term.Ink{false, true} {
		out := &plain
		if ink {
			out = &colour
		}
		p := &Page{Out: out, Width: 40, Zone: time.UTC, Ink: ink}
		p.Diff(compared(), func(key pawl.Key) string { return "diff r1 r2 " + string(key) })
	}
	for line := range strings.Lines(plain.String()) {
		if term.Cells(strings.TrimSuffix(line, "\n")) > 40 {
			t.Errorf("wide: %q", line)
		}
	}
	bare := strings.NewReplacer(term.Red, "", term.Green, "", term.Bold, "", term.Faint, "", term.Magenta, "", "\x1b[m", "", "\x1b[0m", "").Replace(colour.String())
	same(t, "without colour", bare, plain.String())
	if !strings.Contains(colour.String(), term.Red+"[-brown-]") {
		t.Errorf("no colour: %q", colour.String())
	}
}

// What is long is cut where a command shows it, and stays whole there.
func TestDiffPageIsShort(t *testing.T) {
	var fields []view.Field
	for range 30 {
		fields = append(fields, view.Field{Op: diff.Changed, Path: "n", Was: "n", Old: json.RawMessage("1"), New: json.RawMessage("2")})
	}
	c := view.Comparison{Setup: view.Difference{Same: true}, Input: view.Difference{Same: true}, Output: view.Difference{Same: true}, Steps: []view.StepDiff{
		{Key: "draft", Change: view.StepChanged, A: &view.StepSide{}, B: &view.StepSide{}, Result: view.Difference{Fields: fields, More: 5}},
	}}
	for whole, want := range map[bool]string{false: "… 23 fields more: diff draft", true: "… 5 fields more"} {
		var out strings.Builder
		var step func(pawl.Key) string
		if !whole {
			step = func(key pawl.Key) string { return "diff " + string(key) }
		}
		(&Page{Out: &out, Zone: time.UTC}).Diff(c, step)
		if n := strings.Count(out.String(), "n: 1 → 2"); !strings.Contains(out.String(), want) || whole && n != 30 || !whole && n != 12 {
			t.Errorf("whole %v: %d fields\n%s", whole, n, out.String())
		}
	}
	text := strings.Repeat("one line that was\n", 40)
	c.Steps[0].Result = differs(textField("", text, strings.ReplaceAll(text, "was", "is")))
	var out strings.Builder
	(&Page{Out: &out, Zone: time.UTC}).Diff(c, func(key pawl.Key) string { return "diff " + string(key) })
	if !strings.Contains(out.String(), "… 28 lines more: diff draft\n") {
		t.Error(out.String())
	}
}

// Lines that changed altogether stand as two, and of line breaks nothing is lost.
func TestWordLines(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"a\nb\nc\n", "a\nx\nc\n", "  a\n  [-b-]{+x+}\n  c"},
		{"a\nb\n", "a\n", "  a\n- b"},
		{"a\n", "a\n\nb\n", "  a\n+ b"},
		{"a\nb", "a\n\nb", "  a\n+ ¶\n  b"},
		{"a b", "a  b", "  a[- -]{+  +}b"},
		{"", "", ""},
		{strings.Repeat("old words all over again ", 4), strings.Repeat("fresh text in another way ", 4),
			"- " + strings.TrimSpace(strings.Repeat("old words all over again ", 4)) + "\n+ " + strings.TrimSpace(strings.Repeat("fresh text in another way ", 4))},
		{"x\x1b[2J", "x\u202e", "  [-x\\u001b[2J-]{+x\\u202e+}"},
	} {
		p := &Page{}
		if got := strings.Join(p.wordLines(diff.Words(c.a, c.b), 0), "\n"); strings.ReplaceAll(got+"\n", " \n", "\n") != c.want+"\n" {
			t.Errorf("%q and %q are\n%s\nwant\n%s", c.a, c.b, got, c.want)
		}
	}
}

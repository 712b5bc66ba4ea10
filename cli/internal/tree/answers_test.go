package tree

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/journal"
)

// Answers stand line by line, broken where they are wide, at spaces if there are any, and
// none of their characters steers a terminal.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		columns int
		pieces  []string
		want    []string
	}{
		{0, []string{"one\n", "two", " three\n\n", "  four"}, []string{"say: one", "say: two three"}},
		{0, []string{strings.Repeat("word ", 30)}, []string{"say: " + strings.TrimSpace(strings.Repeat("word ", 19))}},
		{30, []string{strings.Repeat("x", 50), " end", " of it and some more words"}, []string{"say: " + strings.Repeat("x", 24), "say: " + strings.Repeat("x", 24), "say: xx end of it and some"}},
		{30, []string{`{"text":"`, "潮汐随月亮的引力涨落，", "潮汐随月亮的引力涨落，"}, []string{`say: {"text":"潮汐随月亮的引`, "say: 力涨落，潮汐随月亮的引力"}},
		{30, []string{strings.Repeat("e\u0301", 30)}, []string{"say: " + strings.Repeat("e\u0301", 24)}},
		{30, []string{"low tide at " + strings.Repeat("x", 30)}, []string{"say: low tide at", "say: " + strings.Repeat("x", 23)}},
		{30, []string{"größe größe größe größe größe größe\n"}, []string{"say: größe größe größe größe", "say: größe größe"}},
		{0, []string{"a\x1b[2Jb\rc\n"}, []string{"say: a\\u001b[2Jb c"}},
	} {
		var out strings.Builder
		a := &Answers{Out: &out, Columns: func() int { return c.columns }}
		for _, text := range c.pieces {
			a.Piece(pawl.Piece{Key: "say", Attempt: 1, Text: text})
		}
		if want := strings.Join(c.want, "\n") + "\n"; out.String() != want {
			t.Errorf("%q prints\n%swants\n%s", c.pieces, out.String(), want)
		}
	}
}

// The work grows with the answer alone, however it comes and whatever is in it.
func TestLongAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("prints megabytes")
	}
	begun := time.Now()
	for _, text := range []string{strings.Repeat("word ", 4<<20), strings.Repeat("潮汐", 2<<20)} {
		a := &Answers{Out: io.Discard}
		a.Piece(pawl.Piece{Key: "say", Attempt: 1, Text: text, End: true})
	}
	a := &Answers{Out: io.Discard}
	for range 1 << 18 {
		a.Piece(pawl.Piece{Key: "say", Attempt: 1, Text: "潮汐"})
	}
	if d := time.Since(begun); d > 2*time.Minute {
		t.Errorf("took %v", d)
	}
}

// The last line comes with the end, or is flushed; answers that come at once stay apart.
func TestAnswersEnd(t *testing.T) {
	var out strings.Builder
	a := &Answers{Out: &out}
	a.Piece(pawl.Piece{Key: "a", Attempt: 1, Text: "one "})
	a.Piece(pawl.Piece{Key: "b", Attempt: 2, Text: "two "})
	a.Piece(pawl.Piece{Key: "a", Attempt: 1, Text: "three", End: true})
	a.Piece(pawl.Piece{Key: "a", Attempt: 1, End: true})
	a.Flush("b")
	a.Flush("b")
	a.Piece(pawl.Piece{Key: "a", Attempt: 1, Text: "anew\n"})
	if want := "a: one three\nb (attempt 2): two\na: anew\n"; out.String() != want {
		t.Errorf("prints\n%swants\n%s", out.String(), want)
	}
}

// Answers have the lines that are to spare, shared among them; the tree is never
// higher or wider than it may be.
func TestAnswersInTree(t *testing.T) {
	h := newHistory(t)
	h.begin("plan", "Planning")
	h.begin("draft", "Drafting")
	h.tree.Piece(pawl.Piece{Key: "plan", Attempt: 1, Text: "one\ntwo\x1b[2J\n\nthree\n"})
	h.tree.Piece(pawl.Piece{Key: "draft", Attempt: 1, Text: strings.Repeat("low water ", 20_000)})
	for columns := 1; columns < 90; columns += 7 {
		for rows := 1; rows < 40; rows += 3 {
			frame := h.frame(columns, rows)
			if len(frame) > rows {
				t.Fatalf("%d lines in %d", len(frame), rows)
			}
			for _, line := range frame {
				if term.Cells(line) > columns {
					t.Fatalf("%q is wider than %d", line, columns)
				}
			}
		}
	}
	text := strings.Join(h.frame(60, 8), "\n")
	if want := "▸ running  plan      4s  Planning\n           two\\u001b[2J\n           three\n▸ running  draft"; !strings.Contains(text, want) || strings.Count(text, "low water") < 4 {
		t.Errorf("the tree is\n%s", text)
	}
	if n := len(h.frame(60, 40)); n != 4+3+maxAnswerLines {
		t.Errorf("%d lines where there is room", n)
	}

	h.attempt("draft", journal.Attempt{Number: 1, Outcome: pawl.OutcomeRejected, Raw: new("x")})
	h.tree.Piece(pawl.Piece{Key: "plan", Attempt: 2, Text: "anew"})
	h.tree.Piece(pawl.Piece{Key: "plan", Attempt: 1, End: true}) // of another one
	text = strings.Join(h.frame(60, 40), "\n")
	if strings.Contains(text, "low water") || strings.Contains(text, "three") || !strings.Contains(text, "           anew") {
		t.Errorf("the tree is\n%s", text)
	}
	h.tree.Piece(pawl.Piece{Key: "plan", Attempt: 2, End: true})
	h.tree.Piece(pawl.Piece{Key: "draft", Attempt: 2, Text: "once more"})
	h.tree.DropAnswers()
	if text = strings.Join(h.frame(60, 40), "\n"); strings.Contains(text, "           ") {
		t.Errorf("the tree is\n%s", text)
	}
}

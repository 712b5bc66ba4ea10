package view_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

// heard follows a run's events, and hears pieces of answers before those of some
// types: by what they are about, "intent greet". It returns what is shown of them.
func heard(t *testing.T, f fixture, before map[string][]pawl.Piece) (shown []string) {
	t.Helper()
	follower, err := f.Follow(t.Context(), f.id)
	if err != nil {
		t.Fatal(err)
	}
	say := func(p pawl.Piece, ok bool) {
		if text := string(p.Key) + ": " + p.Text; ok && p.End {
			shown = append(shown, text+"(end)")
		} else if ok {
			shown = append(shown, text)
		}
	}
	for ev, err := range follower.Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		about := string(ev.Type) + " " + string(ev.Key)
		for _, p := range before[about] {
			p.Run = f.id
			say(follower.Piece(p))
		}
		delete(before, about)
		say(follower.Passed(ev.Recorded))
	}
	return shown
}

func wantShown(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("shown is\n%s\nwants\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func greets(attempt int, texts ...string) (all []pawl.Piece) {
	for _, text := range texts {
		p := pawl.Piece{Key: "greet", Attempt: attempt, Text: text}
		if text == "." {
			p.Text, p.End = "", true
		}
		all = append(all, p)
	}
	return all
}

// A sensitive answer is not shown while it grows, and what it has taught is hidden in
// others, also where these are ahead of the events and wherever their pieces end.
func TestPiecesAreMasked(t *testing.T) {
	f := started(t, letter)
	wantShown(t, heard(t, f, map[string][]pawl.Piece{
		"attempt draft": {{Key: "draft", Attempt: 1, Text: `{"text":"`}, {Key: "draft", Attempt: 1, Text: "not marked", End: true}},
		"intent greet":  greets(1, "Dear "+pin[:5]),
		"attempt greet": append(greets(1, pin[5:], ", your tok-wal", "nut, "+token+" "+pin[:3], "."), pawl.Piece{Key: "other", Attempt: 1, Text: "never begun"}),
		"blocker send":  greets(1, "too late", "."),
	}), "greet: Dear ", "greet: ***", "greet: , your ", "greet: tok-walnut, *** ", "greet: pin(end)")
}

// Pieces that are all ahead are shown when their attempt begins, and those of an attempt
// that has ended before only if it is that one's.
func TestPiecesAhead(t *testing.T) {
	f := started(t, letter)
	wantShown(t, heard(t, f, map[string][]pawl.Piece{
		"created ":      append(greets(1, "dropped", "."), greets(2, "of the future")...),
		"attempt draft": append(greets(1, "told ", "anew"), greets(1, ".", "once ", "more", ".")...),
	}), "greet: once more(end)")
	wantShown(t, heard(t, f, map[string][]pawl.Piece{
		"attempt greet": greets(1, "gone", ".", "told ", "anew"),
	}), "greet: gone", "greet: (end)", "greet: told ", "greet: anew")
}

// Where nobody knows what is sensitive, nothing is shown.
func TestPiecesOfUnknownFlow(t *testing.T) {
	f := started(t)
	wantShown(t, heard(t, f, map[string][]pawl.Piece{"attempt greet": greets(1, "Dear ", ".")}))
	for flows, want := range map[*[]pawl.Flow]bool{{}: true, {letter}: false} {
		follower, err := view.New(f.engine, f.journal, *flows).Follow(t.Context(), f.id)
		if err != nil || follower.HidesAnswers() != want {
			t.Errorf("hides all answers: %v, %v", follower.HidesAnswers(), err)
		}
	}
}

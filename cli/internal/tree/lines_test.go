package tree

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// A long wait says that nobody need sit through it.
func TestLongWait(t *testing.T) {
	var err strings.Builder
	l := &Lines{Out: &err, Zone: time.UTC, Now: time.Now, Mask: func(s string) string { return s }}
	for wait, want := range map[time.Duration]bool{time.Minute: false, 2 * time.Minute: true} {
		err.Reset()
		now := pawl.At(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
		until := now.Add(wait).Format("2006-01-02T15:04:05.000Z")
		body := `{"number":1,"outcome":"failed","error":{"kind":"rate_limit","message":"slow down"},"retry_at":"` + until + `"}`
		if e := l.Event(pawl.Event{Version: 1, Type: pawl.EventAttempt, Key: "say", At: now, Body: []byte(body)}); e != nil {
			t.Fatal(e)
		}
		if got := strings.Contains(err.String(), "Ctrl-C"); got != want {
			t.Errorf("waiting %s: %s", wait, err.String())
		}
	}
}

// What is worth a line, in words; what had its line is known by the blocker that it
// opened.
func TestLines(t *testing.T) {
	var out strings.Builder
	l := &Lines{Out: &out, Zone: time.UTC, Now: func() time.Time { return time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC) }, Flow: "blog",
		Mask: func(s string) string { return strings.ReplaceAll(s, "secret", "***") }}
	h := &history{t: t, tree: New(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), made: map[string]int{}}
	var events []pawl.Event
	h.seen = func(ev pawl.Event) { events = append(events, ev) }
	h.add(pawl.EventCreated, "", journal.Created{Flow: "blog", Model: "test/one", Input: json.RawMessage("{}")})
	h.add(pawl.EventClaimed, "", journal.Claimed{Epoch: 1})
	h.add(pawl.EventNote, "", journal.Note{Text: "a secret note\x1b[2J"})
	h.begin("draft", "Drafting")
	h.attempt("draft", journal.Attempt{Outcome: pawl.OutcomeRejected, Raw: new("x")})
	h.add(pawl.EventIntent, "draft", journal.Intent{Number: 2, Try: 2, Of: 3, Model: "test/one", Why: "too long"})
	h.add(pawl.EventFailed, "draft", journal.Failed{Error: journal.Failure{Kind: pawl.ErrFlow, Message: "no"}})
	h.add(pawl.EventBlocker, "publish", journal.Blocker{Kind: pawl.BlockerApproval, Question: "publish it?", Who: "anna", Digest: "d"})
	h.add(pawl.EventDirective, "", journal.Directive{What: pawl.DirectCancel, Who: "ben", Text: "wrong topic"})
	h.add(pawl.EventGuidance, "", journal.Guidance{Who: "ben", Text: "for sailors"})
	h.now = h.now.Add(2 * time.Minute)
	h.add(pawl.EventDecision, "publish", journal.Decision{What: pawl.DecideReject, Who: "anna", Reason: "revise", Comment: "dry"})
	for _, ev := range events {
		if err := l.Event(ev); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"[03:04:08] a *** note\\u001b[2J", "[03:04:09] Drafting", "[03:04:11] Attempt 2/3 of draft: too long", "[03:04:12] draft failed: no",
		"[03:04:13] publish waits for anna: publish it?", "[03:04:14] cancel asked for by ben: wrong topic", "[03:04:15] guided by ben: for sailors",
		"[03:06:16] publish: reject by anna (revise) after 2m: dry",
	}
	if got := strings.Split(strings.TrimSpace(out.String()), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, ev := range events {
		if ev.Type != pawl.EventFailed && ev.Type != pawl.EventBlocker {
			continue
		}
		b, err := replay.Opened(ev)
		if err != nil {
			t.Fatal(err)
		}
		if !l.Said.Has(b) {
			t.Errorf("%s of %s had its line", b.Kind, b.Key)
		}
		if b.Digest += "2"; l.Said.Has(b) {
			t.Errorf("another %s of %s had none", b.Kind, b.Key)
		}
	}
}

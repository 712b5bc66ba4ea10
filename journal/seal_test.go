package journal_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func history(t *testing.T) []pawl.Event {
	t.Helper()
	at := pawl.At(time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC))
	events, next, err := journal.Seal(journal.Claim{Run: "0123456789ab", Epoch: 1}, []journal.Draft{
		{Type: pawl.EventCreated, At: at, Body: json.RawMessage(`{"flow":"article"}`)},
		{Type: pawl.EventNote, Key: "sections[3]/write#2", At: pawl.At(at.Add(-time.Hour)), Body: json.RawMessage(`{"text":"<é>"}`)},
		{Type: pawl.EventDone, At: pawl.Time{Time: at.Add(time.Second + 999*time.Microsecond).In(time.FixedZone("", -7200))}, Body: json.RawMessage(`{"output":12345678901234567890}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if last := events[2]; next.Seq != last.Seq || next.Hash != last.Hash || next.At != last.At || next.Run != last.Run || next.Epoch != 1 {
		t.Errorf("claim %+v is not behind %+v", next, last)
	}
	return events
}

// The hashes are what is on disk: they must never come out otherwise.
func TestHashIsStable(t *testing.T) {
	var got []string
	for _, e := range history(t) {
		got = append(got, strings.TrimPrefix(e.Hash, "sha256:")[:16]+" "+string(e.Body))
	}
	want := []string{
		`deddf32a58d0b992 {"flow":"article"}`,
		`a61496db7576d97f {"text":"<é>"}`,
		`c456feba4b91a972 {"output":12345678901234567890}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The bytes under the hash are those that docs/reference/journal.md shows.
func TestHashIsDocumented(t *testing.T) {
	e := history(t)[1]
	bytes := strings.Join([]string{
		"pawl-event-1", history(t)[0].Hash, "1", "0123456789ab", "2", "note", "sections[3]/write#2",
		"2026-03-01T12:00:00.250Z", journal.Digest([]byte(`{"text":"<é>"}`)), "",
	}, "\n")
	if want := journal.Digest([]byte(bytes)); e.Hash != want {
		t.Errorf("hash %s, want %s", e.Hash, want)
	}
}

func TestVerify(t *testing.T) {
	if err := journal.Verify(history(t)); err != nil {
		t.Fatal(err)
	}
	if err := journal.Verify(nil); err != nil {
		t.Errorf("an empty history: %v", err)
	}
	for name, change := range map[string]func([]pawl.Event) []pawl.Event{
		"body":          func(e []pawl.Event) []pawl.Event { e[1].Body = json.RawMessage(`{"text":"<e>"}`); return e },
		"space in body": func(e []pawl.Event) []pawl.Event { e[1].Body = json.RawMessage(`{"text": "<é>"}`); return e },
		"key":           func(e []pawl.Event) []pawl.Event { e[1].Key = "other"; return e },
		"type":          func(e []pawl.Event) []pawl.Event { e[1].Type = pawl.EventFailed; return e },
		"time":          func(e []pawl.Event) []pawl.Event { e[1].At = pawl.At(e[1].At.Add(time.Millisecond)); return e },
		"version":       func(e []pawl.Event) []pawl.Event { e[1].Version = 2; return e },
		"run of one":    func(e []pawl.Event) []pawl.Event { e[1].Run = "other"; return e },
		"run of all":    func(e []pawl.Event) []pawl.Event { e[0].Run, e[1].Run, e[2].Run = "x", "x", "x"; return e },
		"hash":          func(e []pawl.Event) []pawl.Event { e[2].Hash = e[1].Hash; return e },
		"order":         func(e []pawl.Event) []pawl.Event { e[1], e[2] = e[2], e[1]; return e },
		"a gap":         func(e []pawl.Event) []pawl.Event { return slices.Delete(e, 1, 2) },
		"no beginning":  func(e []pawl.Event) []pawl.Event { return e[1:] },
		"renumbered":    func(e []pawl.Event) []pawl.Event { e = slices.Delete(e, 1, 2); e[1].Seq = 2; return e },
		"first not first": func(e []pawl.Event) []pawl.Event {
			e[0].Type = pawl.EventNote
			e[0].Hash = journal.Hash("", e[0])
			return e[:1]
		},
		"newer version": func(e []pawl.Event) []pawl.Event { e[0].Version = 2; e[0].Hash = journal.Hash("", e[0]); return e[:1] },
	} {
		if err := journal.Verify(change(history(t))); err == nil {
			t.Errorf("%s changed: no error", name)
		}
	}
}

func TestDecodeNamesTheEvent(t *testing.T) {
	e := history(t)[1]
	e.Body = json.RawMessage(`{"text":1}`)
	if _, err := journal.Decode[journal.Note](e); err == nil || !strings.Contains(err.Error(), "event 2 of run 0123456789ab") {
		t.Errorf("got %v", err)
	}
}

// Of what looks like a digest only what can be one is taken for it, wherever it stands.
func TestAddDigests(t *testing.T) {
	is := journal.Digest([]byte("x"))
	to := map[string]bool{}
	for _, c := range []string{is[:len(is)-1] + "g", is[:len(is)-1] + "A", is[:len(is)-1], "sha256:" + is} {
		journal.AddDigests(to, []byte(`{"a":"`+c+`"}`))
	}
	if len(to) != 1 || !to[is] {
		t.Errorf("%v", to)
	}
}

package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Transcript is what a run's journal says, without what is another one each time: ids, times,
// hashes, chance and who executes. It has a line for each event, "KEY TYPE BODY", those of
// a step one after the other, and steps by their keys: what is at once comes in any order.
type Transcript []string

// isInterrupted reports whether an event says that a process was closed which executed the run:
// where a run is taken over instead, nobody says so.
func isInterrupted(t *testing.T, ev pawl.Event) bool {
	if ev.Type != pawl.EventReleased {
		return false
	}
	body, err := journal.Decode[journal.Released](ev)
	if err != nil {
		t.Fatal(err)
	}
	return body.Status == pawl.StatusQueued
}

// told is an engine that keeps which runs a scenario begins.
type told struct {
	pawl.Engine
	runs *[]pawl.RunID
}

// Start implements pawl.Engine.
func (e told) Start(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	id, err := e.Engine.Start(ctx, f, input, o)
	if err == nil && !slices.Contains(*e.runs, id) {
		*e.runs = append(*e.runs, id)
	}
	return id, err
}

// transcripts are those of all runs that a scenario began, in their order.
func transcripts(t *testing.T, e pawl.Engine, runs []pawl.RunID) []Transcript {
	var all []Transcript
	for _, id := range runs {
		events := written(t, e, id)
		var lines Transcript
		for _, ev := range events {
			if !isInterrupted(t, ev) && !isByChance(events, ev) {
				lines = append(lines, line(t, ev, runs))
			}
		}
		slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(keyOf(a), keyOf(b)) })
		all = append(all, lines)
	}
	return all
}

// written are the events of a run so far.
func written(t *testing.T, e pawl.Engine, id pawl.RunID) (events []pawl.Event) {
	last := Status(t, e, id).LastSeq
	for ev, err := range e.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if events = append(events, ev); ev.Seq >= last {
			break
		}
	}
	return events
}

// isByChance reports whether an event is of the attempts of a step that was refused for the rate of
// calls: how many count depends on when others are answered, and when they are made on chance.
func isByChance(events []pawl.Event, ev pawl.Event) bool {
	if ev.Type != pawl.EventIntent && ev.Type != pawl.EventAttempt {
		return false
	}
	return slices.ContainsFunc(events, func(at pawl.Event) bool {
		return at.Key == ev.Key && at.Type == pawl.EventAttempt && strings.Contains(string(at.Body), `"kind":"rate_limit"`)
	})
}

func keyOf(line string) string {
	key, _, _ := strings.Cut(line, " ")
	return key
}

// varies are the members of bodies that are others each time.
var varies = []string{"seed", "secret_digest", "secret", "by", "program", "salt", "stack"}

var (
	times   = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)
	tokens  = regexp.MustCompile(`RUN-(\d+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]{22}`)
	digests = regexp.MustCompile(`"(sha256:[0-9a-f]{64}|[0-9a-f]{16})"`)
)

// line is an event without what varies.
func line(t *testing.T, ev pawl.Event, runs []pawl.RunID) string {
	var body any
	if err := json.Unmarshal(ev.Body, &body); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(without(body))
	if err != nil {
		t.Fatal(err)
	}
	said := times.ReplaceAllString(fmt.Sprintf("%s %s %s", ev.Key, ev.Type, text), "TIME")
	for n, id := range runs {
		said = strings.ReplaceAll(said, string(id), fmt.Sprintf("RUN-%d", n+1))
	}
	if signed := tokens.ReplaceAllString(said, "RUN-$1.$2.SIGNED"); signed != said || strings.Contains(said, `"purpose":"Register"`) {
		said = digests.ReplaceAllString(signed, `"DIGEST"`) // of a callback's address
	}
	return said
}

func without(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range varies {
			delete(v, name)
		}
		for name := range v {
			v[name] = without(v[name])
		}
	case []any:
		for i := range v {
			v[i] = without(v[i])
		}
	}
	return v
}

// busy are scenarios in which people decide while the run is executed: in real time it rests on its
// way as often as it happens to.
var busy = []string{"places are for work"}

// withoutRests leaves out when runs were executed and rested.
func withoutRests(runs []Transcript) []Transcript {
	for i, lines := range runs {
		runs[i] = slices.DeleteFunc(lines, func(line string) bool {
			return strings.HasPrefix(line, " "+string(pawl.EventClaimed)+" ") || strings.HasPrefix(line, " "+string(pawl.EventReleased)+" ")
		})
	}
	return runs
}

// compare compares what the journals of two fillings say.
func compare(t *testing.T, beside, said []Transcript) {
	t.Helper()
	if len(beside) != len(said) {
		t.Fatalf("%d runs, and %d beside", len(said), len(beside))
	}
	for run := range said {
		a, b := beside[run], said[run]
		for i := range max(len(a), len(b)) {
			if i == len(a) || i == len(b) || a[i] != b[i] {
				t.Errorf("run %d says\n%s\nand beside it\n%s", run+1, at(b, i), at(a, i))
				break
			}
		}
	}
}

func at(lines Transcript, i int) string {
	if i == len(lines) {
		return "nothing more"
	}
	return lines[i]
}

package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// inputSeeds are documents for wideFlow, good ones and bad ones.
var inputSeeds = []string{
	`{"model":"T","words":["a"],"prices":{"x":9007199254740993},"deep":{"N":1}}`,
	`{"model":"T","json":null,"size":"huge","words":[],"prices":{"x":"y"},"hidden":1.5,"deep":{"M":1}}`,
	"\ufeff{\"model\":\"a\",\"model\":\"b\",\"words\":[\"\\ud800\"]}",
	`{"model":"T","words":["a"],"prices":{},"deep":{"N":1e2}} x`, `[]`, `null`, `{`, ``, "\xff", `{"":{}}`, `{"prices":{"a.b[0]":"x","":1}}`,
}

// clean checks that a complaint is one that people can read.
func clean(t *testing.T, err error) {
	t.Helper()
	var e *pawl.Error
	if !errors.As(err, &e) || e.Kind != pawl.ErrInput || strings.TrimSpace(e.Message) == "" {
		t.Fatalf("refused with %#v, wants ErrInput and why", err)
	}
}

// Whatever a batch's inputs hold, every line that is not empty is one that the
// flow takes, with an id of its own, or the batch is refused.
func FuzzBatchLines(f *testing.F) {
	f.Add([]byte(strings.Join(inputSeeds, "\n")))
	f.Add([]byte(inputSeeds[0] + "\r\n\n" + inputSeeds[0] + "\n \t\n" + inputSeeds[0]))
	f.Add([]byte("\ufeff\n\n"))
	flow := wideFlow()
	f.Fuzz(func(t *testing.T, text []byte) {
		a := newApp(world{stdin: bytes.NewReader(text), getenv: func(string) string { return "" }}, Program{})
		lines, err := a.batchLines(flow, "results.jsonl", "-")
		if err != nil {
			clean(t, err)
			return
		}
		want := 0
		for line := range strings.SplitSeq(strings.TrimPrefix(string(text), "\ufeff"), "\n") {
			if strings.TrimSpace(line) != "" {
				want++
			}
		}
		runs := map[pawl.RunID]bool{}
		for _, l := range lines {
			runs[l.run] = true
			if !l.run.Valid() {
				t.Errorf("line %d has run id %q", l.n, l.run)
			}
			if again, err := flow.CheckInput(l.input); err != nil || !bytes.Equal(again, l.input) {
				t.Errorf("line %d: %s\nbecame %s, %v", l.n, l.input, again, err)
			}
		}
		if len(lines) != want || len(runs) != want {
			t.Fatalf("%d lines and %d runs, wants %d", len(lines), len(runs), want)
		}
	})
}
